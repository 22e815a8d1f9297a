/** Reads an instant (ISO 8601) as people here write it: `Tue, 4 Mar 2025, 09:05`. */
export function dayAndTime(instant: string): string {
  return format(instant, { ...DAY, hour: '2-digit', minute: '2-digit' });
}

/** Reads a calendar day or an instant: `Tue, 4 Mar 2025`. */
export function day(instant: string): string {
  return format(instant, DAY);
}

const DAY = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' } as const;

function format(instant: string, options: Intl.DateTimeFormatOptions): string {
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? instant : new Intl.DateTimeFormat('en-GB', options).format(date);
}

const DAY_MS = 86_400_000;

/** The ISO 8601 week of a local calendar day, as `2025-W10`: the week belongs to the year of its Thursday. */
export function isoWeek(now: Date): string {
  const today = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate());
  const weekday = (new Date(today).getUTCDay() + 6) % 7;
  const thursday = today + (3 - weekday) * DAY_MS;
  const year = new Date(thursday).getUTCFullYear();
  const week = Math.floor((thursday - Date.UTC(year, 0, 1)) / DAY_MS / 7) + 1;
  return `${year}-W${String(week).padStart(2, '0')}`;
}

/** Reads an ISO 8601 week, `2025-W10`, as people say it: `Week 10, 2025`. */
export function weekName(week: string): string {
  const [, year, number] = /^(\d{4})-W(\d{2})$/.exec(week) ?? [];
  return year === undefined ? week : `Week ${Number(number)}, ${year}`;
}

/** Age in the largest whole unit: `3 days ago`. */
export function age(instant: string, now: Date): string {
  const seconds = (new Date(instant).getTime() - now.getTime()) / 1000;
  if (Number.isNaN(seconds)) return instant;
  const [unit, length] = UNITS.find(([, unitSeconds]) => Math.abs(seconds) >= unitSeconds) ?? ['second', 1];
  return new Intl.RelativeTimeFormat('en-GB', { numeric: 'auto' }).format(Math.trunc(seconds / length), unit);
}

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** A calendar day `days` after `now`, as a date field wants it. */
export function dayAfter(now: Date, days: number): string {
  const later = new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 12);
  return `${later.getFullYear()}-${two(later.getMonth() + 1)}-${two(later.getDate())}`;
}

const two = (number: number): string => String(number).padStart(2, '0');
