import { z } from 'zod';

/** The profiles a device can be in, the strictest first: a device that cannot be placed gets the first one. */
export const PROFILES = ['learner', 'guest', 'staff'] as const;
export const ProfileId = z.enum(PROFILES);
export type ProfileId = z.infer<typeof ProfileId>;
