import { expect, test } from 'vitest';
import { age, day, dayAfter, dayAndTime, isoWeek, weekName } from '#ui/dates.ts';

test.each([
  [2024, 12, 30, '2025-W01'],
  [2025, 1, 1, '2025-W01'],
  [2025, 3, 9, '2025-W10'],
  [2025, 3, 10, '2025-W11'],
  [2021, 1, 3, '2020-W53'],
  [2027, 1, 3, '2026-W53'],
  [2028, 2, 29, '2028-W09'],
])('%i-%i-%i lies in week %s', (year, month, date, week) => {
  expect(isoWeek(new Date(year, month - 1, date, 0, 30))).toBe(week);
  expect(isoWeek(new Date(year, month - 1, date, 23, 30))).toBe(week);
});

test('dates read as people here write them', () => {
  const local = new Date(2025, 2, 4, 9, 5).toISOString();
  expect(day(local)).toBe('Tue, 4 Mar 2025');
  expect(dayAndTime(local)).toBe('Tue, 4 Mar 2025, 09:05');
});

test('weeks read as people say them', () => {
  expect(weekName('2025-W09')).toBe('Week 9, 2025');
  expect(weekName('some week')).toBe('some week');
});

test('what is no date is shown as it came, and breaks no page', () => {
  expect(day('soon')).toBe('soon');
  expect(age('', new Date())).toBe('');
});

test.each([
  [30, '30 seconds ago'],
  [0, 'now'],
  [90, '1 minute ago'],
  [7300, '2 hours ago'],
  [86_400 * 9 + 5, '9 days ago'],
])('%i seconds back is %s', (seconds, said) => {
  const now = new Date('2025-03-04T09:00:00Z');
  expect(age(new Date(now.getTime() - seconds * 1000).toISOString(), now)).toBe(said);
});

test('a due day a week on crosses the end of a month and of a year', () => {
  expect(dayAfter(new Date(2025, 1, 25), 7)).toBe('2025-03-04');
  expect(dayAfter(new Date(2025, 11, 31), 7)).toBe('2026-01-07');
});
