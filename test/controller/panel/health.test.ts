import { describe, expect, test } from 'vitest';
import type { CheckDue } from '#contract/checks.ts';
import type { UpstreamHealth } from '#contract/events.ts';
import {
  checkState,
  type FilterMeasurements,
  filterState,
  type ListsInForce,
  overrideState,
  STALE_LIST_MS,
  TIME_TO_LIVE_MS,
  upstreamState,
} from '#panel/health.ts';

const now = Temporal.Instant.from('2026-11-20T10:00:00Z');
const ago = (ms: number) => now.subtract({ milliseconds: ms });

const aList = (changes: Partial<ListsInForce['lists'][number]> = {}) => ({
  name: 'Gambling',
  trouble: null,
  fetchedAt: ago(3_600_000).toString(),
  ...changes,
});
const inForce = (
  lists: readonly ListsInForce['lists'][number][] = [aList()],
  index = { names: 9, lists: lists.length },
): FilterMeasurements['lists'] => ({ value: { index, lists }, at: now });
const answers = { value: { ok: true, trouble: '' }, at: now };

describe('the filter', () => {
  const cases: readonly [string, FilterMeasurements, string, RegExp][] = [
    ['answers from fresh lists', { answering: answers, lists: inForce() }, 'ok', /1 list\./],
    [
      'does not answer',
      { answering: { value: { ok: false, trouble: 'tcp 127.0.0.1:5300' }, at: now }, lists: inForce() },
      'fault',
      /tcp 127\.0\.0\.1:5300/,
    ],
    ['was never asked', { answering: undefined, lists: inForce() }, 'unknown', /lately/],
    [
      'was asked too long ago',
      { answering: { ...answers, at: ago(TIME_TO_LIVE_MS.answering + 1) }, lists: inForce() },
      'unknown',
      /lately/,
    ],
    [
      'was asked just within its time to live',
      { answering: { ...answers, at: ago(TIME_TO_LIVE_MS.answering) }, lists: inForce() },
      'ok',
      /Filtering/,
    ],
    [
      'was asked by a clock far ahead',
      { answering: { ...answers, at: ago(-TIME_TO_LIVE_MS.answering - 1) }, lists: inForce() },
      'unknown',
      /lately/,
    ],
    ['has lists that nobody read', { answering: answers, lists: undefined }, 'unknown', /which lists/],
    ['has no index', { answering: answers, lists: inForce([], { names: 0, lists: 0 }) }, 'fault', /No list/],
    [
      'has an index without names',
      { answering: answers, lists: inForce([aList()], { names: 0, lists: 1 }) },
      'fault',
      /No list/,
    ],
    [
      'misses a source',
      { answering: answers, lists: inForce([aList({ trouble: 'file:gone.txt is not there.' })]) },
      'warning',
      /^The list Gambling: file:gone\.txt is not there\.$/,
    ],
    [
      'has a list never fetched',
      { answering: answers, lists: inForce([aList({ fetchedAt: null })]) },
      'warning',
      /never/,
    ],
    [
      'has a stale list',
      { answering: answers, lists: inForce([aList({ fetchedAt: ago(STALE_LIST_MS + 1).toString() })]) },
      'warning',
      /last fetched on 2026-11-13/,
    ],
    [
      'has a list from the future',
      { answering: answers, lists: inForce([aList({ fetchedAt: '2099-01-01T00:00:00Z' })]) },
      'warning',
      /future \(2099-01-01\)/,
    ],
    [
      'has several lists in trouble',
      {
        answering: answers,
        lists: inForce([aList(), aList({ trouble: 'HTML' }), aList({ trouble: 'empty' })]),
      },
      'warning',
      /HTML\. 1 more list in trouble/,
    ],
  ];
  test.each(cases)('that %s', (...[, measured, level, reason]) => {
    expect(filterState(measured, now)).toEqual({ level, reason: expect.stringMatching(reason) });
  });

  test('gives the same reason for a stale list a second later: an acknowledged warning stays so', () => {
    const lists = inForce([aList({ fetchedAt: ago(STALE_LIST_MS + 1).toString() })]);
    const later = now.add({ seconds: 1 });
    expect(filterState({ answering: answers, lists }, later)).toEqual(
      filterState({ answering: answers, lists }, now),
    );
  });
});

describe('upstreams', () => {
  const one = (number: number, state: UpstreamHealth['state']): UpstreamHealth => ({
    url: `udp://192.0.2.${number}:53`,
    state,
    latencyMs: 12,
  });
  const cases: readonly [readonly UpstreamHealth['state'][], string, string][] = [
    [['up'], 'ok', '1 upstream answers.'],
    [['up', 'up'], 'ok', '2 upstreams answer.'],
    [['up', 'down'], 'warning', 'udp://192.0.2.2:53 does not answer'],
    [['slow', 'up'], 'warning', 'udp://192.0.2.1:53 is slow'],
    [['slow'], 'warning', 'is slow'],
    [['up', 'unknown'], 'warning', 'udp://192.0.2.2:53 has not been tried lately'],
    [['unknown'], 'unknown', 'not known whether udp://192.0.2.1:53'],
    [['down', 'unknown'], 'unknown', 'udp://192.0.2.2:53'],
    [['down', 'down'], 'fault', 'No upstream answers'],
    [[], 'fault', 'No upstream resolver is set.'],
  ];
  test.each(cases)('%j are %s', (states, level, reason) => {
    const value = states.map((state, number) => one(number + 1, state));
    expect(upstreamState({ value, at: now }, now)).toEqual({
      level,
      reason: expect.stringContaining(reason),
    });
  });

  test('are unknown when nobody measured them, or too long ago', () => {
    const old = { value: [one(1, 'up')], at: ago(TIME_TO_LIVE_MS.upstreams + 1) };
    expect(upstreamState(undefined, now).level).toBe('unknown');
    expect(upstreamState(old, now).level).toBe('unknown');
  });
});

describe('the check', () => {
  const due = (state: CheckDue['state']) => ({
    value: { state, because: 'So it is.', week: '2026-W47', dueOn: '2026-11-20', strip: [] },
    at: now,
  });
  test.each([
    ['ok', 'ok'],
    ['due', 'warning'],
    ['overdue', 'fault'],
    ['failed', 'fault'],
  ] as const)('%s is %s, with the log’s own reason', (state, level) => {
    expect(checkState(due(state), true, now)).toEqual({ level, reason: 'So it is.' });
  });

  test('is unknown until the box is claimed, and when the log was not read lately', () => {
    expect(checkState(due('ok'), false, now)).toEqual({
      level: 'unknown',
      reason: 'Set-up is not finished.',
    });
    expect(checkState(undefined, true, now).level).toBe('unknown');
    expect(checkState({ ...due('ok'), at: ago(TIME_TO_LIVE_MS.check + 1) }, true, now).level).toBe('unknown');
  });
});

describe('the override', () => {
  const times = { startedAt: '2026-11-20T09:50:00Z', until: '2026-11-20T10:05:00Z' };

  test.each([
    [undefined, 'unknown', /not known/],
    [{ kind: 'none' }, 'ok', /No relaxation/],
    [
      { kind: 'unplanned', profiles: ['learner'], categories: ['games'], ...times },
      'warning',
      /^A relaxation for learner is in force until 10:05\.$/,
    ],
    [
      { kind: 'lockdown', profiles: ['learner', 'guest'], ...times },
      'warning',
      /^A lockdown for learner and guest/,
    ],
    [
      { kind: 'lockdown', profiles: ['guest'], ...times, until: '2026-11-20T10:00:00Z' },
      'warning',
      /just ending/,
    ],
  ] as const)('%j is %s', (override, level, reason) => {
    const copy = override === undefined ? undefined : structuredClone(override);
    expect(overrideState(copy as Parameters<typeof overrideState>[0], now)).toEqual({
      level,
      reason: expect.stringMatching(reason),
    });
  });

  test('says the time of day in London, summer too', () => {
    const override = { kind: 'lockdown' as const, profiles: ['guest' as const], ...times };
    const summer = { ...override, startedAt: '2026-07-01T09:00:00Z', until: '2026-07-01T09:30:00Z' };
    const reason = overrideState(summer, Temporal.Instant.from('2026-07-01T09:10:00Z')).reason;
    expect(reason).toContain('until 10:30');
  });
});

test('a trouble that names its list already is not introduced twice', () => {
  const trouble = '“UT1 gambling” is not in force: it is empty';
  const state = filterState(
    { answering: answers, lists: inForce([aList({ name: 'UT1 gambling', trouble })]) },
    now,
  );
  expect(state.reason).toBe(`${trouble}.`);
});
