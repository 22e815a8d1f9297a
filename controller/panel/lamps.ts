import type { LampName, LampShow } from '#contract/lamps.ts';
import type { Override } from '#contract/override.ts';
import type { State, Status } from '#contract/status.ts';

export type States = Pick<Status, 'filter' | 'upstream' | 'check' | 'override'>;

/** Everything the lamps depend on. Nothing about people, devices or incidents is in it: learners see the lamps. */
export interface LampSources {
  readonly starting: boolean;
  readonly claimed: boolean;
  readonly states: States;
  /** `undefined` while it is not known. */
  readonly override: Override | undefined;
  /** Keys of the warnings that somebody has acknowledged by a press; see `warningKeys`. */
  readonly acknowledged: ReadonlySet<string>;
  readonly now: Temporal.Instant;
}

/** What each lamp shows. A lamp is green only for a state that is known and good. */
export function lampsFor(sources: LampSources): Record<LampName, LampShow> {
  const { starting, claimed, states, acknowledged } = sources;
  const of = (lamp: WarningLamp) => showOf(states[STATE_OF[lamp]], isNew(lamp, states, acknowledged));
  return {
    power: starting ? { colour: 'white', rhythm: 'starting' } : { colour: 'white', rhythm: 'steady' },
    filter: starting ? DARK : of('filter'),
    internet: starting ? DARK : of('internet'),
    check: claimed ? of('check') : DARK,
    override: overrideShow(sources),
  };
}

const DARK: LampShow = { colour: 'dark', rhythm: 'off' };
/** The last minute is announced, so that a lesson does not lose its page without warning. */
const ENDING_MS = 60_000;

/** Lamps whose warnings blink until acknowledged, and the state each stands for. */
const STATE_OF = { filter: 'filter', internet: 'upstream', check: 'check' } as const satisfies Partial<
  Record<LampName, keyof States>
>;
type WarningLamp = keyof typeof STATE_OF;
const WARNING_LAMPS = Object.keys(STATE_OF) as WarningLamp[];

function showOf({ level }: State, isNewWarning: boolean): LampShow {
  switch (level) {
    case 'ok':
      return { colour: 'green', rhythm: 'steady' };
    case 'warning':
      return { colour: 'amber', rhythm: isNewWarning ? 'new' : 'steady' };
    case 'fault':
      return { colour: 'red', rhythm: 'fault' };
    case 'unknown':
      return { colour: 'amber', rhythm: 'unknown' };
  }
}

function overrideShow({ override, states, now }: LampSources): LampShow {
  if (!override || states.override.level === 'unknown') return { colour: 'amber', rhythm: 'unknown' };
  if (override.kind === 'none') return DARK;
  if (override.kind === 'lockdown') return { colour: 'red', rhythm: 'steady' };
  const leftMs = Date.parse(override.until) - now.epochMilliseconds;
  return { colour: 'amber', rhythm: leftMs <= ENDING_MS ? 'ending' : 'running' };
}

/** One key for each warning that stands now: lamp and reason, so that another reason is a new warning. */
export function warningKeys(states: States): string[] {
  return WARNING_LAMPS.filter((lamp) => states[STATE_OF[lamp]].level === 'warning').map((lamp) =>
    keyOf(lamp, states),
  );
}

/** The warnings nobody has acknowledged: what a short press would acknowledge. */
export function newWarnings(states: States, acknowledged: ReadonlySet<string>): string[] {
  return warningKeys(states).filter((key) => !acknowledged.has(key));
}

/** The acknowledged warnings that still stand: one that went away and comes back is new again. */
export function stillAcknowledged(states: States, acknowledged: ReadonlySet<string>): Set<string> {
  return new Set(warningKeys(states).filter((key) => acknowledged.has(key)));
}

function isNew(lamp: WarningLamp, states: States, acknowledged: ReadonlySet<string>): boolean {
  return !acknowledged.has(keyOf(lamp, states));
}

function keyOf(lamp: WarningLamp, states: States): string {
  return `${lamp}: ${states[STATE_OF[lamp]].reason}`;
}
