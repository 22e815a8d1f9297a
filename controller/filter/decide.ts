import { CATEGORY_IDS, type Category } from '#contract/categories.ts';
import { TIERS, type Tier, type Verdict } from '#contract/verdict.ts';
import type { Match } from './match.ts';
import { RULE_WITHOUT_SAFE_SEARCH, RULE_YOUTUBE, SAFE_SEARCH_TARGETS } from './safe-search.ts';

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
  /** Whether search engines are held to safe search. */
  readonly safeSearch: boolean;
  /** The safe search target of YouTube's names; 0 for none. */
  readonly youtube: number;
}

/**
 * A verdict as one small integer, so that deciding allocates nothing:
 * bits 0-3 tier, bit 4 blocked, bits 8-12 category's bit number + 1 (0: none), bits 16-20 the number of the safe
 * search target that the name is rewritten to (0: none).
 */
export type VerdictCode = number;
const BLOCKED = 16;
const TARGET_SHIFT = 16;

/**
 * May a client of this profile resolve the name now? The first tier that has something to say decides:
 * locked core > never-block > lockdown > own block > own allow > safe search > relaxation > category > default.
 * A name that nothing blocks is rewritten when safe search says so, unless an own rule allows it: to rewrite is not to
 * block, so neither the never-block list nor a relaxation lifts it.
 * @param nowMs milliseconds since 1970
 */
export function decide(match: Match, policy: ProfilePolicy, nowMs: number): VerdictCode {
  const locked = match.categories & policy.locked;
  if (locked !== 0) return code('locked-core', true, locked);
  const held = match.categories & policy.blocked;
  const rule = match.safeSearch === 0 ? 0 : safeSearchRule(match.safeSearch, policy);
  if (match.neverBlock) return allowed('never-block', held, rule);
  if (nowMs < policy.lockdownUntil) return code('lockdown', true, held);
  if ((match.ownBlock & policy.bit) !== 0) return code('own-block', true, held);
  if ((match.ownAllow & policy.bit) !== 0) return code('own-allow', false, held);
  if (rule === RULE_WITHOUT_SAFE_SEARCH) return code('safe-search', true, held);
  if (held === 0) return allowed('default', 0, rule);
  const left = nowMs < policy.relaxedUntil ? held & ~policy.relaxed : held;
  return left === 0 ? allowed('relaxation', held, rule) : code('category', true, left);
}

/** @returns what the rule means for this profile: a target's number, `RULE_WITHOUT_SAFE_SEARCH`, or 0 */
function safeSearchRule(rule: number, policy: ProfilePolicy): number {
  if (rule === RULE_YOUTUBE) return policy.youtube;
  return policy.safeSearch ? rule : 0;
}

/** Allowed by `tier`, or rewritten when the rule names a target. */
function allowed(tier: Tier, held: number, rule: number): VerdictCode {
  if (rule === 0 || rule === RULE_WITHOUT_SAFE_SEARCH) return code(tier, false, held);
  return code('safe-search', false, held) | (rule << TARGET_SHIFT);
}

const TIER_NUMBERS = Object.fromEntries(TIERS.map((tier, number) => [tier, number])) as Record<Tier, number>;

function code(tier: Tier, blocked: boolean, categories: number): VerdictCode {
  const first = categories === 0 ? 0 : 32 - Math.clz32(categories & -categories);
  return TIER_NUMBERS[tier] | (blocked ? BLOCKED : 0) | (first << 8);
}

export function isBlocked(verdict: VerdictCode): boolean {
  return (verdict & BLOCKED) !== 0;
}

/** The number of the safe search target that the name is rewritten to (see safe-search.ts); 0 for none. */
export function targetOf(verdict: VerdictCode): number {
  return verdict >>> TARGET_SHIFT;
}

export function tierOf(verdict: VerdictCode): Tier {
  return TIERS[verdict & 15] as Tier;
}

/** The gravest category that the verdict is about. */
export function categoryOf(verdict: VerdictCode): Category | undefined {
  return CATEGORY_IDS[((verdict >>> 8) & 0xff) - 1];
}

/** The verdict as a value, where speed does not matter. */
export function verdictOf(verdict: VerdictCode): Verdict {
  const category = categoryOf(verdict);
  const rewrittenTo = SAFE_SEARCH_TARGETS[targetOf(verdict) - 1];
  return {
    kind: isBlocked(verdict) ? 'blocked' : 'allowed',
    tier: tierOf(verdict),
    ...(category ? { category } : {}),
    ...(rewrittenTo ? { rewrittenTo } : {}),
  };
}
