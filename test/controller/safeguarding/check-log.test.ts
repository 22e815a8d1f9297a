import { describe, expect, test } from 'vitest';
import type { CheckRecord } from '#contract/checks.ts';
import { checkDue } from '#safeguarding/check-due.ts';
import { checkLog } from '#safeguarding/check-log.ts';
import { aRecord } from './a-check.ts';

const FRIDAY = 5;
const at = (iso: string) => Temporal.Instant.from(iso);
const CLAIMED = at('2026-11-03T09:00:00Z'); // a Tuesday, in W45
const log = (records: readonly CheckRecord[], now: string, claimedAt = CLAIMED) =>
  checkLog({ records, claimedAt, now: at(now), dueWeekday: FRIDAY });
const rows = (records: readonly CheckRecord[], now: string, claimedAt = CLAIMED) =>
  log(records, now, claimedAt).weeks.map((row) => [row.week, row.state]);

describe('the check log', () => {
  test('has a row for every week since the claim, newest first, missed weeks too', () => {
    const records = [aRecord(5, '2026-11-05T10:00:00Z'), aRecord(9, '2026-11-27T10:00:00Z')];
    expect(rows(records, '2026-12-01T09:00:00Z')).toEqual([
      ['2026-W49', 'not-yet-due'],
      ['2026-W48', 'done'],
      ['2026-W47', 'missed'],
      ['2026-W46', 'missed'],
      ['2026-W45', 'done'],
    ]);
  });

  test.each([
    ['2026-11-05T23:59:59Z', 'not-yet-due'],
    ['2026-11-06T00:00:00Z', 'due'],
    ['2026-11-08T23:59:59Z', 'due'],
    ['2026-11-09T00:00:00Z', 'missed'],
  ])('a week without a check is, at %s, %s', (now, state) => {
    expect(log([], now).weeks.at(-1)).toMatchObject({ week: '2026-W45', state, dueOn: '2026-11-06' });
  });

  test.each(['fail', 'bypassing', 'unknown'] as const)('a week with only a %s failed', (result) => {
    expect(rows([aRecord(5, '2026-11-05T10:00:00Z', { result })], '2026-11-05T11:00:00Z')).toEqual([
      ['2026-W45', 'failed'],
    ]);
  });

  test('one pass makes a week done; all of its checks stand in the row, newest first', () => {
    const records = [5, 6, 7].map((seq) =>
      aRecord(seq, '2026-11-05T10:00:00Z', { result: seq === 6 ? 'pass' : 'fail' }),
    );
    const [week] = log(records, '2026-11-05T11:00:00Z').weeks;
    expect(week?.state).toBe('done');
    expect(week?.checks.map((check) => check.seq)).toEqual([7, 6, 5]);
  });

  test('nobody can back-date: a check counts for the week in which it was completed', () => {
    const late = aRecord(5, '2026-11-10T10:00:00Z', { week: '2026-W45', openedAt: '2026-11-08T10:00:00Z' });
    expect(rows([late], '2026-11-10T11:00:00Z')).toEqual([
      ['2026-W46', 'done'],
      ['2026-W45', 'missed'],
    ]);
  });

  test('a check from a time when the clock was wrong keeps a row of its own', () => {
    const records = [aRecord(5, '1970-01-01T00:05:00Z'), aRecord(6, '2099-11-05T10:00:00Z')];
    expect(rows(records, '2026-11-04T09:00:00Z').map(([week]) => week)).toEqual([
      '2099-W45',
      '2026-W45',
      '1970-W01',
    ]);
  });

  test('a box claimed after the due day owed no check in its first week', () => {
    const saturday = at('2026-11-07T09:00:00Z');
    expect(rows([], '2026-11-07T10:00:00Z', saturday)).toEqual([['2026-W45', 'due']]);
    expect(rows([], '2026-11-16T10:00:00Z', saturday)).toEqual([
      ['2026-W47', 'not-yet-due'],
      ['2026-W46', 'missed'],
    ]);
    const failed = [aRecord(5, '2026-11-07T10:00:00Z', { result: 'fail' })];
    expect(rows(failed, '2026-11-09T10:00:00Z', saturday).at(-1)).toEqual(['2026-W45', 'failed']);
  });

  test('runs through a year end with 53 weeks', () => {
    expect(rows([], '2027-01-05T10:00:00Z', at('2026-12-22T10:00:00Z')).map(([week]) => week)).toEqual([
      '2027-W01',
      '2026-W53',
      '2026-W52',
    ]);
  });
});

describe('what the log asks of people', () => {
  const due = (records: readonly CheckRecord[], now: string, settings?: string) =>
    checkDue(log(records, now), at(now), settings);
  const inW45 = aRecord(5, '2026-11-05T10:00:00Z');
  const inW46 = (result: CheckRecord['result'], changes: Partial<CheckRecord> = {}) =>
    aRecord(8, '2026-11-11T10:00:00Z', { result, ...changes });

  const cases: readonly [string, CheckRecord[], string, [string, RegExp]][] = [
    ['no check ever', [], '2026-11-04T10:00:00Z', ['due', /No check has been signed yet/]],
    ['no check on the first due day', [], '2026-11-06T10:00:00Z', ['due', /due since Friday 6 November/]],
    ['a pass this week', [inW45], '2026-11-05T11:00:00Z', ['ok', /done and signed/]],
    [
      'a pass last week, before the due day',
      [inW45],
      '2026-11-09T10:00:00Z',
      ['ok', /next is due on Friday 13/],
    ],
    ['a pass last week, on the due day', [inW45], '2026-11-13T10:00:00Z', ['due', /due since Friday 13/]],
    ['a pass two weeks ago', [inW45], '2026-11-17T10:00:00Z', ['overdue', /week 2026-W46/]],
    ['no check ever, in the second week', [], '2026-11-09T10:00:00Z', ['overdue', /week 2026-W45/]],
    ['a fail this week', [inW45, inW46('fail')], '2026-11-12T10:00:00Z', ['failed', /entry 8, failed/]],
    ['a bypass', [inW46('bypassing')], '2026-11-12T10:00:00Z', ['failed', /bypasses/]],
    ['a check that proved nothing', [inW46('unknown')], '2026-11-12T10:00:00Z', ['failed', /proved nothing/]],
    [
      'a fail and then a pass of the same profile',
      [aRecord(7, '2026-11-10T10:00:00Z', { result: 'fail' }), inW46('pass')],
      '2026-11-12T10:00:00Z',
      ['ok', /done and signed/],
    ],
    [
      'a fail and then a pass of another profile',
      [aRecord(7, '2026-11-10T10:00:00Z', { result: 'fail' }), inW46('pass', { profile: 'staff' })],
      '2026-11-12T10:00:00Z',
      ['failed', /profile learner/],
    ],
    [
      'a missed week made up for by a pass now',
      [aRecord(9, '2026-11-16T10:00:00Z')],
      '2026-11-16T11:00:00Z',
      ['ok', /./],
    ],
    ['a clock before the claim', [], '1970-01-01T00:00:00Z', ['due', /clock/]],
  ];
  test.each(cases)('%s', (_, records, now, [state, because]) => {
    const asked = due(records, now);
    expect(asked.state).toBe(state);
    expect(asked.because).toMatch(because);
  });

  test('a check is due again when the settings are not those that were checked', () => {
    expect(due([inW45], '2026-11-05T11:00:00Z', 'settings-1').state).toBe('ok');
    expect(due([inW45], '2026-11-05T11:00:00Z', 'settings-2')).toMatchObject({
      state: 'due',
      because: 'The settings changed since the last check.',
    });
  });

  test('the strip holds the last 13 weeks, oldest first, and ends with this one', () => {
    const asked = checkDue(
      log([aRecord(5, '2027-03-11T10:00:00Z')], '2027-03-12T10:00:00Z'),
      at('2027-03-12T10:00:00Z'),
    );
    expect(asked.strip).toHaveLength(13);
    expect(asked.strip.at(-1)).toEqual({ week: '2027-W10', state: 'done' });
    expect(asked.strip[0]).toEqual({ week: '2026-W51', state: 'missed' });
  });
});
