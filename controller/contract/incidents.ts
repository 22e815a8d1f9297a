import { z } from 'zod';
import { Category } from './categories.ts';
import { ProfileId } from './profiles.ts';

/** The four Cs of online risk (KCSIE), and `system` for faults of the filter itself. */
export const FOUR_CS = ['content', 'contact', 'conduct', 'commerce', 'system'] as const;
export const FourC = z.enum(FOUR_CS);
export type FourC = z.infer<typeof FourC>;

export const Severity = z.int().min(1).max(4);

/** Blocked attempts of one device in one category close together in time: something a person should look at once. */
export const Alert = z.object({
  id: z.string(),
  device: z.string(),
  profile: ProfileId,
  category: Category,
  firstAt: z.iso.datetime(),
  lastAt: z.iso.datetime(),
  attempts: z.int(),
  /** At most 10 of the names asked for. */
  names: z.array(z.string()),
  state: z.enum(['open', 'incident', 'false-positive']),
});
export type Alert = z.infer<typeof Alert>;

/** A person's decision on an alert. The summary holds no names and no description of images. */
export const Triage = z.discriminatedUnion('decision', [
  z.strictObject({
    decision: z.literal('incident'),
    fourC: FourC,
    severity: Severity,
    summary: z.string().trim().min(3).max(280),
  }),
  z.strictObject({ decision: z.literal('false-positive'), why: z.string().trim().min(3).max(280) }),
]);
export type Triage = z.infer<typeof Triage>;

/** Figures of one ISO week. `deviceDays` counts distinct devices a day with a blocked attempt. */
export const WeekCounts = z.object({
  week: z.string(),
  incidents: z.record(FourC, z.int()),
  alerts: z.int(),
  open: z.int(),
  falsePositives: z.int(),
  deviceDays: z.int(),
});
export type WeekCounts = z.infer<typeof WeekCounts>;

export const IncidentCounts = z.object({ weeks: z.array(WeekCounts) });
export type IncidentCounts = z.infer<typeof IncidentCounts>;

/** The body of the ledger's `incident.opened`. What a person wrote stands beside it, as a personal value. */
export const IncidentOpened = z.looseObject({ alert: z.string(), fourC: FourC, severity: Severity });
export type IncidentOpened = z.infer<typeof IncidentOpened>;
