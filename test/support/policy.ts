import type { Category } from '#contract/categories.ts';
import { categoryBit } from '#contract/categories.ts';
import { PROFILES, type ProfileId } from '#contract/profiles.ts';
import { type ProfileSettings, SEARCH_DEFAULTS, type Settings } from '#contract/settings.ts';
import { fingerprintOf } from '#filter/fingerprint.ts';
import { composeTable } from '#filter/table.ts';

/** Settings as a provider might have them, with what a test is about put in. */
export function someSettings(parts: Partial<Settings> = {}): Settings {
  return {
    provider: { name: 'Example Training' },
    networks: [],
    profiles: profilesWith({}),
    neverBlock: [],
    lists: [],
    upstreams: ['udp://127.0.0.1:1'],
    check: { controls: ['control.test'], dueWeekday: 1 },
    override: { unplanned: true, minutes: 15, categories: ['gambling'], profile: 'learner' },
    ...parts,
  };
}

/** Each profile as it is by default, but for `changes`. */
export function profilesWith(
  changes: Partial<Record<ProfileId, Partial<ProfileSettings>>>,
): Settings['profiles'] {
  const profiles = PROFILES.map((id) => [
    id,
    { categories: {}, block: [], allow: [], blockedAnswer: 'page', ...SEARCH_DEFAULTS[id], ...changes[id] },
  ]);
  return Object.fromEntries(profiles) as Settings['profiles'];
}

/** An index that holds each name under its category, as the compiler would make it. */
export function indexOf(names: Iterable<readonly [name: string, category: Category]>): SharedArrayBuffer {
  const sets = new Map<Category, number>();
  const words: number[] = [];
  const rows = [...names].map(([name, category]) => {
    const set = sets.get(category) ?? sets.size + 1;
    if (!sets.has(category)) words.push(categoryBit(category), 0, 0, 0);
    sets.set(category, set);
    return { ...fingerprintOf(name), set };
  });
  rows.sort((x, y) => x.high - y.high || x.low - y.low);
  const sorted = {
    count: rows.length,
    high: Uint32Array.from(rows, (row) => row.high),
    low: Uint16Array.from(rows, (row) => row.low),
    set: Uint16Array.from(rows, (row) => row.set),
  };
  return composeTable(sorted, Int32Array.from(words), { lists: sets.size, builtAt: 0 });
}
