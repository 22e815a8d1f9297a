import { z } from 'zod';
import { Category } from './categories.ts';
import { ProfileId } from './profiles.ts';

const InForce = {
  profiles: z.array(ProfileId).min(1),
  startedAt: z.iso.datetime(),
  /** It ends by itself here, whatever else happens. */
  until: z.iso.datetime(),
};

/** What stands beside the policy for a while: nothing, a relaxation nobody planned, or a lockdown. */
export const Override = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('unplanned'), ...InForce, categories: z.array(Category).min(1) }),
  z.object({ kind: z.literal('lockdown'), ...InForce }),
]);
export type Override = z.infer<typeof Override>;

/** Which press it was: the boot of paneld and the sequence within it. */
export const PressId = z.object({ boot: z.string(), sequence: z.int().min(1) });
export type PressId = z.infer<typeof PressId>;

/** The body of the ledger's `override.started`. */
export const OverrideStarted = z.object({
  override: z.discriminatedUnion('kind', [Override.options[1], Override.options[2]]),
  press: PressId.optional(),
});
