import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { IndexUnreadable, readIndex, writeIndex } from '#blocklists/index-file.ts';
import { composeNames, kindIn, NamesUnreadable, openNames } from '#blocklists/names-file.ts';
import { categoryBit } from '#contract/categories.ts';
import { composeTable, emptyTable, findSet, openTable, type Table, TableUnreadable } from '#filter/table.ts';
import { type Change, changed, changes } from './octets.ts';
import { targetOf } from './target.ts';
import { watched } from './watched.ts';

const high = fc.oneof(
  fc.nat(0xffff_ffff),
  fc.constantFrom(0, 1, 0x8000_0000, 0xffff_fffe, 0xffff_ffff),
  fc.nat(40),
);
const names = fc
  .uniqueArray(fc.tuple(high, fc.nat(0xffff), fc.integer({ min: 1, max: 3 })), {
    maxLength: 60,
    size: 'max',
    selector: ([x, y]) => `${x} ${y}`,
  })
  .map((rows) => rows.toSorted((x, y) => x[0] - y[0] || x[1] - y[1]));
type Names = readonly (readonly [high: number, low: number, set: number])[];

function tableOf(rows: Names): SharedArrayBuffer {
  if (rows.length === 0) return emptyTable();
  const columns = {
    count: rows.length,
    high: Uint32Array.from(rows, ([value]) => value),
    low: Uint16Array.from(rows, ([, value]) => value),
    set: Uint16Array.from(rows, ([, , value]) => value),
  };
  const sets = Int32Array.from([categoryBit('gambling'), 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0]);
  return composeTable(columns, sets, { lists: 1, builtAt: 1 });
}

const headerWord = fc.record({
  place: fc.nat(15),
  value: fc.oneof(
    fc.nat(0xffff_ffff),
    fc.nat(200),
    fc.constantFrom(0, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff),
  ),
});
const damage = fc.record({ list: changes, words: fc.array(headerWord, { maxLength: 3 }), cut: fc.nat(20) });

interface Damage {
  readonly list: readonly Change[];
  readonly words: readonly { readonly place: number; readonly value: number }[];
  readonly cut: number;
}

function damaged(whole: Uint8Array, { list, words, cut }: Damage): Buffer {
  const octets = changed(whole, list);
  for (const { place, value } of words) {
    if (place * 4 + 4 <= octets.length) octets.writeUInt32LE(value, place * 4);
  }
  return octets.subarray(0, cut < 12 ? octets.length : Math.max(0, octets.length - (cut - 11)));
}

/** What `open` gives; undefined when it refuses by one of `refusals`. Any other error goes on. */
function unlessRefused<T>(
  open: () => T,
  ...refusals: readonly (abstract new (
    ...parts: never[]
  ) => Error)[]
): T | undefined {
  try {
    return open();
  } catch (error) {
    if (refusals.some((refusal) => error instanceof refusal)) return undefined;
    throw error;
  }
}

function lookUps(rows: Names): Names {
  const near = rows.flatMap(([x, y]) => [[(x + 1) >>> 0, y, 0] as const, [(x - 1) >>> 0, y, 0] as const]);
  return [...rows, ...near, [0, 0, 0], [0xffff_ffff, 0xffff, 0]];
}

/** A table that is torn is refused, or a search in it ends within the table. Whole ones hold exactly their names. */
export const tableOpener = targetOf('index table', () => ({
  cases: fc.record({ rows: names, harm: damage }),
  check: ({ rows, harm }) => {
    const whole = new Uint8Array(tableOf(rows));
    const sound = openTable(whole.buffer as SharedArrayBuffer);
    const held = new Map(rows.map(([x, y, set]) => [`${x} ${y}`, set]));
    for (const [x, y] of lookUps(rows)) assert.equal(findSet(sound, x, y), held.get(`${x} ${y}`) ?? 0);
    const octets = damaged(whole, harm);
    const table = unlessRefused(() => openTable(new Uint8Array(octets).buffer), TableUnreadable);
    if (octets.length !== whole.length)
      assert.ok(!table || octets.length % 4 === 0, 'a table of another length');
    if (!table) return;
    for (const [x, y] of lookUps(rows)) {
      const bounded: Table = { ...table, words: watched(table.words, 2 * table.words.length + 4) };
      assert.ok(findSet(bounded, x, y) <= 0xffff);
    }
  },
}));

/** The index on disk: every change of an octet that counts is refused. */
export const indexFile = targetOf('index file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-fuzz-'));
  const path = join(folder, 'index');
  return {
    cases: fc.record({ rows: names, harm: damage }),
    check: async ({ rows, harm }) => {
      const buffer = tableOf(rows);
      await writeIndex(path, { buffer, fingerprint: 'ab'.repeat(32) });
      assert.deepEqual(
        new Uint8Array(readIndex(path)?.buffer ?? new SharedArrayBuffer(0)),
        new Uint8Array(buffer),
      );
      const whole = await readFile(path);
      writeFileSync(path, damaged(whole, harm));
      const read = unlessRefused(() => readIndex(path), IndexUnreadable, TableUnreadable);
      if (read)
        assert.deepEqual(new Uint8Array(read.buffer), new Uint8Array(buffer), 'a torn index was believed');
    },
    close: () => rmSync(folder, { recursive: true }),
  };
});

/** One list's names on disk, likewise. */
export const namesFile = targetOf('names file', () => ({
  cases: fc.record({ rows: names, exceptions: fc.array(fc.domain(), { maxLength: 3 }), harm: damage }),
  check: ({ rows, exceptions, harm }) => {
    const list = {
      high: Uint32Array.from(rows, ([value]) => value),
      low: Uint16Array.from(rows, ([, value]) => value),
      kind: Uint8Array.from(rows, ([, , value]) => value),
      exceptions,
    };
    const whole = Buffer.concat(composeNames(list, 'ab'.repeat(32)).parts);
    assert.deepEqual(openNames(new Uint8Array(whole)).list, list);
    for (const [x, y, kind] of rows) assert.equal(kindIn(list, x, y), kind);
    const read = unlessRefused(() => openNames(damaged(whole, harm)), NamesUnreadable);
    if (read) assert.deepEqual(read.list, list, 'a torn list was believed');
  },
}));
