import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { categoryBit } from '#contract/categories.ts';
import { fingerprintOf } from '#filter/fingerprint.ts';
import { createMatch, matchName } from '#filter/match.ts';
import { createNameView, readName, viewOf } from '#filter/name-view.ts';
import { compileOverlay } from '#filter/overlay.ts';
import { SPECIAL } from '#filter/special-names.ts';
import { composeTable, emptyTable, openTable } from '#filter/table.ts';
import { profilesWith, someSettings } from '#support/policy.ts';

const NONE = openTable(emptyTable());
const BIT = categoryBit('gambling');
type Words = readonly [blocks: number, exactly: number, excepts: number];
const BLOCK: Words = [BIT, 0, 0];
const EXACT: Words = [0, BIT, 0];
const EXCEPT: Words = [0, 0, BIT];

function tableOf(rules: Readonly<Record<string, Words>>) {
  const rows = Object.entries(rules)
    .map(([name, words], i) => ({ ...fingerprintOf(name), words, set: i + 1 }))
    .sort((x, y) => x.high - y.high || x.low - y.low);
  const sorted = {
    count: rows.length,
    high: Uint32Array.from(rows, ({ high }) => high),
    low: Uint16Array.from(rows, ({ low }) => low),
    set: Uint16Array.from(rows, ({ set }) => set),
  };
  const sets = Int32Array.from(Object.values(rules).flatMap((words) => [...words, 0]));
  return openTable(composeTable(sorted, sets, { lists: 1, builtAt: 1 }));
}

function matching(rules: Readonly<Record<string, Words>>, name: string): boolean {
  const match = createMatch();
  matchName(tableOf(rules), NONE, viewOf(name), match);
  return match.categories !== 0;
}

const aLabel = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
const aName = fc.array(aLabel, { minLength: 1, maxLength: 6 }).map((labels) => labels.join('.'));

describe('matching', () => {
  test('finds a name through itself and each parent, and through nothing else', () => {
    fc.assert(
      fc.property(aName, aLabel, (name, label) => {
        const labels = name.split('.');
        for (let i = 0; i < labels.length; i++)
          expect(matching({ [labels.slice(i).join('.')]: BLOCK }, name)).toBe(true);
        expect(matching({ [`${label}.${name}`]: BLOCK }, name)).toBe(false);
        expect(matching({ [name]: BLOCK }, `${label}${name}`)).toBe(false);
      }),
    );
  });

  test('is the same in every spelling (0x20)', () => {
    fc.assert(
      fc.property(aName, fc.infiniteStream(fc.boolean()), (name, upper) => {
        const spelt = [...name]
          .map((letter) => (upper.next().value ? letter.toUpperCase() : letter))
          .join('');
        const [plain, mixed] = [createMatch(), createMatch()];
        const index = tableOf({ [name]: BLOCK });
        matchName(index, NONE, viewOf(name), plain);
        matchName(index, NONE, viewOf(spelt), mixed);
        expect(mixed).toEqual(plain);
        expect(mixed.categories).toBe(BIT);
      }),
    );
  });

  test('gives each name the fingerprint that its text has', () => {
    fc.assert(
      fc.property(aName, (name) => {
        const match = createMatch();
        matchName(NONE, NONE, viewOf(name), match);
        expect({ high: match.high, low: match.low }).toEqual(fingerprintOf(name));
      }),
    );
  });

  test.each<[rules: Record<string, Words>, name: string, blocked: boolean]>([
    [{ 'a.test': BLOCK, 'good.a.test': EXCEPT }, 'good.a.test', false],
    [{ 'a.test': BLOCK, 'good.a.test': EXCEPT }, 'www.good.a.test', false],
    [{ 'a.test': BLOCK, 'good.a.test': EXCEPT }, 'other.a.test', true],
    [{ 'a.test': EXCEPT, 'bad.a.test': BLOCK }, 'bad.a.test', true],
    [{ 'a.test': EXCEPT, 'bad.a.test': BLOCK }, 'www.a.test', false],
    [{ 'a.test': BLOCK, 'b.a.test': EXCEPT, 'c.b.a.test': BLOCK }, 'd.c.b.a.test', true],
    [{ 'a.test': EXACT }, 'a.test', true],
    [{ 'a.test': EXACT }, 'www.a.test', false],
    [{ 'a.test': [BIT, 0, BIT] }, 'a.test', true],
    [{ 'a.test': EXCEPT, test: BLOCK, 'x.a.test': EXACT }, 'x.a.test', true],
  ])('the more specific entry wins: %j, %s blocked: %s', (rules, name, blocked) => {
    expect(matching(rules, name)).toBe(blocked);
  });

  test('an exception of one category leaves another one blocked', () => {
    const drugs = categoryBit('drugs');
    const match = createMatch();
    matchName(
      tableOf({ 'a.test': [BIT | drugs, 0, 0], 'b.a.test': EXCEPT }),
      NONE,
      viewOf('b.a.test'),
      match,
    );
    expect(match.categories).toBe(drugs);
  });

  test('a dot inside a label is no break between two', () => {
    const octets = Buffer.from('\u0008www.evil\u0004test\u0000', 'latin1');
    const view = createNameView();
    expect(readName(octets, 0, view)).toBe(octets.length);
    const match = createMatch();
    matchName(tableOf({ 'evil.test': BLOCK, 'www.evil.test': BLOCK }), NONE, view, match);
    expect(match.categories).toBe(0);
    matchName(tableOf({ test: BLOCK }), NONE, view, match);
    expect(match.categories).toBe(BIT);
  });

  test('names of different labels never share the octets that are fingerprinted', () => {
    const aWireLabel = fc.uint8Array({ minLength: 1, maxLength: 6, max: 8 });
    const aWireName = fc.array(aWireLabel, { minLength: 1, maxLength: 5 });
    const wire = (labels: Uint8Array[]) =>
      Buffer.concat([...labels.map((label) => Buffer.from([label.length, ...label])), Buffer.from([0])]);
    fc.assert(
      fc.property(aWireName, aWireName, (one, other) => {
        const [first, second] = [wire(one), wire(other)].map((octets) => {
          const view = createNameView();
          readName(octets, 0, view);
          const match = createMatch();
          matchName(NONE, NONE, view, match);
          return match.high * 0x10000 + match.low;
        });
        expect(first === second).toBe(wire(one).equals(wire(other)));
      }),
      { numRuns: 2000 },
    );
  });

  test('the root is no name of any list', () => {
    const view = createNameView();
    readName(new Uint8Array(1), 0, view);
    const match = createMatch();
    matchName(tableOf({ test: BLOCK }), NONE, view, match);
    expect(match.categories).toBe(0);
  });

  test('own rules and special names reach the names below them, and a match starts anew', () => {
    const rule = (name: string) => ({ name, why: 'for a test' });
    const overlay = openTable(
      compileOverlay(
        someSettings({
          neverBlock: [rule('help.test')],
          profiles: profilesWith({
            learner: { block: [rule('both.test')], allow: [rule('learn.test')] },
            staff: { block: [rule('both.test')] },
          }),
        }),
      ),
    );
    const match = createMatch();
    const said = (name: string) => {
      matchName(NONE, overlay, viewOf(name), match);
      const { neverBlock, ownBlock, ownAllow, special } = match;
      return { neverBlock, ownBlock, ownAllow, special };
    };
    const nothing = { neverBlock: false, ownBlock: 0, ownAllow: 0, special: 0 };
    expect(said('www.help.test')).toEqual({ ...nothing, neverBlock: true });
    expect(said('www.both.test')).toEqual({ ...nothing, ownBlock: 0b101 });
    expect(said('learn.test')).toEqual({ ...nothing, ownAllow: 1 });
    expect(said('printer.local')).toEqual({ ...nothing, special: SPECIAL.localOnly });
    expect(said('gatehouse.local')).toEqual({ ...nothing, special: SPECIAL.own });
    expect(said('n0nce.check.gatehouse.home.arpa')).toEqual({ ...nothing, special: SPECIAL.check });
    expect(said('1.1.168.192.in-addr.arpa')).toEqual({ ...nothing, special: SPECIAL.localOnly });
    expect(said('other.test')).toEqual(nothing);
  });
});
