import { z } from 'zod';
import { RHYTHMS } from './legend.ts';

export const LAMPS = ['power', 'filter', 'internet', 'check', 'override'] as const;
export const LampName = z.enum(LAMPS);
export type LampName = z.infer<typeof LampName>;

export const LampColour = z.enum(['dark', 'white', 'green', 'amber', 'red']);
export type LampColour = z.infer<typeof LampColour>;

export const Rhythm = z.enum(Object.keys(RHYTHMS) as [keyof typeof RHYTHMS, ...(keyof typeof RHYTHMS)[]]);
export type Rhythm = z.infer<typeof Rhythm>;

/** What one lamp is to show. */
export const LampShow = z.object({ colour: LampColour, rhythm: Rhythm });
export type LampShow = z.infer<typeof LampShow>;
