import type { ButtonPressed } from '#contract/topics.ts';

const FRESH_MS = 5000;
const BOOTS_REMEMBERED = 32;

/**
 * Lets each press through once: a press is stale when it is more than 5 s from now, and heard before when its
 * boot already sent this sequence or a later one (one boot sends in order, so a later one proves a replay).
 */
export function pressGate(clock: () => number): (press: ButtonPressed) => 'fresh' | 'stale' | 'heard before' {
  const lastOf = new Map<string, number>();
  return (press) => {
    if (press.sequence <= (lastOf.get(press.boot) ?? 0)) return 'heard before';
    if (Math.abs(clock() - Date.parse(press.at)) > FRESH_MS) return 'stale';
    lastOf.delete(press.boot);
    lastOf.set(press.boot, press.sequence);
    const oldest = lastOf.keys().next().value;
    if (lastOf.size > BOOTS_REMEMBERED && oldest !== undefined) lastOf.delete(oldest);
    return 'fresh';
  };
}
