import { CATEGORY_IDS, type Category } from '#contract/categories.ts';
import { TIERS, type Tier, type Verdict } from '#contract/verdict.ts';
import type { Match } from './match.ts';

/** What one profile may and may not have: masks of categories (`categoryBit`), ready for a packet. */
export interface ProfilePolicy {
  /** This profile's bit in the overlay's masks of profiles. */
  readonly bit: number;
  /** The locked core: nothing lifts it. */
  readonly locked: number;
  /** Blocked categories, the locked ones among them. */
  readonly blocked: number;
  /** Categories relaxed until `relaxedUntil` (milliseconds since 1970; 0 for none). */
  readonly relaxed: number;
  readonly relaxedUntil: number;
  /** Until then only the never-block list is answered (milliseconds since 1970; 0 for none). */
  readonly lockdownUntil: number;
}

/**
 * A verdict as one small integer, so that deciding allocates nothing:
 * bits 0-3 tier, bit 4 blocked, bits 8-12 category's bit number + 1 (0: none).
 */
export type VerdictCode = number;
const BLOCKED = 16;

/**
 * May a client of this profile resolve the name now? The first tier that has something to say decides:
 * locked core > never-block > lockdown > own block > own allow > relaxation > category > default.
 * @param nowMs milliseconds since 1970
 */
export function decide(match: Match, policy: ProfilePolicy, nowMs: number): VerdictCode {
  const locked = match.categories & policy.locked;
  if (locked !== 0) return code('locked-core', true, locked);
  const held = match.categories & policy.blocked;
  if (match.neverBlock) return code('never-block', false, held);
  if (nowMs < policy.lockdownUntil) return code('lockdown', true, held);
  if ((match.ownBlock & policy.bit) !== 0) return code('own-block', true, held);
  if ((match.ownAllow & policy.bit) !== 0) return code('own-allow', false, held);
  if (held === 0) return code('default', false, 0);
  const left = nowMs < policy.relaxedUntil ? held & ~policy.relaxed : held;
  return left === 0 ? code('relaxation', false, held) : code('category', true, left);
}

const TIER_NUMBERS = Object.fromEntries(TIERS.map((tier, number) => [tier, number])) as Record<Tier, number>;

function code(tier: Tier, blocked: boolean, categories: number): VerdictCode {
  const first = categories === 0 ? 0 : 32 - Math.clz32(categories & -categories);
  return TIER_NUMBERS[tier] | (blocked ? BLOCKED : 0) | (first << 8);
}

export function isBlocked(verdict: VerdictCode): boolean {
  return (verdict & BLOCKED) !== 0;
}

export function tierOf(verdict: VerdictCode): Tier {
  return TIERS[verdict & 15] as Tier;
}

/** The gravest category that the verdict is about. */
export function categoryOf(verdict: VerdictCode): Category | undefined {
  return CATEGORY_IDS[(verdict >>> 8) - 1];
}

/** The verdict as a value, where speed does not matter. */
export function verdictOf(verdict: VerdictCode): Verdict {
  const category = categoryOf(verdict);
  return {
    kind: isBlocked(verdict) ? 'blocked' : 'allowed',
    tier: tierOf(verdict),
    ...(category ? { category } : {}),
  };
}
