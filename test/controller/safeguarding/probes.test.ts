import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CATEGORY_IDS, type Category } from '#contract/categories.ts';
import {
  type Candidates,
  CONTROLS_AT_MOST,
  chooseProbes,
  PROBES_AT_MOST,
  type ProbeSources,
} from '#safeguarding/probes.ts';

const sources = (changes: Partial<ProbeSources> = {}): ProbeSources => ({
  profile: 'learner',
  blocked: ['gambling'],
  candidates: { gambling: { fixed: ['casino.test'], drawn: ['bets.test', 'poker.test'] } },
  controls: ['example.org'],
  exempt: [],
  ...changes,
});

test('a check asks the ordinary names, and of each category one drawn and one fixed name', () => {
  expect(chooseProbes(sources())).toEqual({
    probes: [
      { name: 'example.org', expect: 'allowed' },
      { name: 'bets.test', expect: 'blocked', category: 'gambling' },
      { name: 'casino.test', expect: 'blocked', category: 'gambling' },
    ],
    uncovered: [],
  });
});

test('the locked categories come first, and each category has one name before any has two', () => {
  const names = (stem: string): Candidates => ({ fixed: [`${stem}-1.test`], drawn: [`${stem}-2.test`] });
  const { probes } = chooseProbes(
    sources({
      blocked: ['games', 'gambling', 'malware'],
      candidates: { games: names('game'), gambling: names('bet'), malware: names('worm') },
    }),
  );
  expect(probes.map((probe) => probe.category)).toEqual([
    undefined,
    'malware',
    'gambling',
    'games',
    'malware',
    'gambling',
    'games',
  ]);
});

test('a blocked category without a list is uncovered, and says so', () => {
  const { uncovered } = chooseProbes(sources({ blocked: ['drugs', 'gambling', 'malware'] }));
  expect(uncovered).toEqual(['malware', 'drugs']);
});

test('names are asked once, in the form policy writes them, and what is no name is passed over', () => {
  const { probes, uncovered } = chooseProbes(
    sources({
      blocked: ['malware', 'gambling'],
      candidates: {
        malware: { fixed: [], drawn: ['Bets.TEST.', 'not a name', '192.0.2.1'] },
        gambling: { fixed: ['bets.test'], drawn: [] },
      },
      controls: ['EXAMPLE.org', 'example.org'],
    }),
  );
  expect(probes.map((probe) => probe.name)).toEqual(['example.org', 'bets.test']);
  expect(uncovered).toEqual(['gambling']);
});

test('a name that the provider allows proves nothing, nor does one below it', () => {
  const { probes } = chooseProbes(sources({ exempt: ['bets.test', 'test.example', 'sino.test'] }));
  expect(probes.map((probe) => probe.name)).toEqual(['example.org', 'casino.test', 'poker.test']);
  const below = sources({
    candidates: { gambling: { fixed: [], drawn: ['www.bets.test'] } },
    exempt: ['bets.test'],
  });
  expect(chooseProbes(below).uncovered).toEqual(['gambling']);
});

test('in the locked core an allowed name is a good test: no allow lifts it', () => {
  const worm: Partial<ProbeSources> = {
    blocked: ['malware'],
    candidates: { malware: { fixed: [], drawn: ['worm.test'] } },
    exempt: ['worm.test'],
  };
  expect(chooseProbes(sources(worm)).uncovered).toEqual([]);
  expect(chooseProbes(sources({ ...worm, profile: 'staff' })).uncovered).toEqual(['malware']);
});

test('law: at most 24 names and 2 a category, no name twice, and what is blocked is asked or uncovered', () => {
  const name = fc.integer({ min: 0, max: 60 }).map((n) => `name-${n}.test`);
  const candidates = fc.record({
    fixed: fc.array(name, { maxLength: 4 }),
    drawn: fc.array(name, { maxLength: 4 }),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.constantFrom(...CATEGORY_IDS)),
      fc.dictionary(fc.constantFrom(...CATEGORY_IDS), candidates),
      fc.array(name, { maxLength: 10 }),
      (blocked, byCategory, controls) => {
        const { probes, uncovered } = chooseProbes(
          sources({ blocked, candidates: byCategory as Partial<Record<Category, Candidates>>, controls }),
        );
        expect(probes.length).toBeLessThanOrEqual(PROBES_AT_MOST);
        expect(new Set(probes.map((probe) => probe.name)).size).toBe(probes.length);
        const asked = blocked.filter((category) => {
          const count = probes.filter((probe) => probe.category === category).length;
          expect(count).toBeLessThanOrEqual(2);
          return count > 0;
        });
        expect([...asked, ...uncovered].sort()).toEqual([...blocked].sort());
        expect(probes.filter((probe) => probe.category === undefined).length).toBeLessThanOrEqual(
          CONTROLS_AT_MOST,
        );
      },
    ),
  );
});

test('with every category blocked and listed, every one is asked', () => {
  const candidates = Object.fromEntries(
    CATEGORY_IDS.map((category) => [
      category,
      { fixed: [`${category}-fixed.test`], drawn: [`${category}-drawn.test`] },
    ]),
  );
  const controls = Array.from({ length: 10 }, (_, n) => `ordinary-${n}.example.org`);
  const { probes, uncovered } = chooseProbes(sources({ blocked: CATEGORY_IDS, candidates, controls }));
  expect(probes).toHaveLength(PROBES_AT_MOST);
  expect(uncovered).toEqual([]);
});
