import type { CheckLog, CheckRecord, CheckWeek } from '#contract/checks.ts';
import { dayOf, dueDayOf, weekOf, weeksBetween } from './weeks.ts';

export interface CheckLogSources {
  /** In any order. */
  readonly records: readonly CheckRecord[];
  readonly claimedAt: Temporal.Instant;
  readonly now: Temporal.Instant;
  /** ISO weekday on which a week's check falls due. */
  readonly dueWeekday: number;
}

/**
 * The check log: a row for every ISO week since the box was claimed, newest first, missed weeks too.
 * A check counts for the week in which it was completed, whatever week it names: there is no back-dating.
 * A check outside those weeks (the clock was wrong then) has a row of its own; nothing is left out.
 */
export function checkLog(sources: CheckLogSources): CheckLog {
  const { records, claimedAt, now, dueWeekday } = sources;
  const byWeek = new Map<string, CheckRecord[]>();
  for (const week of weeksBetween(claimedAt, now)) byWeek.set(week, []);
  for (const record of records) {
    const week = weekOf(Temporal.Instant.from(record.completedAt));
    byWeek.set(week, [...(byWeek.get(week) ?? []), record]);
  }
  const rows = [...byWeek].map(([week, checks]): CheckWeek => {
    const dueOn = dueDayOf(week, dueWeekday);
    return {
      week,
      state: stateOf({ week, dueOn, checks, now }),
      dueOn: dueOn.toString(),
      checks: newestFirst(checks),
    };
  });
  const kept = rows.filter((row) => !isBeforeFirstDue(row, claimedAt));
  return { weeks: kept.sort((a, b) => (a.week < b.week ? 1 : -1)) };
}

/** Newest by the ledger's sequence: the wall clock may have moved between two checks. */
export function newestFirst(records: readonly CheckRecord[]): CheckRecord[] {
  return [...records].sort((a, b) => b.seq - a.seq);
}

interface WeekSources {
  readonly week: string;
  readonly dueOn: Temporal.PlainDate;
  readonly checks: readonly CheckRecord[];
  readonly now: Temporal.Instant;
}

function stateOf({ week, dueOn, checks, now }: WeekSources): CheckWeek['state'] {
  if (checks.some((check) => check.result === 'pass')) return 'done';
  if (checks.length > 0) return 'failed';
  if (week < weekOf(now)) return 'missed';
  return Temporal.PlainDate.compare(dayOf(now), dueOn) >= 0 ? 'due' : 'not-yet-due';
}

/** A box claimed after its first week's due day owed no check that week: calling it missed would be untrue. */
function isBeforeFirstDue(row: CheckWeek, claimedAt: Temporal.Instant): boolean {
  return row.state === 'missed' && row.week === weekOf(claimedAt) && dayOf(claimedAt).toString() > row.dueOn;
}
