import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileList } from '#blocklists/compile-list.ts';
import { createGatherer } from '#blocklists/gather.ts';
import { createLint } from '#blocklists/lint.ts';
import { mergeLists } from '#blocklists/merge.ts';
import { composeNames, type NameList, NamesUnreadable, openNames } from '#blocklists/names-file.ts';
import { readList } from '#blocklists/read-list.ts';
import { sortNames } from '#blocklists/sort.ts';
import { CATEGORY_IDS, type Category, categoryBit } from '#contract/categories.ts';
import { findSet, openTable } from '#filter/table.ts';
import { categoriesOf, namesIn } from './a-box.ts';

async function listOf(text: string): Promise<NameList> {
  const gatherer = createGatherer(createLint([]));
  await readList([Buffer.from(text)], 'adblock', gatherer);
  return compileList(gatherer.gathered());
}

const facts = { lists: 1, builtAt: 1_700_000_000 };
const anEntry = fc.record({
  name: fc
    .array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 3 })
    .map((labels) => `${labels.join('.')}.x.test`),
  form: fc.constantFrom('block', 'exact', 'except'),
});
const RULE_FORMS = { block: '||', exact: '|', except: '@@||' } as const;
type Entry = { readonly name: string; readonly form: keyof typeof RULE_FORMS };

/** What one list says of `name`, worked out from its rules as people read them. */
function blocks(entries: readonly Entry[], name: string): boolean {
  const forms = (at: string) => new Set(entries.filter((entry) => entry.name === at).map(({ form }) => form));
  const labels = name.split('.');
  let blocked = false;
  for (let i = labels.length - 1; i >= 0; i--) {
    const said = forms(labels.slice(i).join('.'));
    if (said.has('except')) blocked = false;
    else if (said.has('block') || (i === 0 && said.has('exact'))) blocked = true;
  }
  return blocked;
}

describe('merging', () => {
  test('blocks a name in a category exactly when some list of it does', async () => {
    const aList = fc.record({
      category: fc.constantFrom<Category>('gambling', 'drugs'),
      entries: fc.array(anEntry, { maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(aList, { maxLength: 4 }), anEntry, async (lists, { name }) => {
        const compiled = await Promise.all(
          lists.map(async ({ category, entries }) => ({
            category,
            names: await listOf(entries.map((entry) => `${RULE_FORMS[entry.form]}${entry.name}^`).join('\n')),
          })),
        );
        const expected = lists
          .filter(({ entries }) => blocks(entries, name))
          .reduce((mask, { category }) => mask | categoryBit(category), 0);
        expect(categoriesOf(mergeLists(compiled, facts), name)).toBe(expected);
      }),
      { numRuns: 400 },
    );
  });

  test('keeps every category apart, and the same list twice is as good as once', async () => {
    const lists = await Promise.all(
      CATEGORY_IDS.map(async (category) => ({
        category,
        names: await listOf(`||${category}.test^\n||all.test^`),
      })),
    );
    const once = mergeLists(lists, facts);
    const twice = mergeLists([...lists, ...lists], facts);
    expect(namesIn(once)).toBe(CATEGORY_IDS.length + 1);
    expect(new Uint8Array(twice)).toEqual(new Uint8Array(once));
    for (const category of CATEGORY_IDS)
      expect(categoriesOf(once, `w.${category}.test`)).toBe(categoryBit(category));
    expect(categoriesOf(once, 'all.test')).toBe(2 ** CATEGORY_IDS.length - 1);
  });

  test('keeps names apart that share most of their fingerprint', () => {
    const aRow = fc.record({ high: fc.nat(2), low: fc.nat(4) });
    fc.assert(
      fc.property(fc.array(fc.array(aRow, { maxLength: 8 }), { maxLength: 5 }), (lists) => {
        const keyOf = (row: { high: number; low: number }) => row.high * 0x10000 + row.low;
        const compiled = lists.map((rows) => {
          const keys = [...new Set(rows.map(keyOf))].sort((x, y) => x - y);
          const names: NameList = {
            high: Uint32Array.from(keys, (key) => Math.floor(key / 0x10000)),
            low: Uint16Array.from(keys, (key) => key % 0x10000),
            kind: new Uint8Array(keys.length).fill(1),
            exceptions: [],
          };
          return { category: 'games' as const, names };
        });
        const table = openTable(mergeLists(compiled, facts));
        expect(table.names).toBe(new Set(lists.flat().map(keyOf)).size);
        for (const { high, low } of lists.flat()) expect(findSet(table, high, low)).toBe(1);
      }),
    );
  });

  test('of nothing is an index without names', () => {
    expect(namesIn(mergeLists([], facts))).toBe(0);
  });
});

test('sorting orders by fingerprint and keeps what comes alike in its order', () => {
  const row = fc.tuple(fc.oneof(fc.nat(3), fc.nat(0xffff_ffff)), fc.oneof(fc.nat(3), fc.nat(0xffff)));
  fc.assert(
    fc.property(fc.array(row, { maxLength: 300 }), (rows) => {
      const columns = {
        high: Uint32Array.from(rows, ([high]) => high),
        rest: Uint32Array.from(rows, ([, low], i) => (low << 16) | i),
      };
      sortNames(columns);
      const expected = rows
        .map(([high, low], i) => [high, low, i] as const)
        .sort((x, y) => x[0] - y[0] || x[1] - y[1] || x[2] - y[2]);
      expect(
        [...columns.high].map((high, i) => [high, columns.rest[i]! >>> 16, columns.rest[i]! & 0xffff]),
      ).toEqual(expected);
    }),
  );
});

describe('a file of names', () => {
  const source = 'ab'.repeat(32);

  test('opens as it was composed', async () => {
    const list = await listOf('||a.test^\n|b.test^\n@@||c.a.test^');
    const { parts } = composeNames(list, source);
    const { header, list: opened } = openNames(Buffer.concat(parts));
    expect(opened).toEqual(list);
    expect(header).toMatchObject({ count: 3, blocking: 2, source });
  });

  test('is refused when cut short anywhere or when any octet is another', async () => {
    const whole = Buffer.concat(
      composeNames(await listOf('||a.test^\n||b.test^\n@@||c.a.test^'), source).parts,
    );
    for (let length = 0; length < whole.length; length++)
      expect(() => openNames(whole.subarray(0, length)), `${length} octets`).toThrow(NamesUnreadable);
    for (let at = 96; at < whole.length; at++) {
      const torn = Buffer.from(whole);
      torn.writeUInt8(torn.readUInt8(at) ^ 1, at);
      expect(() => openNames(torn), `octet ${at}`).toThrow(NamesUnreadable);
    }
  });
});
