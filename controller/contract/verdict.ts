import { z } from 'zod';
import { Category } from './categories.ts';
import { ProfileId } from './profiles.ts';

/**
 * The tiers of policy, the strongest first. The first tier that has something to say decides.
 * `special` stands before them all: names that are answered by rule and never looked up in a list.
 */
export const TIERS = [
  'special',
  'locked-core',
  'never-block',
  'lockdown',
  'own-block',
  'own-allow',
  'safe-search',
  'relaxation',
  'category',
  'default',
] as const;
export const Tier = z.enum(TIERS);
export type Tier = z.infer<typeof Tier>;

/** What the filter says of one name for one profile. */
export const Verdict = z.object({
  kind: z.enum(['blocked', 'allowed']),
  tier: Tier,
  /** The category that blocked, or that would have without the deciding tier. */
  category: Category.optional(),
  /** The rule's or list entry's own name: the suffix of the question that matched. */
  matched: z.string().optional(),
  /** The name whose addresses are given in its place, for safe search; only of an allowed name. */
  rewrittenTo: z.string().optional(),
});
export type Verdict = z.infer<typeof Verdict>;

/** The whole reason, for people: from `GET /api/explain` and `gatehouse explain`. */
export const Explanation = z.object({
  name: z.string(),
  profile: ProfileId,
  at: z.iso.datetime(),
  verdict: Verdict,
  /** Every list that holds the name or a parent of it. */
  lists: z.array(z.object({ id: z.string(), name: z.string(), category: Category, matched: z.string() })),
  /** One plain sentence. */
  because: z.string(),
  /** What a person with the right could do to change it; empty when nothing can. */
  wouldChange: z.array(z.string()),
});
export type Explanation = z.infer<typeof Explanation>;
