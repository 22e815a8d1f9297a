import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Category } from '#contract/categories.ts';
import type { BlockEvent } from '#contract/events.ts';
import type { Alert } from '#contract/incidents.ts';
import { decided, type Grouping, groupEvents, NOTHING_GROUPED } from '#safeguarding/alerts.ts';

const START = Date.parse('2026-11-20T10:00:00Z');
const MINUTE = 60_000;

const anEvent = (minutes: number, changes: Partial<BlockEvent> = {}): BlockEvent => ({
  device: 'device-1',
  profile: 'learner',
  name: 'bets.test',
  category: 'gambling',
  tier: 'category',
  count: 1,
  firstAt: START + minutes * MINUTE,
  lastAt: START + minutes * MINUTE + 100,
  ...changes,
});

/** Feeds `batches` one after the other; alerts are those that the caller would have stored. */
function play(batches: readonly (readonly BlockEvent[])[], from: Grouping = NOTHING_GROUPED, ids = 'alert') {
  let grouping = from;
  let number = 0;
  const newId = () => {
    number += 1;
    return `${ids}-${number}`;
  };
  const stored = new Map<string, Alert>();
  for (const events of batches) {
    const step = groupEvents(grouping, events, newId);
    grouping = step.grouping;
    for (const alert of step.changed) stored.set(alert.id, alert);
  }
  return { alerts: [...stored.values()], grouping };
}

describe('blocked attempts become alerts', () => {
  test('one page load is one alert, with its names and times', () => {
    const names = ['bets.test', 'cdn.bets.test', 'bets.test'];
    const { alerts } = play([names.map((name, n) => anEvent(n / 60, { name, count: 2 }))]);
    expect(alerts).toEqual([
      {
        id: 'alert-1',
        device: 'device-1',
        profile: 'learner',
        category: 'gambling',
        firstAt: '2026-11-20T10:00:00.000Z',
        lastAt: '2026-11-20T10:00:02.100Z',
        attempts: 6,
        names: ['bets.test', 'cdn.bets.test'],
        state: 'open',
      },
    ]);
  });

  const thresholds: readonly [Category, number][] = [
    ['illegal', 1],
    ['self-harm', 1],
    ['pornography', 2],
    ['gambling', 3],
    ['games', 30],
    ['advertising', 1000],
  ];
  test.each(thresholds)('in %s at %i attempts, and not before', (category, alertAfter) => {
    expect(play([[anEvent(0, { category, count: alertAfter })]]).alerts).toHaveLength(1);
    if (alertAfter > 1) expect(play([[anEvent(0, { category, count: alertAfter - 1 })]]).alerts).toEqual([]);
  });

  test('attempts ten minutes apart do not add up', () => {
    expect(play([[anEvent(0), anEvent(10), anEvent(20), anEvent(30)]]).alerts).toEqual([]);
    expect(play([[anEvent(0), anEvent(4), anEvent(9.9)]]).alerts).toHaveLength(1);
  });

  test('ten minutes of quiet close an alert', () => {
    const burst = (minutes: number) => anEvent(minutes, { count: 3 });
    const { alerts } = play([[burst(0), burst(5), burst(15)]]);
    expect(alerts.map((alert) => [alert.firstAt.slice(11, 16), alert.attempts])).toEqual([
      ['10:00', 6],
      ['10:15', 3],
    ]);
  });

  test('devices and categories are kept apart', () => {
    const events = ['a', 'b'].flatMap((device) =>
      (['gambling', 'malware'] as const).map((category) => anEvent(0, { device, category, count: 3 })),
    );
    expect(play([events]).alerts).toHaveLength(4);
  });

  test('a name that the provider blocks by its own rule, without a category, makes none', () => {
    expect(play([[anEvent(0, { category: undefined, tier: 'own-block', count: 500 })]]).alerts).toEqual([]);
  });

  test('at most ten names are kept, and every attempt is counted', () => {
    const events = Array.from({ length: 40 }, (_, n) => anEvent(n / 60, { name: `bets-${n}.test` }));
    const [alert] = play([events]).alerts;
    expect(alert?.names).toHaveLength(10);
    expect(alert?.attempts).toBe(40);
  });

  test('a day of advertising on a hundred devices makes no alert', () => {
    const events = Array.from({ length: 48 * 100 }, (_, n) =>
      anEvent(Math.floor(n / 100) * 10, { device: `device-${n % 100}`, category: 'advertising', count: 400 }),
    );
    const { alerts, grouping } = play([events]);
    expect(alerts).toEqual([]);
    expect(grouping.pending.length).toBeLessThanOrEqual(200);
  });

  test('attempts after somebody decided make a new alert', () => {
    const first = play([[anEvent(0, { count: 3 })]]);
    const open = first.alerts.map((alert): Alert => ({ ...alert, state: 'false-positive' }));
    for (const grouping of [decided(first.grouping, 'alert-1'), { ...first.grouping, open }]) {
      const { changed } = groupEvents(grouping, [anEvent(1, { count: 3 })], () => 'alert-2');
      expect(changed.map((alert) => [alert.id, alert.attempts])).toEqual([['alert-2', 3]]);
    }
  });

  test('a clock that was set back by a day starts afresh', () => {
    const { alerts } = play([[anEvent(1440, { count: 3 }), anEvent(0, { count: 3 })]]);
    expect(alerts).toHaveLength(2);
  });

  test('a batch that comes a little late still finds its alert', () => {
    const { alerts } = play([[anEvent(1, { count: 3 })], [anEvent(0.5)]]);
    expect(alerts.map((alert) => [alert.firstAt.slice(11, 19), alert.attempts])).toEqual([['10:00:30', 4]]);
  });

  test('an empty batch changes nothing', () => {
    const { grouping } = play([[anEvent(0), anEvent(0, { category: 'malware', count: 3 })]]);
    expect(groupEvents(grouping, [], () => 'never')).toEqual({ changed: [], grouping: expect.anything() });
    expect(play([[]], grouping).grouping.pending).toEqual(grouping.pending);
  });
});

const eventsInOrder = fc
  .array(
    fc.record({
      minutes: fc.integer({ min: 0, max: 90 }),
      device: fc.constantFrom('device-1', 'device-2'),
      category: fc.constantFrom<Category | undefined>(
        'self-harm',
        'pornography',
        'gambling',
        'piracy',
        undefined,
      ),
      name: fc.constantFrom('a.test', 'b.test'),
      count: fc.integer({ min: 1, max: 3 }),
    }),
    { maxLength: 40 },
  )
  .map((all) => all.map(({ minutes, ...rest }) => anEvent(minutes, rest)))
  .map((all) => all.sort((a, b) => a.firstAt - b.firstAt));

/** As several workers post them: each event up to nine minutes after its turn. */
const eventsInDisorder = fc
  .tuple(eventsInOrder, fc.array(fc.nat(9), { minLength: 40, maxLength: 40 }))
  .map(([events, delays]) => {
    const heardAt = (n: number) => (events[n]?.firstAt ?? 0) + (delays[n] ?? 0) * MINUTE;
    return [...events.keys()].sort((a, b) => heardAt(a) - heardAt(b)).flatMap((n) => events[n] ?? []);
  });

describe('laws', () => {
  test('splitting the same events into batches at arbitrary points gives the same alerts', () => {
    fc.assert(
      fc.property(eventsInDisorder, fc.array(fc.nat(40), { maxLength: 8 }), (events, cuts) => {
        const bounds = [
          0,
          ...cuts.map((cut) => Math.min(cut, events.length)).sort((a, b) => a - b),
          events.length,
        ];
        const batches = bounds.slice(1).map((bound, n) => events.slice(bounds[n], bound));
        expect(play(batches).alerts).toEqual(play([events]).alerts);
      }),
      { numRuns: 500 },
    );
  });

  test('dropping events never raises the number of alerts', () => {
    fc.assert(
      fc.property(eventsInOrder, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (events, kept) => {
        const fewer = events.filter((_, n) => kept[n]);
        expect(play([fewer]).alerts.length).toBeLessThanOrEqual(play([events]).alerts.length);
      }),
      { numRuns: 3000 },
    );
  });

  test('a restart at any point, from what was written down, loses and doubles nothing', () => {
    fc.assert(
      fc.property(eventsInOrder, fc.nat(40), (events, cut) => {
        const before = events.slice(0, cut);
        const after = events.slice(cut);
        const first = play([before]);
        const written = JSON.parse(JSON.stringify(first.grouping)) as Grouping;
        const rest = play([after], written, 'later').alerts;
        const stored = new Map([...first.alerts, ...rest].map((alert) => [alert.id, { ...alert, id: '' }]));
        const whole = play([events]).alerts.map((alert) => ({ ...alert, id: '' }));
        expect([...stored.values()]).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });
});
