import type { Rhythm } from '#contract/lamps.ts';
import { RHYTHMS } from '#contract/legend.ts';

/**
 * Whether a lamp of this rhythm is lit at `atMs`. All lamps count from the same zero, so that lamps of one rhythm
 * flash together.
 */
export function isLit(rhythm: Rhythm, atMs: number): boolean {
  if (rhythm === 'off') return false;
  const cycle: readonly number[] = RHYTHMS[rhythm];
  const cycleMs = cycle.reduce((sum, ms) => sum + ms, 0);
  let leftMs = cycleMs === 0 ? 0 : atMs % cycleMs;
  for (const [at, ms] of cycle.entries()) {
    if (leftMs < ms) return at % 2 === 0;
    leftMs -= ms;
  }
  return true;
}
