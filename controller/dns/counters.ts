import type { DnsTotals } from '#contract/events.ts';

/** Places in a worker's block of counters. The worker alone writes, everybody reads; each is a count since start. */
export const QUERIES = 0;
export const BLOCKED = 1;
export const CACHED = 2;
export const FORWARDED = 3;
export const FAILED = 4;
export const REFUSED_COUNT = 5;
/** Answers by the time they took: up to `LATENCY_BOUNDS_MS`, then those above. */
export const LATENCY = 8;

/** Upper bounds of the latency buckets, in milliseconds. */
export const LATENCY_BOUNDS_MS = [0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] as const;

const PLACES = LATENCY + LATENCY_BOUNDS_MS.length + 1;

/** A block for one worker. Numbers are whole and under 2^53, so a reader on another thread sees old or new, never half. */
export function createCounters(): Float64Array<SharedArrayBuffer> {
  return new Float64Array(new SharedArrayBuffer(PLACES * 8));
}

/** Counts one answer that took `ms`. */
export function countLatency(counters: Float64Array, ms: number): void {
  let bucket = 0;
  while (bucket < LATENCY_BOUNDS_MS.length && ms > (LATENCY_BOUNDS_MS[bucket] as number)) bucket += 1;
  (counters[LATENCY + bucket] as number) += 1;
}

/** Sums the workers' blocks. `p95Ms` is the upper bound of the bucket that holds the 95th percentile. */
export function sumCounters(blocks: readonly Float64Array[]): DnsTotals {
  const sum = (place: number) => blocks.reduce((total, block) => total + (block[place] as number), 0);
  const buckets = Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, (_, bucket) => sum(LATENCY + bucket));
  return {
    queries: sum(QUERIES),
    blocked: sum(BLOCKED),
    cached: sum(CACHED),
    forwarded: sum(FORWARDED),
    failed: sum(FAILED),
    refused: sum(REFUSED_COUNT),
    p95Ms: percentile(buckets, 0.95),
  };
}

function percentile(buckets: readonly number[], share: number): number {
  const wanted = buckets.reduce((total, count) => total + count, 0) * share;
  if (wanted === 0) return 0;
  let seen = 0;
  const bucket = buckets.findIndex((count) => {
    seen += count;
    return seen >= wanted;
  });
  return LATENCY_BOUNDS_MS[bucket] ?? (LATENCY_BOUNDS_MS.at(-1) as number);
}
