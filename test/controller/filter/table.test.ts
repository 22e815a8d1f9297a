import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { composeTable, emptyTable, findSet, openTable, TableUnreadable } from '#filter/table.ts';

interface Row {
  readonly high: number;
  readonly low: number;
  readonly set: number;
}

/** Rows sorted and distinct, as the compiler hands them over. */
function tableOf(rows: Iterable<Row>): SharedArrayBuffer {
  const distinct = new Map([...rows].map((row) => [row.high * 0x10000 + row.low, row]));
  const sorted = [...distinct.values()].sort((x, y) => x.high - y.high || x.low - y.low);
  const sets = Math.max(0, ...sorted.map(({ set }) => set));
  return composeTable(
    {
      count: sorted.length,
      high: Uint32Array.from(sorted, ({ high }) => high),
      low: Uint16Array.from(sorted, ({ low }) => low),
      set: Uint16Array.from(sorted, ({ set }) => set),
    },
    Int32Array.from({ length: sets * 4 }, (_, i) => i),
    { lists: 3, builtAt: 1_700_000_000 },
  );
}

/** Random rows from a seed: all over the range, or crowded in one place, where a search has to walk. */
function someRows(count: number, crowded: boolean): Row[] {
  let state = count + 1;
  const next = () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) + 0x9e37_79b9) >>> 0;
    return state;
  };
  return Array.from({ length: count }, () => ({
    high: crowded ? 0xffff_ff00 + (next() % 256) : next(),
    low: next() % 0x10000,
    set: 1 + (next() % 9),
  }));
}

describe('a table', () => {
  test.each([
    [0, false],
    [1, false],
    [2, false],
    [10_000, false],
    [1, true],
    [2, true],
    [10_000, true],
  ])('of %d names (crowded: %s) answers as a map does', (count, crowded) => {
    const rows = someRows(count, crowded);
    const table = openTable(tableOf(rows));
    const map = new Map(rows.map((row) => [row.high * 0x10000 + row.low, row.set]));
    expect(table.names).toBe(map.size);
    for (const { high, low } of rows) {
      expect(findSet(table, high, low)).toBe(map.get(high * 0x10000 + low));
      for (const other of [low ^ 1, (low + 77) & 0xffff])
        expect(findSet(table, high, other)).toBe(map.get(high * 0x10000 + other) ?? 0);
    }
    for (const { high, low } of someRows(500, !crowded))
      expect(findSet(table, high, low)).toBe(map.get(high * 0x10000 + low) ?? 0);
    for (const high of [0, 1, 0x7fff_ffff, 0xffff_ffff])
      expect(findSet(table, high, 5)).toBe(map.get(high * 0x10000 + 5) ?? 0);
  });

  test('answers as a map does, for any rows', () => {
    const aRow = fc.record({
      high: fc.oneof(fc.nat(3), fc.nat(0xffff_ffff), fc.integer({ min: 0xffff_fffc, max: 0xffff_ffff })),
      low: fc.oneof(fc.nat(2), fc.nat(0xffff)),
      set: fc.integer({ min: 1, max: 0xffff }),
    });
    fc.assert(
      fc.property(fc.array(aRow, { maxLength: 60 }), aRow, (rows, asked) => {
        const table = openTable(tableOf(rows));
        const map = new Map(rows.map((row) => [row.high * 0x10000 + row.low, row.set]));
        for (const { high, low } of [...rows, asked])
          expect(findSet(table, high, low)).toBe(map.get(high * 0x10000 + low) ?? 0);
      }),
    );
  });

  test('says what it is made of', () => {
    const table = openTable(tableOf(someRows(100, false)));
    expect(table).toMatchObject({ names: 100, lists: 3, builtAt: 1_700_000_000 });
    expect(openTable(emptyTable()).names).toBe(0);
  });

  test('that is cut short anywhere is refused', () => {
    const octets = new Uint8Array(tableOf(someRows(20, false)));
    for (let length = 0; length < octets.length; length++)
      expect(() => openTable(octets.slice(0, length).buffer), `${length} octets`).toThrow(TableUnreadable);
  });

  test('that is longer, foreign or of another version is refused', () => {
    const octets = new Uint8Array(tableOf(someRows(20, false)));
    const longer = new Uint8Array(octets.length + 4);
    longer.set(octets);
    expect(() => openTable(longer.buffer)).toThrow(TableUnreadable);
    for (const at of [0, 4]) {
      const foreign = octets.slice();
      foreign[at] = 0xff;
      expect(() => openTable(foreign.buffer)).toThrow(TableUnreadable);
    }
  });

  test('whose header or last slot is wrong is refused, so that no search runs past its end', () => {
    const octets = new Uint8Array(tableOf(someRows(20, false)));
    const words = new Uint32Array(octets.slice().buffer);
    const slots = words[3] as number;
    const withWord = (at: number, value: number) => {
      const changed = words.slice();
      changed[at] = value;
      return changed.buffer;
    };
    expect(() => openTable(withWord(16 + slots * 2 - 1, 1))).toThrow(TableUnreadable);
    expect(() => openTable(withWord(2, slots))).toThrow(TableUnreadable);
  });
});
