import {
  type Alert,
  FOUR_CS,
  type FourC,
  type IncidentCounts,
  IncidentOpened,
  type WeekCounts,
} from '#contract/incidents.ts';
import type { LedgerEntry } from '#contract/ledger.ts';
import { weekOf, weeksBefore } from './weeks.ts';

const WEEKS = 13;

export interface CountSources {
  /** At least the entries of the last 13 weeks; kinds that count nothing are passed over. */
  readonly entries: readonly Pick<LedgerEntry, 'seq' | 'at' | 'kind' | 'body'>[];
  readonly alerts: readonly Pick<Alert, 'firstAt' | 'state'>[];
  /** Distinct devices with a blocked attempt, for each calendar day in London (`2026-11-20`). */
  readonly deviceDays: readonly { readonly day: string; readonly devices: number }[];
  readonly now: Temporal.Instant;
}

/**
 * The figures of the last 13 ISO weeks, newest first, zeros included. Incidents and false positives count for
 * the week in which somebody decided; alerts, and those still open, for the week of their first attempt.
 */
export function incidentCounts({ entries, alerts, deviceDays, now }: CountSources): IncidentCounts {
  const thisWeek = weekOf(now);
  const weeks = Array.from({ length: WEEKS }, (_, back) => emptyWeek(weeksBefore(thisWeek, back)));
  const at = (iso: string) => weeks.find((counts) => counts.week === weekOf(Temporal.Instant.from(iso)));
  for (const entry of entries) {
    if (COUNTED.includes(entry.kind)) countEntry(at(entry.at), entry);
  }
  for (const alert of alerts) countAlert(at(alert.firstAt), alert);
  for (const { day, devices } of deviceDays) {
    const week = weekOf(noonOf(day));
    for (const counts of weeks) if (counts.week === week) counts.deviceDays += devices;
  }
  return { weeks };
}

const COUNTED: readonly LedgerEntry['kind'][] = ['incident.opened', 'alert.dismissed'];

function countEntry(counts: WeekCounts | undefined, entry: CountSources['entries'][number]): void {
  if (!counts) return;
  if (entry.kind === 'incident.opened') counts.incidents[fourCOf(entry)] += 1;
  else counts.falsePositives += 1;
}

function countAlert(counts: WeekCounts | undefined, alert: Pick<Alert, 'state'>): void {
  if (!counts) return;
  counts.alerts += 1;
  if (alert.state === 'open') counts.open += 1;
}

function emptyWeek(week: string): WeekCounts {
  const incidents = Object.fromEntries(FOUR_CS.map((fourC) => [fourC, 0])) as Record<FourC, number>;
  return { week, incidents, alerts: 0, open: 0, falsePositives: 0, deviceDays: 0 };
}

/** An incident that nobody can count must not vanish from the figures, so an unreadable one is our bug. */
function fourCOf(entry: CountSources['entries'][number]): FourC {
  const read = IncidentOpened.safeParse(entry.body);
  if (read.success) return read.data.fourC;
  throw new Error(`ledger entry ${entry.seq} (incident.opened): ${read.error.message}`, {
    cause: read.error,
  });
}

function noonOf(day: string): Temporal.Instant {
  return Temporal.PlainDate.from(day)
    .toZonedDateTime({ timeZone: 'Europe/London', plainTime: '12:00' })
    .toInstant();
}
