/** Milliseconds a button is held; a press is short below the first, and each further one is passed on the way. */
export const HELD_MS = { short: 700, hold: 3000, longHold: 8000, stuck: 15_000 } as const;

/** A press this soon after a confirmed one was let go is the same finger. */
const QUIET_MS = 300;
/** A machine that was not asked for so long has been blind: what it believes about the button is void. */
const BLIND_MS = 1000;
const ARMING_STEPS = 5;

export type Gesture = 'short' | 'hold' | 'long-hold' | 'stuck';

/** What the machine is told, with a monotonic clock that only it needs. */
export type GestureInput =
  | { readonly kind: 'edge'; readonly isDown: boolean; readonly atMs: number }
  | { readonly kind: 'tick'; readonly atMs: number }
  | { readonly kind: 'link'; readonly isUp: boolean; readonly atMs: number };

/** What the machine says. Arming steps go from 1 to 5 while a hold is not confirmed yet, and to 0 when let go. */
export type GestureOutput =
  | { readonly kind: 'gesture'; readonly gesture: Gesture; readonly heldMs: number }
  | { readonly kind: 'arming'; readonly step: number };

/**
 * `unsure`: no release was seen since the start, the last gap of the link or the last blind spell; `sinceMs` is
 * when it was first found down. `held`: pressed down from a release that was seen.
 */
export type GestureState =
  | { readonly phase: 'no link' }
  | { readonly phase: 'unsure'; readonly sinceMs: number | undefined; readonly isStuck: boolean }
  | { readonly phase: 'released'; readonly quietUntilMs: number }
  | {
      readonly phase: 'held';
      readonly sinceMs: number;
      readonly step: number;
      readonly said: Gesture | undefined;
      readonly isIgnored: boolean;
    };

export interface GestureMachine {
  readonly state: GestureState;
  readonly lastMs: number;
}

export const GESTURE_START: GestureMachine = { state: { phase: 'no link' }, lastMs: 0 };

/**
 * One step of the button: a press counts only from a release that was seen to a release that is seen, over a link
 * without a gap. A hold is said once at 3 s while the button is still down, and a long hold once more at 8 s.
 */
export function advance(
  machine: GestureMachine,
  input: GestureInput,
): { readonly machine: GestureMachine; readonly said: readonly GestureOutput[] } {
  const { atMs } = input;
  const isBlind = atMs - machine.lastMs > BLIND_MS && machine.state.phase === 'held';
  const before = isBlind
    ? letGo(machine.state, { ...UNSURE, sinceMs: atMs })
    : { state: machine.state, said: [] };
  const timed = pass(before.state, atMs);
  const after = take(timed.state, input);
  return {
    machine: { state: after.state, lastMs: atMs },
    said: [...before.said, ...timed.said, ...after.said],
  };
}

interface Step {
  readonly state: GestureState;
  readonly said: readonly GestureOutput[];
}
type Held = Extract<GestureState, { phase: 'held' }>;

const UNSURE = { phase: 'unsure', sinceMs: undefined, isStuck: false } as const;
const quietly = (state: GestureState): Step => ({ state, said: [] });

/** Leaves a press without a gesture. */
function letGo(from: GestureState, to: GestureState): Step {
  const isArming = from.phase === 'held' && from.step > 0;
  return { state: to, said: isArming ? [{ kind: 'arming', step: 0 }] : [] };
}

/** What the passing of time alone does. */
function pass(state: GestureState, atMs: number): Step {
  if (state.phase === 'held') return passHeld(state, atMs);
  if (state.phase !== 'unsure' || state.sinceMs === undefined || state.isStuck) return quietly(state);
  const heldMs = atMs - state.sinceMs;
  if (heldMs <= HELD_MS.stuck) return quietly(state);
  return { state: { ...state, isStuck: true }, said: [{ kind: 'gesture', gesture: 'stuck', heldMs }] };
}

/** Thresholds in the order a press meets them. */
const MET: readonly { readonly gesture: Gesture; readonly isMet: (heldMs: number) => boolean }[] = [
  { gesture: 'hold', isMet: (heldMs) => heldMs >= HELD_MS.hold },
  { gesture: 'long-hold', isMet: (heldMs) => heldMs >= HELD_MS.longHold },
  { gesture: 'stuck', isMet: (heldMs) => heldMs > HELD_MS.stuck },
];

function passHeld(held: Held, atMs: number): Step {
  const heldMs = atMs - held.sinceMs;
  const done = MET.findIndex(({ gesture }) => gesture === held.said);
  const next = MET[done + 1];
  if (next?.isMet(heldMs)) {
    const isSaid = !held.isIgnored || next.gesture === 'stuck';
    const step = passHeld({ ...held, said: next.gesture }, atMs);
    return isSaid
      ? { ...step, said: [{ kind: 'gesture', gesture: next.gesture, heldMs }, ...step.said] }
      : step;
  }
  const step = armingStep(heldMs);
  if (held.isIgnored || held.said !== undefined || step <= held.step) return quietly(held);
  return { state: { ...held, step }, said: [{ kind: 'arming', step }] };
}

function armingStep(heldMs: number): number {
  if (heldMs < HELD_MS.short) return 0;
  const share = (heldMs - HELD_MS.short) / (HELD_MS.hold - HELD_MS.short);
  return Math.min(ARMING_STEPS, 1 + Math.floor(share * ARMING_STEPS));
}

function take(state: GestureState, input: GestureInput): Step {
  switch (input.kind) {
    case 'tick':
      return quietly(state);
    case 'link':
      return letGo(state, input.isUp ? UNSURE : { phase: 'no link' });
    case 'edge':
      return input.isDown ? press(state, input.atMs) : release(state, input.atMs);
  }
}

function press(state: GestureState, atMs: number): Step {
  if (state.phase === 'unsure') return quietly({ ...state, sinceMs: state.sinceMs ?? atMs });
  if (state.phase !== 'released') return quietly(state);
  const isIgnored = atMs < state.quietUntilMs;
  return quietly({ phase: 'held', sinceMs: atMs, step: 0, said: undefined, isIgnored });
}

function release(state: GestureState, atMs: number): Step {
  if (state.phase === 'unsure') return quietly({ phase: 'released', quietUntilMs: atMs });
  if (state.phase !== 'held') return quietly(state);
  const heldMs = atMs - state.sinceMs;
  const released = letGo(state, {
    phase: 'released',
    quietUntilMs: state.said === undefined && !state.isIgnored ? atMs : atMs + QUIET_MS,
  });
  const isShort = state.said === undefined && !state.isIgnored && heldMs < HELD_MS.short;
  return isShort
    ? { ...released, said: [...released.said, { kind: 'gesture', gesture: 'short', heldMs }] }
    : released;
}
