import type { LedgerEntry, NewEntry } from '#contract/ledger.ts';
import { type Override, OverrideStarted } from '#contract/override.ts';

/** Nothing runs longer than this, whatever an entry says. */
const LONGEST_MS = 3_600_000;
/** A clock that was set back by less is only being corrected. */
const CLOCK_SLACK_MS = 5000;

export const NO_OVERRIDE: Override = { kind: 'none' };

/** The entry that ends `override` by itself, once its time is up; undefined while it may go on. */
export function endIfDue(override: Override, now: Temporal.Instant): NewEntry | undefined {
  if (override.kind === 'none') return undefined;
  const startedMs = Date.parse(override.startedAt);
  const untilMs = Date.parse(override.until);
  const nowMs = now.epochMilliseconds;
  if (nowMs >= untilMs) return ended('its time was up');
  if (nowMs < startedMs - CLOCK_SLACK_MS)
    return ended('the clock was set back, so its end could not be told');
  return untilMs - startedMs > LONGEST_MS ? ended('it was to last longer than an hour') : undefined;
}

/**
 * What is in force after a restart, from the ledger's `override.*` entries in any order, and the entry still
 * owed when something ran out (or cannot be read) while nobody was looking. What is in doubt is not in force.
 */
export function overrideFrom(
  entries: readonly Pick<LedgerEntry, 'seq' | 'kind' | 'body'>[],
  now: Temporal.Instant,
): { override: Override; owed: NewEntry | undefined } {
  const last = entries
    .filter((entry) => entry.kind === 'override.started' || entry.kind === 'override.ended')
    .reduce<(typeof entries)[number] | undefined>((a, b) => (a && a.seq > b.seq ? a : b), undefined);
  if (last?.kind !== 'override.started') return { override: NO_OVERRIDE, owed: undefined };
  const read = OverrideStarted.safeParse(last.body);
  if (!read.success) return { override: NO_OVERRIDE, owed: ended(`entry ${last.seq} could not be read`) };
  const owed = endIfDue(read.data.override, now);
  return owed ? { override: NO_OVERRIDE, owed } : { override: read.data.override, owed: undefined };
}

/** The time of day of `at` in London, as `14:05`. */
export function timeInLondon(at: Temporal.Instant): string {
  return at.toZonedDateTimeISO('Europe/London').toPlainTime().toString({ smallestUnit: 'minute' });
}

function ended(why: string): NewEntry {
  return { kind: 'override.ended', by: 'box', body: { why } };
}
