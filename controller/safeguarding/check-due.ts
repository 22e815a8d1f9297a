import type { CheckDue, CheckLog, CheckRecord, CheckWeek } from '#contract/checks.ts';
import { newestFirst } from './check-log.ts';
import { dayOf, sayDay, weekOf, weeksBefore } from './weeks.ts';

const STRIP_WEEKS = 13;

/**
 * What the log asks of people at `now`. `failed`: the newest check of some profile did not pass, until one does.
 * `overdue`: last week was missed and this week is not done. `due` also when no check ever passed, or when the
 * settings' fingerprint is no longer the one that was checked (`settings`, left out to ask only for the weeks).
 */
export function checkDue(log: CheckLog, now: Temporal.Instant, settings?: string): CheckDue {
  const week = weekOf(now);
  const row = log.weeks.find((one) => one.week === week);
  const strip = log.weeks
    .filter((one) => one.week <= week)
    .slice(0, STRIP_WEEKS)
    .map((one) => ({ week: one.week, state: one.state }))
    .reverse();
  const dueOn = row?.dueOn ?? dayOf(now).toString();
  return { ...judge(log, { week, row, settings }), week, dueOn, strip };
}

interface Now {
  readonly week: string;
  readonly row: CheckWeek | undefined;
  readonly settings: string | undefined;
}

function judge(log: CheckLog, { week, row, settings }: Now): Pick<CheckDue, 'state' | 'because'> {
  const checks = newestFirst(log.weeks.flatMap((one) => one.checks));
  const failed = newestOfEachProfile(checks).find((check) => check.result !== 'pass');
  if (failed) return { state: 'failed', because: sayFailed(failed) };
  const lastPass = checks[0];
  if (!row) return { state: 'due', because: 'The clock is earlier than the set-up: no week can be told.' };
  const dueDay = sayDay(Temporal.PlainDate.from(row.dueOn));
  if (row.state !== 'done' && isMissed(log, weeksBefore(week, 1)))
    return { state: 'overdue', because: `No check was signed in week ${weeksBefore(week, 1)}.` };
  if (row.state === 'due')
    return { state: 'due', because: `This week’s check has been due since ${dueDay}.` };
  if (!lastPass)
    return { state: 'due', because: `No check has been signed yet; the first is due on ${dueDay}.` };
  if (settings !== undefined && lastPass.configuration.settings !== settings)
    return { state: 'due', because: 'The settings changed since the last check.' };
  if (row.state === 'done') return { state: 'ok', because: 'This week’s check is done and signed.' };
  return { state: 'ok', because: `The last check passed; the next is due on ${dueDay}.` };
}

function newestOfEachProfile(newest: readonly CheckRecord[]): CheckRecord[] {
  const profiles = new Map<string, CheckRecord>();
  for (const check of newest) if (!profiles.has(check.profile)) profiles.set(check.profile, check);
  return [...profiles.values()];
}

function isMissed(log: CheckLog, week: string): boolean {
  return log.weeks.some((one) => one.week === week && one.state === 'missed');
}

function sayFailed(check: CheckRecord): string {
  const words = {
    pass: 'passed',
    fail: 'failed',
    bypassing: 'found a device that bypasses the filter',
    unknown: 'proved nothing',
  };
  return `The last check of the profile ${check.profile}, entry ${check.seq}, ${words[check.result]}.`;
}
