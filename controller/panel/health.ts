import type { CheckDue } from '#contract/checks.ts';
import type { UpstreamHealth } from '#contract/events.ts';
import type { Override } from '#contract/override.ts';
import type { State } from '#contract/status.ts';
import { timeInLondon } from './override.ts';

/** A value and when it was measured. */
export interface Measured<T> {
  readonly value: T;
  readonly at: Temporal.Instant;
}

/** How long a measurement is believed; older, it says nothing, however good it was. */
export const TIME_TO_LIVE_MS = {
  answering: 15_000,
  lists: 60_000,
  upstreams: 30_000,
  check: 120_000,
} as const;

/** A list not fetched for longer than this is stale. */
export const STALE_LIST_MS = 7 * 86_400_000;

/** Clocks may differ by an hour; a list dated further ahead says that one of them is wrong. */
const CLOCK_SLACK_MS = 3_600_000;

/** What the appliance's own question to its own listeners found. */
export interface Answering {
  readonly ok: boolean;
  /** What did not answer, such as `udp 127.0.0.1:5300`; empty when all did. */
  readonly trouble: string;
}

export interface ListsInForce {
  readonly index: { readonly names: number; readonly lists: number };
  readonly lists: readonly {
    readonly name: string;
    /** Why the newest content is not in force, such as a missing source. */
    readonly trouble: string | null;
    readonly fetchedAt: string | null;
  }[];
}

export interface FilterMeasurements {
  /** Absent until the first self-probe came back. */
  readonly answering: Measured<Answering> | undefined;
  readonly lists: Measured<ListsInForce> | undefined;
}

/** Whether the filter answers, from what, and how fresh it is. Reasons name days, not ages: they stay the same. */
export function filterState({ answering, lists }: FilterMeasurements, now: Temporal.Instant): State {
  const answer = believed(answering, TIME_TO_LIVE_MS.answering, now);
  if (answer && !answer.ok) return fault(`The filter does not answer: ${answer.trouble}.`);
  const inForce = believed(lists, TIME_TO_LIVE_MS.lists, now);
  if (inForce && (inForce.index.names === 0 || inForce.index.lists === 0))
    return fault('No list is in force: nothing is blocked by category.');
  if (!answer) return unknown('Nobody has seen the filter answer lately.');
  if (!inForce) return unknown('It is not known which lists are in force.');
  const troubles = inForce.lists.map((list) => listTrouble(list, now)).filter((text) => text !== undefined);
  const [first, ...others] = troubles;
  if (first === undefined) return ok(`Filtering by ${count(inForce.index.lists, 'list')}.`);
  return warning(others.length === 0 ? first : `${first} ${count(others.length, 'more list')} in trouble.`);
}

function listTrouble(list: ListsInForce['lists'][number], now: Temporal.Instant): string | undefined {
  if (list.trouble !== null) {
    const named = list.trouble.includes(list.name) ? list.trouble : `The list ${list.name}: ${list.trouble}`;
    return `${named.replace(/\.$/, '')}.`;
  }
  if (list.fetchedAt === null) return `The list ${list.name} was never fetched.`;
  const ageMs = now.epochMilliseconds - Date.parse(list.fetchedAt);
  const day = list.fetchedAt.slice(0, 10);
  if (!(ageMs >= -CLOCK_SLACK_MS)) return `The list ${list.name} is dated in the future (${day}).`;
  return ageMs > STALE_LIST_MS ? `The list ${list.name} was last fetched on ${day}.` : undefined;
}

/** Whether names can be looked up. An upstream that nobody tried lately is never counted as up. */
export function upstreamState(
  upstreams: Measured<readonly UpstreamHealth[]> | undefined,
  now: Temporal.Instant,
): State {
  const found = believed(upstreams, TIME_TO_LIVE_MS.upstreams, now);
  if (!found) return unknown('Nobody has asked an upstream resolver lately.');
  if (found.length === 0) return fault('No upstream resolver is set.');
  const urls = (state: UpstreamHealth['state']) =>
    found.filter((one) => one.state === state).map((one) => one.url);
  const answering = [...urls('up'), ...urls('slow')];
  if (answering.length === 0) {
    const untried = urls('unknown');
    if (untried.length > 0) return unknown(`It is not known whether ${untried.join(', ')} answers.`);
    return fault(`No upstream answers: ${urls('down').join(', ')}.`);
  }
  for (const [state, words] of UPSTREAM_TROUBLES) {
    const [url] = urls(state);
    if (url !== undefined) return warning(`The upstream ${url} ${words}.`);
  }
  return ok(`${count(found.length, 'upstream')} ${found.length === 1 ? 'answers' : 'answer'}.`);
}

const UPSTREAM_TROUBLES = [
  ['down', 'does not answer'],
  ['slow', 'is slow'],
  ['unknown', 'has not been tried lately'],
] as const;

/** Where the weekly check stands. Until set-up is finished there is nothing to be due. */
export function checkState(
  due: Measured<CheckDue> | undefined,
  claimed: boolean,
  now: Temporal.Instant,
): State {
  if (!claimed) return unknown('Set-up is not finished.');
  const known = believed(due, TIME_TO_LIVE_MS.check, now);
  if (!known) return unknown('The check log has not been read lately.');
  if (known.state === 'ok') return ok(known.because);
  return known.state === 'due' ? warning(known.because) : fault(known.because);
}

/** What stands beside the policy. `undefined` is not yet known, which is not the same as nothing. */
export function overrideState(override: Override | undefined, now: Temporal.Instant): State {
  if (!override) return unknown('It is not known whether a relaxation is in force.');
  if (override.kind === 'none') return ok('No relaxation is in force.');
  const until = Temporal.Instant.from(override.until);
  if (Temporal.Instant.compare(until, now) <= 0) return warning('A relaxation or lockdown is just ending.');
  const what = override.kind === 'lockdown' ? 'A lockdown' : 'A relaxation';
  return warning(`${what} for ${override.profiles.join(' and ')} is in force until ${timeInLondon(until)}.`);
}

/** Too old says nothing; so does dated ahead by as much, for then the clock has been moved. */
function believed<T>(measured: Measured<T> | undefined, ttlMs: number, now: Temporal.Instant): T | undefined {
  if (!measured) return undefined;
  const ageMs = now.epochMilliseconds - measured.at.epochMilliseconds;
  return Math.abs(ageMs) <= ttlMs ? measured.value : undefined;
}

const ok = (reason: string): State => ({ level: 'ok', reason });
const warning = (reason: string): State => ({ level: 'warning', reason });
const fault = (reason: string): State => ({ level: 'fault', reason });
const unknown = (reason: string): State => ({ level: 'unknown', reason });

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
