import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LAMPS, LampShow } from '#contract/lamps.ts';
import { LEGEND, RHYTHM_MEANINGS } from '#contract/legend.ts';
import type { Override } from '#contract/override.ts';
import type { Level, State } from '#contract/status.ts';
import { filterState, TIME_TO_LIVE_MS, upstreamState } from '#panel/health.ts';
import {
  type LampSources,
  lampsFor,
  newWarnings,
  type States,
  stillAcknowledged,
  warningKeys,
} from '#panel/lamps.ts';

const now = Temporal.Instant.from('2026-11-20T10:00:00Z');
const LEVELS: readonly Level[] = ['ok', 'warning', 'fault', 'unknown'];
const state = (level: Level, reason = 'So it is.'): State => ({ level, reason });
const allAt = (level: Level): States => ({
  filter: state(level),
  upstream: state(level),
  check: state(level),
  override: state('ok'),
});
const sources = (changes: Partial<LampSources> = {}): LampSources => ({
  starting: false,
  claimed: true,
  states: allAt('ok'),
  override: { kind: 'none' },
  acknowledged: new Set(),
  now,
  ...changes,
});
const relaxation = (leftMs: number): Override => ({
  kind: 'unplanned',
  profiles: ['learner'],
  categories: ['games'],
  startedAt: '2026-11-20T09:50:00Z',
  until: now.add({ milliseconds: leftMs }).toString(),
});
const lockdown: Override = {
  kind: 'lockdown',
  profiles: ['learner', 'guest'],
  startedAt: '2026-11-20T09:50:00Z',
  until: '2026-11-20T10:20:00Z',
};
const say = (changes: Partial<LampSources>, lamp: (typeof LAMPS)[number]) => {
  const { colour, rhythm } = lampsFor(sources(changes))[lamp];
  return `${colour} ${rhythm}`;
};

test('all is well: white, three greens, and the override lamp dark', () => {
  expect(LAMPS.map((lamp) => say({}, lamp))).toEqual([
    'white steady',
    'green steady',
    'green steady',
    'green steady',
    'dark off',
  ]);
});

describe.each([
  ['filter', 'filter'],
  ['internet', 'upstream'],
  ['check', 'check'],
] as const)('the lamp %s', (lamp, part) => {
  const key = `${lamp}: So it is.`;
  test.each([
    ['ok', [], 'green steady'],
    ['warning', [], 'amber new'],
    ['warning', [key], 'amber steady'],
    ['warning', [`${lamp}: Another reason.`], 'amber new'],
    ['fault', [], 'red fault'],
    ['fault', [key], 'red fault'],
    ['unknown', [], 'amber unknown'],
    ['unknown', [key], 'amber unknown'],
  ] as const)('at %s with %j acknowledged shows %s', (level, acknowledged, shows) => {
    const states = { ...allAt('ok'), [part]: state(level) };
    expect(say({ states, acknowledged: new Set(acknowledged) }, lamp)).toBe(shows);
  });
});

describe('the lamp power', () => {
  test.each([
    [true, 'white starting'],
    [false, 'white steady'],
  ])('with starting %s shows %s', (starting, shows) => {
    expect(say({ starting }, 'power')).toBe(shows);
  });
});

describe('while starting', () => {
  test.each([
    ['filter', 'dark off'],
    ['internet', 'dark off'],
    ['check', 'green steady'],
    ['override', 'dark off'],
  ] as const)('%s shows %s', (lamp, shows) => {
    expect(say({ starting: true }, lamp)).toBe(shows);
  });
});

test.each(LEVELS)('before the claim the check lamp is dark, whatever the log says (%s)', (level) => {
  expect(say({ claimed: false, states: allAt(level) }, 'check')).toBe('dark off');
});

describe('the lamp override', () => {
  const shown: readonly [string, Override | undefined, string][] = [
    ['nothing known', undefined, 'amber unknown'],
    ['nothing in force', { kind: 'none' }, 'dark off'],
    ['a relaxation with more than a minute to go', relaxation(60_001), 'amber running'],
    ['a relaxation in its last minute', relaxation(60_000), 'amber ending'],
    ['a relaxation just over', relaxation(-1), 'amber ending'],
    ['a lockdown', lockdown, 'red steady'],
  ];
  test.each(shown)('with %s', (_, override, shows) => {
    expect(say({ override }, 'override')).toBe(shows);
  });

  test('blips when its state is unknown', () => {
    const states = { ...allAt('ok'), override: state('unknown') };
    expect(say({ states }, 'override')).toBe('amber unknown');
  });
});

describe('acknowledging', () => {
  const states: States = { ...allAt('ok'), filter: state('warning', 'A.'), check: state('warning', 'B.') };

  test('takes the warnings that stand, and none twice', () => {
    expect(warningKeys(states)).toEqual(['filter: A.', 'check: B.']);
    expect(newWarnings(states, new Set(['filter: A.']))).toEqual(['check: B.']);
    expect(newWarnings(states, new Set(warningKeys(states)))).toEqual([]);
  });

  test('a warning that went away and came back is new again', () => {
    const acknowledged = new Set(warningKeys(states));
    const after = stillAcknowledged(allAt('ok'), acknowledged);
    expect(after.size).toBe(0);
    expect(say({ states, acknowledged: after }, 'filter')).toBe('amber new');
    expect(stillAcknowledged(states, acknowledged)).toEqual(acknowledged);
  });

  test('a relaxation is no warning of this kind: its lamp does not settle', () => {
    expect(warningKeys({ ...allAt('ok'), override: state('warning') })).toEqual([]);
  });
});

const anyState = fc.record({ level: fc.constantFrom(...LEVELS), reason: fc.constantFrom('A.', 'B.') });
const anySources = fc.record({
  starting: fc.boolean(),
  claimed: fc.boolean(),
  states: fc.record({ filter: anyState, upstream: anyState, check: anyState, override: anyState }),
  override: fc.oneof(
    fc.constant(undefined),
    fc.constant<Override>({ kind: 'none' }),
    fc.constant(lockdown),
    fc.integer({ min: -1000, max: 600_000 }).map(relaxation),
  ),
  acknowledged: fc
    .subarray(['filter: A.', 'filter: B.', 'internet: A.', 'internet: B.', 'check: A.', 'check: B.'])
    .map((keys) => new Set(keys)),
  now: fc.constant(now),
});

describe('laws', () => {
  test('green is only ever shown for a state that is ok', () => {
    fc.assert(
      fc.property(anySources, (given) => {
        const lamps = lampsFor(given);
        const { filter, upstream, check } = given.states;
        for (const [lamp, { level }] of [
          ['filter', filter],
          ['internet', upstream],
          ['check', check],
        ] as const)
          if (level !== 'ok') expect(lamps[lamp].colour).not.toBe('green');
        expect(lamps.override.colour).not.toBe('green');
        expect(lamps.power.colour).toBe('white');
      }),
      { numRuns: 1000 },
    );
  });

  test('no expired measurement ever gives a green lamp', () => {
    const age = fc.integer({ min: 1, max: 1e9 });
    fc.assert(
      fc.property(age, fc.boolean(), fc.boolean(), (overMs, answeringIsOld, listsAreOld) => {
        const old = (ttlMs: number) => now.subtract({ milliseconds: ttlMs + overMs });
        const answering = {
          value: { ok: true, trouble: '' },
          at: answeringIsOld ? old(TIME_TO_LIVE_MS.answering) : now,
        };
        const lists = {
          value: {
            index: { names: 9, lists: 1 },
            lists: [{ name: 'A', trouble: null, fetchedAt: now.toString() }],
          },
          at: listsAreOld ? old(TIME_TO_LIVE_MS.lists) : now,
        };
        const upstreams = {
          value: [{ url: 'udp://192.0.2.53', state: 'up' as const, latencyMs: 9 }],
          at: answeringIsOld ? old(TIME_TO_LIVE_MS.upstreams) : now,
        };
        const states = {
          ...allAt('ok'),
          filter: filterState({ answering, lists }, now),
          upstream: upstreamState(upstreams, now),
        };
        const lamps = lampsFor(sources({ states }));
        expect(lamps.filter.colour === 'green').toBe(!answeringIsOld && !listsAreOld);
        expect(lamps.internet.colour === 'green').toBe(!answeringIsOld);
      }),
    );
  });

  test('every show is explained: by its own line of the legend, or by a rhythm that stands for its line', () => {
    fc.assert(
      fc.property(anySources, (given) => {
        const lamps = lampsFor(given);
        for (const lamp of LAMPS) {
          const { colour, rhythm } = LampShow.parse(lamps[lamp]);
          const lines = LEGEND.filter((line) => line.lamp === lamp && line.shows.colour === colour);
          const ownLine = lines.some((line) => line.shows.rhythm === rhythm);
          const newOfASettledOne = rhythm === 'new' && lines.some((line) => line.shows.rhythm === 'steady');
          expect(ownLine || newOfASettledOne || rhythm === 'unknown', `${lamp} ${colour} ${rhythm}`).toBe(
            true,
          );
          expect(RHYTHM_MEANINGS[rhythm]).not.toBe('');
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('every lamp is lit differently for good, warning, fault and unknown even without colour, once acknowledged or not', () => {
    const rhythms = (level: Level) => lampsFor(sources({ states: allAt(level) })).filter.rhythm;
    expect(new Set(LEVELS.map(rhythms)).size).toBe(4);
  });
});
