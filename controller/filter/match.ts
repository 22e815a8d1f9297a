import { high, low, mixA, mixB, SEED_A, SEED_B } from './fingerprint.ts';
import type { NameView } from './name-view.ts';
import { findSet, SET_WORDS, type Table } from './table.ts';

/** Words of a set in the index of lists: category masks. */
export const SET_BLOCKS = 0;
/** Blocks the name itself and not the names below it. */
export const SET_BLOCKS_EXACTLY = 1;
/** The list's own exceptions: names at and below it are taken out of the category. */
export const SET_EXCEPTS = 2;

/** Words of a set in the overlay: own rules (masks of profiles) and names answered by rule. */
export const RULE_NEVER_BLOCK = 0;
export const RULE_BLOCK = 1;
export const RULE_ALLOW = 2;
/** Bits 0-7 the special name's number, 8-15 the safe search rule of exactly this name, 16-23 the one of all below too. */
export const RULE_SPECIAL = 3;
export const EXACTLY_SHIFT = 8;
export const BELOW_SHIFT = 16;

/**
 * All that the tables say of one name: filled in one pass, decided on later. One is made a worker and filled again
 * for each question.
 */
export interface Match {
  /** Categories whose lists hold the name or a parent. */
  categories: number;
  neverBlock: boolean;
  /** Profiles for which an own rule blocks the name. */
  ownBlock: number;
  ownAllow: number;
  /** The number of a special name (see special-names.ts); 0 for none. */
  special: number;
  /** The safe search rule for the name (see safe-search.ts); 0 for none. */
  safeSearch: number;
  /** Fingerprint of the whole name, for caches: 32 and 16 bits. */
  high: number;
  low: number;
}

export function createMatch(): Match {
  return {
    categories: 0,
    neverBlock: false,
    ownBlock: 0,
    ownAllow: 0,
    special: 0,
    safeSearch: 0,
    high: 0,
    low: 0,
  };
}

/**
 * Looks `name` and each of its parents up in both tables, from the right, in one pass over the octets.
 * The more specific entry wins within a category: an exception below a blocked name lifts it, and the other way round.
 * On the path of every packet, so longer than most functions: its calls are inlined by the engine, its state is locals.
 */
export function matchName(index: Table, overlay: Table, name: NameView, match: Match): void {
  const { octets, starts } = name;
  let a = SEED_A;
  let b = SEED_B;
  let end = name.end;
  let categories = 0;
  let exactly = 0;
  let rules = 0;
  match.neverBlock = false;
  match.ownBlock = 0;
  match.ownAllow = 0;
  match.special = 0;
  match.safeSearch = 0;
  match.high = 0;
  match.low = 0;
  for (let label = name.labels - 1; label >= 0; label--) {
    const start = starts[label] as number;
    for (let at = end - 1; at > start; at--) {
      const octet = octets[at] as number;
      const lower = octet >= 65 && octet <= 90 ? octet | 32 : octet;
      a = mixA(a, lower);
      b = mixB(b, lower);
    }
    a = mixA(a, octets[start] as number);
    b = mixB(b, octets[start] as number);
    end = start;
    const hi = high(a, b);
    const lo = low(a, b);
    exactly = 0;
    const set = findSet(index, hi, lo) * SET_WORDS;
    if (set !== 0) {
      categories =
        (categories & ~(index.sets[set + SET_EXCEPTS] as number)) | (index.sets[set + SET_BLOCKS] as number);
      exactly = index.sets[set + SET_BLOCKS_EXACTLY] as number;
    }
    rules = findSet(overlay, hi, lo) * SET_WORDS;
    if (rules !== 0) addRules(overlay.sets, rules, match);
    match.high = hi;
    match.low = lo;
  }
  match.categories = categories | exactly;
  if (rules !== 0) addExactly(overlay.sets, rules, match);
}

function addRules(sets: Int32Array, at: number, match: Match): void {
  if (sets[at + RULE_NEVER_BLOCK] !== 0) match.neverBlock = true;
  match.ownBlock |= sets[at + RULE_BLOCK] as number;
  match.ownAllow |= sets[at + RULE_ALLOW] as number;
  const answers = sets[at + RULE_SPECIAL] as number;
  if ((answers & 0xff) !== 0) match.special = answers & 0xff;
  if (answers >>> BELOW_SHIFT !== 0) match.safeSearch = answers >>> BELOW_SHIFT;
}

/** What the set at `at`, that of the whole name, says of this name alone. */
function addExactly(sets: Int32Array, at: number, match: Match): void {
  const rule = ((sets[at + RULE_SPECIAL] as number) >>> EXACTLY_SHIFT) & 0xff;
  if (rule !== 0) match.safeSearch = rule;
}
