import { CATEGORIES, type Category, isLocked } from '#contract/categories.ts';
import type { LedgerEntry, NewEntry } from '#contract/ledger.ts';
import { type Override, PressId } from '#contract/override.ts';
import type { ProfileId } from '#contract/profiles.ts';
import type { Settings } from '#contract/settings.ts';
import type { ButtonPressed } from '#contract/topics.ts';

/** A press heard later than this is a replay: nobody stands at the button any more. */
export const FRESH_MS = 5000;
export const LOCKDOWN_MINUTES = 30;
/** Gestures are timed by paneld's own clock, which rounds: a tenth of a second is forgiven. */
const HELD_AT_LEAST_MS = { short: 0, hold: 2900, 'long-hold': 7900, stuck: 0 } as const;
const BOOTS_REMEMBERED = 32;

/** The newest press heard of each boot of paneld, the newest boot last. */
export type HeardPresses = readonly PressId[];

export interface Situation {
  readonly now: Temporal.Instant;
  readonly claimed: boolean;
  readonly override: Override;
  /** As it was before this press. */
  readonly heard: HeardPresses;
  /** The warnings a short press would acknowledge. */
  readonly newWarnings: readonly string[];
  readonly settings: Settings['override'];
}

/** What a press does. `until` and `startedAt` are instants in ISO form. */
export type PressAction =
  | { readonly kind: 'ignored' | 'refused'; readonly why: string }
  | { readonly kind: 'acknowledge'; readonly warnings: readonly string[] }
  | { readonly kind: 'lamp-test' }
  | { readonly kind: 'end-override'; readonly why: string }
  | {
      readonly kind: 'start-override';
      readonly profile: ProfileId;
      readonly categories: readonly Category[];
      readonly startedAt: string;
      readonly until: string;
    }
  | {
      readonly kind: 'start-lockdown';
      readonly profiles: readonly ProfileId[];
      readonly startedAt: string;
      readonly until: string;
    };

/** What `press` means in this situation. No press reaches the locked core, whatever the settings say. */
export function pressed(press: ButtonPressed, situation: Situation): PressAction {
  const why = ignoredBecause(press, situation);
  if (why !== undefined) return { kind: 'ignored', why };
  if (press.gesture === 'short') return shortPress(situation);
  if (!situation.claimed) return refused('Set-up is not finished: only a short press does something.');
  return press.gesture === 'hold' ? startOverride(situation) : startLockdown(situation);
}

function ignoredBecause(press: ButtonPressed, { now, heard }: Situation): string | undefined {
  const ageMs = now.epochMilliseconds - Date.parse(press.at);
  if (!(Math.abs(ageMs) <= FRESH_MS))
    return `Wanted a press of the last ${FRESH_MS} ms, got one of ${press.at} at ${now}.`;
  if (press.sequence <= lastSequence(heard, press.boot))
    return `Press ${press.sequence} of boot ${press.boot} was heard already.`;
  if (press.gesture === 'stuck') return 'The button is stuck: it counts again once it is released.';
  const atLeastMs = HELD_AT_LEAST_MS[press.gesture];
  if (press.heldMs < atLeastMs)
    return `Wanted a ${press.gesture} of at least ${atLeastMs} ms, got ${press.heldMs} ms.`;
  return undefined;
}

function shortPress({ override, newWarnings }: Situation): PressAction {
  if (override.kind !== 'none') return { kind: 'end-override', why: 'ended by the button' };
  return newWarnings.length > 0 ? { kind: 'acknowledge', warnings: newWarnings } : { kind: 'lamp-test' };
}

function startOverride({ now, override, settings }: Situation): PressAction {
  if (override.kind === 'lockdown') return refused('A lockdown is in force: a short press ends it first.');
  if (override.kind === 'unplanned')
    return refused('A relaxation is in force already: a short press ends it.');
  if (!settings.unplanned) return refused('The provider allows no relaxation that nobody approved before.');
  const { profile } = settings;
  // Stricter than the profile's own locked core: by a button, staff lift none of these categories either.
  const categories = settings.categories.filter(
    (category) => !isLocked(category, profile) && CATEGORIES[category].firmness !== 'locked',
  );
  if (categories.length === 0) return refused('Every category the button would relax is locked.');
  const until = now.add({ minutes: Math.min(settings.minutes, 60) });
  return { kind: 'start-override', profile, categories, startedAt: iso(now), until: iso(until) };
}

function startLockdown({ now, override }: Situation): PressAction {
  if (override.kind === 'lockdown') return refused('A lockdown is in force already.');
  return {
    kind: 'start-lockdown',
    profiles: ['learner', 'guest'],
    startedAt: iso(now),
    until: iso(now.add({ minutes: LOCKDOWN_MINUTES })),
  };
}

/** `heard` with `press` in it. */
export function hear(heard: HeardPresses, { boot, sequence }: PressId): HeardPresses {
  const newest = { boot, sequence: Math.max(sequence, lastSequence(heard, boot)) };
  return [...heard.filter((one) => one.boot !== boot), newest].slice(-BOOTS_REMEMBERED);
}

function lastSequence(heard: HeardPresses, boot: string): number {
  return heard.find((one) => one.boot === boot)?.sequence ?? 0;
}

/** The presses already recorded, so that a restart does not hear one twice. Entries in the ledger's order. */
export function heardFrom(entries: readonly Pick<LedgerEntry, 'kind' | 'body'>[]): HeardPresses {
  return entries
    .filter((entry) => entry.kind === 'button.pressed')
    .map((entry) => PressId.safeParse(entry.body).data)
    .filter((press) => press !== undefined)
    .reduce<HeardPresses>(hear, []);
}

/**
 * What goes into the ledger before the action takes effect, in one transaction: the press itself, what it ends
 * and what it starts. Ignored presses leave no entry.
 */
export function entriesOf(press: ButtonPressed, action: PressAction, override: Override): NewEntry[] {
  if (action.kind === 'ignored') return [];
  const id: PressId = { boot: press.boot, sequence: press.sequence };
  const { gesture, heldMs, at } = press;
  const why = action.kind === 'refused' ? { why: action.why } : {};
  const body = { ...id, gesture, heldMs, at, did: action.kind, ...why };
  return [{ kind: 'button.pressed', by: 'box', body }, ...effects(action, override, id)];
}

function effects(action: PressAction, override: Override, press: PressId): NewEntry[] {
  if (action.kind === 'end-override') return [ended(action.why, press)];
  const started = startedBy(action);
  if (!started) return [];
  const entry: NewEntry = { kind: 'override.started', by: 'box', body: { override: started, press } };
  return override.kind === 'none' ? [entry] : [ended(`replaced by a ${started.kind}`, press), entry];
}

function ended(why: string, press: PressId): NewEntry {
  return { kind: 'override.ended', by: 'box', body: { why, press } };
}

/** The override that `action` puts in force; undefined when it starts none. */
export function startedBy(action: PressAction): Exclude<Override, { kind: 'none' }> | undefined {
  if (action.kind !== 'start-override' && action.kind !== 'start-lockdown') return undefined;
  const { startedAt, until } = action;
  return action.kind === 'start-lockdown'
    ? { kind: 'lockdown', profiles: [...action.profiles], startedAt, until }
    : { kind: 'unplanned', profiles: [action.profile], categories: [...action.categories], startedAt, until };
}

function refused(why: string): PressAction {
  return { kind: 'refused', why };
}

function iso(at: Temporal.Instant): string {
  return at.toString({ smallestUnit: 'millisecond' });
}
