import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dayOf,
  dueDayOf,
  firstDayOf,
  lastDayOf,
  NotAWeek,
  sayDay,
  weekOf,
  weeksBefore,
  weeksBetween,
} from '#safeguarding/weeks.ts';

const at = (iso: string) => Temporal.Instant.from(iso);

describe('the week of an instant is the ISO week of its day in London', () => {
  test.each([
    ['2026-11-20T10:00:00Z', '2026-W47', 'an ordinary Friday'],
    ['2026-12-31T23:59:59Z', '2026-W53', 'a year with 53 weeks ends in W53'],
    ['2027-01-03T23:59:59Z', '2026-W53', 'and takes the first days of January with it'],
    ['2027-01-04T00:00:00Z', '2027-W01', 'the Monday after starts the new year'],
    ['2024-12-30T00:00:00Z', '2025-W01', 'the last days of December can be in the next year'],
    ['2023-01-01T12:00:00Z', '2022-W52', 'a Sunday on New Year is in the old year'],
    ['2026-03-29T22:59:59Z', '2026-W13', 'the Sunday on which clocks go forward ends at 23:00Z'],
    ['2026-03-29T23:00:00Z', '2026-W14', 'an hour before UTC says Monday'],
    ['2026-10-25T23:59:59Z', '2026-W43', 'the Sunday on which clocks go back ends at 24:00Z'],
    ['2026-10-26T00:00:00Z', '2026-W44', 'as UTC has it'],
    ['2026-07-05T23:30:00Z', '2026-W28', 'a summer Sunday night is Monday in London'],
    ['2024-02-29T12:00:00Z', '2024-W09', 'a leap day'],
    ['1970-01-01T00:00:00Z', '1970-W01', 'a clock that was never set'],
  ])('%s is in %s: %s', (instant, week) => {
    expect(weekOf(at(instant))).toBe(week);
  });
});

describe('the days of a week', () => {
  test.each([
    ['2026-W53', '2026-12-28', '2027-01-03'],
    ['2027-W01', '2027-01-04', '2027-01-10'],
    ['2024-W09', '2024-02-26', '2024-03-03'],
    ['2026-W13', '2026-03-23', '2026-03-29'],
    ['2026-W43', '2026-10-19', '2026-10-25'],
  ])('%s runs from %s to %s', (week, first, last) => {
    expect(firstDayOf(week).toString()).toBe(first);
    expect(lastDayOf(week).toString()).toBe(last);
  });

  test.each([
    ['2026-W53', 5, '2027-01-01'],
    ['2026-W47', 1, '2026-11-16'],
    ['2026-W47', 7, '2026-11-22'],
    ['2024-W09', 4, '2024-02-29'],
  ])('the due day of %s for weekday %i is %s', (week, weekday, day) => {
    expect(dueDayOf(week, weekday).toString()).toBe(day);
  });

  test('a day reads as people say it', () => {
    expect(sayDay(dayOf(at('2026-11-20T10:00:00Z')))).toBe('Friday 20 November 2026');
  });
});

test.each(['2025-W53', '2026-W54', '2026-W00', '2026-47', '', 'week', '2026-W47x', '99999-W01'])(
  '%j is refused as a week, and the error says what came',
  (text) => {
    expect(() => firstDayOf(text)).toThrow(NotAWeek);
    expect(() => firstDayOf(text)).toThrow(JSON.stringify(text));
  },
);

describe('the weeks between two instants', () => {
  test('run over a year end with 53 weeks, oldest first', () => {
    expect(weeksBetween(at('2026-12-24T00:00:00Z'), at('2027-01-12T00:00:00Z'))).toEqual([
      '2026-W52',
      '2026-W53',
      '2027-W01',
      '2027-W02',
    ]);
  });

  test('are one when both are in the same week', () => {
    expect(weeksBetween(at('2026-11-16T00:00:00Z'), at('2026-11-22T23:00:00Z'))).toEqual(['2026-W47']);
  });

  test('are none when the clock went back behind the first', () => {
    expect(weeksBetween(at('2026-11-16T00:00:00Z'), at('1970-01-01T00:00:00Z'))).toEqual([]);
  });

  test('the week before the first of a year is the last of the year before', () => {
    expect(weeksBefore('2027-W01', 1)).toBe('2026-W53');
    expect(weeksBefore('2026-W53', 53)).toBe('2025-W52');
  });
});

test('law: every instant lies in its week, and weeks sort as text in the order of time', () => {
  const instant = fc.integer({ min: 0, max: 4_102_444_800_000 });
  fc.assert(
    fc.property(instant, instant, (a, b) => {
      const [first, second] = [Math.min(a, b), Math.max(a, b)].map((ms) =>
        Temporal.Instant.fromEpochMilliseconds(ms),
      );
      if (!first || !second) throw new Error('two instants went in');
      const week = weekOf(first);
      const day = dayOf(first);
      expect(Temporal.PlainDate.compare(firstDayOf(week), day)).toBeLessThanOrEqual(0);
      expect(Temporal.PlainDate.compare(day, lastDayOf(week))).toBeLessThanOrEqual(0);
      expect(week <= weekOf(second)).toBe(true);
    }),
  );
});
