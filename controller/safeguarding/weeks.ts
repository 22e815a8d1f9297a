/** A week that is no ISO week: malformed, or the 53rd of a year that has 52. */
export class NotAWeek extends Error {
  constructor(got: string) {
    super(`wanted an ISO week such as 2026-W47, got ${JSON.stringify(got.slice(0, 40))}`);
    this.name = 'NotAWeek';
  }
}

/** Providers keep their calendar here; a check signed at five past midnight in summer counts for that day. */
const ZONE = 'Europe/London';

/** The calendar day of `at` in London. */
export function dayOf(at: Temporal.Instant): Temporal.PlainDate {
  return at.toZonedDateTimeISO(ZONE).toPlainDate();
}

/** The ISO week of `at` in London, such as `2026-W47`. Weeks of four-digit years sort as text. */
export function weekOf(at: Temporal.Instant): string {
  return weekOfDay(dayOf(at));
}

/** The Monday of `week`. @throws NotAWeek */
export function firstDayOf(week: string): Temporal.PlainDate {
  const parts = /^(\d{4})-W(\d{2})$/.exec(week);
  const number = Number(parts?.[2]);
  if (!parts || number < 1 || number > 53) throw new NotAWeek(week);
  // ISO 8601: 4 January is always in week 1.
  const fourth = Temporal.PlainDate.from({ year: Number(parts[1]), month: 1, day: 4 });
  const monday = fourth.subtract({ days: fourth.dayOfWeek - 1 }).add({ weeks: number - 1 });
  if (weekOfDay(monday) !== week) throw new NotAWeek(week);
  return monday;
}

/** The Sunday of `week`. @throws NotAWeek */
export function lastDayOf(week: string): Temporal.PlainDate {
  return firstDayOf(week).add({ days: 6 });
}

/** The day of `week` that is ISO weekday `weekday` (1 is Monday). @throws NotAWeek */
export function dueDayOf(week: string, weekday: number): Temporal.PlainDate {
  return firstDayOf(week).add({ days: weekday - 1 });
}

/** The week `count` weeks before `week`. @throws NotAWeek */
export function weeksBefore(week: string, count: number): string {
  return weekOfDay(firstDayOf(week).subtract({ weeks: count }));
}

/** Every week from the one of `from` to the one of `to`, oldest first; none when `to` lies in an earlier week. */
export function weeksBetween(from: Temporal.Instant, to: Temporal.Instant): string[] {
  const weeks: string[] = [];
  const last = firstDayOf(weekOf(to));
  let monday = firstDayOf(weekOf(from));
  while (Temporal.PlainDate.compare(monday, last) <= 0) {
    weeks.push(weekOfDay(monday));
    monday = monday.add({ weeks: 1 });
  }
  return weeks;
}

/** `day` as people say it, such as `Friday 20 November 2026`. */
export function sayDay(day: Temporal.PlainDate): string {
  return `${DAYS[day.dayOfWeek - 1]} ${day.day} ${MONTHS[day.month - 1]} ${day.year}`;
}

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];

function weekOfDay(day: Temporal.PlainDate): string {
  return `${String(day.yearOfWeek).padStart(4, '0')}-W${String(day.weekOfYear).padStart(2, '0')}`;
}
