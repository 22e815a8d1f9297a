import type { ListState } from './list-state.ts';
import { isLocal } from './sources.ts';
import type { Outcome } from './update.ts';

/** The clock of the box and its timers. */
export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Calls `run` once after `ms`, which is at most a day; the answer cancels it. A waiting timer keeps no process alive. */
  after(ms: number, run: () => void): () => void;
}

export const INTERVAL_MS = 24 * 60 * 60_000;
const FIRST_RETRY_MS = 60_000;
/** Boxes that were switched on together should not ask together. */
const JITTER = 0.1;

/**
 * How long to wait before a list is asked for again: a day, and after failures 1 minute, doubling up to the day.
 * @param random from 0 up to 1
 */
export function nextAfter(outcome: Outcome, failures: number, random: number): number {
  const base =
    outcome === 'failed'
      ? Math.min(INTERVAL_MS, FIRST_RETRY_MS * 2 ** Math.max(0, failures - 1))
      : INTERVAL_MS;
  return Math.round(base * (1 - JITTER * random));
}

/** How long after the start a list is due: files of the box at once, others a day after they were last confirmed. */
export function firstAfter(state: ListState, nowMs: number): number {
  if (isLocal(state.source) || state.fetchedAt === null || state.trouble !== null) return 0;
  const age = nowMs - Date.parse(state.fetchedAt);
  // A fetch in the future means that the clock was wrong then or is wrong now.
  return age < 0 ? 0 : Math.max(0, INTERVAL_MS - age);
}
