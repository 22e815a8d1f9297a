import { PROFILES } from '#contract/profiles.ts';
import type { Settings } from '#contract/settings.ts';
import { fingerprintOf } from './fingerprint.ts';
import {
  BELOW_SHIFT,
  EXACTLY_SHIFT,
  RULE_ALLOW,
  RULE_BLOCK,
  RULE_NEVER_BLOCK,
  RULE_SPECIAL,
} from './match.ts';
import { RULE_WITHOUT_SAFE_SEARCH, SAFE_SEARCH_NAMES, WITHOUT_SAFE_SEARCH } from './safe-search.ts';
import { SPECIAL, SPECIAL_NAMES } from './special-names.ts';
import { composeTable, MAX_SETS, SET_WORDS } from './table.ts';

/** More own rules of different kinds than an overlay can hold apart. */
export class OverlayTooLarge extends Error {
  constructor(sets: number) {
    super(`own rules make ${sets} different combinations, at most ${MAX_SETS} fit`);
    this.name = 'OverlayTooLarge';
  }
}

/** Compiles own rules, special names and safe search: small, so that a new rule is in force at once and the index stays as it is. */
export function compileOverlay(settings: Pick<Settings, 'profiles' | 'neverBlock'>): SharedArrayBuffer {
  const rules = gatherRules(settings);
  const sets = new Map<string, number>();
  const words: number[] = [];
  const rows = [...rules].map(([name, rule]) => {
    const key = rule.join();
    let set = sets.get(key);
    if (set === undefined) {
      set = sets.size + 1;
      sets.set(key, set);
      words.push(...rule);
    }
    return { ...fingerprintOf(name), set };
  });
  if (sets.size > MAX_SETS) throw new OverlayTooLarge(sets.size);
  rows.sort((x, y) => x.high - y.high || x.low - y.low);
  const sorted = {
    count: rows.length,
    high: Uint32Array.from(rows, (row) => row.high),
    low: Uint16Array.from(rows, (row) => row.low),
    set: Uint16Array.from(rows, (row) => row.set),
  };
  return composeTable(sorted, Int32Array.from(words), { lists: 0, builtAt: 0 });
}

type Rule = [neverBlock: number, block: number, allow: number, special: number];

function gatherRules(settings: Pick<Settings, 'profiles' | 'neverBlock'>): Map<string, Rule> {
  const rules = new Map<string, Rule>();
  const add = (name: string, word: number, bits: number) => {
    const rule = rules.get(name) ?? (new Array(SET_WORDS).fill(0) as Rule);
    rule[word] = (rule[word] as number) | bits;
    rules.set(name, rule);
  };
  for (const [name, special] of SPECIAL_NAMES) add(name, RULE_SPECIAL, SPECIAL[special]);
  for (const [name, rule] of SAFE_SEARCH_NAMES) add(name, RULE_SPECIAL, rule << EXACTLY_SHIFT);
  for (const name of WITHOUT_SAFE_SEARCH) add(name, RULE_SPECIAL, RULE_WITHOUT_SAFE_SEARCH << BELOW_SHIFT);
  for (const { name } of settings.neverBlock) add(name, RULE_NEVER_BLOCK, 1);
  PROFILES.forEach((profile, number) => {
    for (const { name } of settings.profiles[profile].block) add(name, RULE_BLOCK, 1 << number);
    for (const { name } of settings.profiles[profile].allow) add(name, RULE_ALLOW, 1 << number);
  });
  return rules;
}
