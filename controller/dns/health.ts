/** Failures one after the other that make an upstream count as down. */
const FAILURES_TO_DOWN = 3;
/** Milliseconds of smoothed latency from which an upstream is slow. */
const SLOW_MS = 400;

export const STATES = ['unknown', 'up', 'slow', 'down'] as const;
export type UpstreamState = (typeof STATES)[number];

/** How an upstream fares, from what its answers and silences say. */
export interface Health {
  state(): UpstreamState;
  /** Smoothed, in milliseconds; undefined before the first answer. */
  latencyMs(): number | undefined;
  /** How long to wait for an answer before somebody else is asked, in milliseconds. */
  patienceMs(): number;
  answered(ms: number, nowMs: number): void;
  failed(nowMs: number): void;
}

/** Places of one upstream in the block of figures that the main thread reads. */
const STATE = 0;
const LATENCY_MS = 1;
const OUTCOME_AT = 2;
const NAME = 3;
export const HEALTH_PLACES = 4;

/** A number for `url`, so that figures of an upstream that stood here before are not taken for its own. */
export function urlNumber(url: string): number {
  let hash = 0;
  for (const letter of url) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0;
  return hash >>> 0;
}

/** @param figures `HEALTH_PLACES` numbers, read by others */
export function createHealth(url: string, figures: Float64Array): Health {
  let failures = 0;
  let smoothed: number | undefined;
  const publish = (nowMs: number) => {
    figures[STATE] = STATES.indexOf(state());
    figures[LATENCY_MS] = smoothed ?? -1;
    figures[OUTCOME_AT] = nowMs;
    figures[NAME] = urlNumber(url);
  };
  const state = (): UpstreamState => {
    if (failures >= FAILURES_TO_DOWN) return 'down';
    if (smoothed === undefined) return 'unknown';
    return smoothed > SLOW_MS ? 'slow' : 'up';
  };
  publish(0);
  return {
    state,
    latencyMs: () => smoothed,
    patienceMs: () => Math.min(1000, Math.max(250, (smoothed ?? 200) * 4)),
    answered(ms, nowMs) {
      failures = 0;
      smoothed = smoothed === undefined ? ms : smoothed * 0.875 + ms * 0.125;
      publish(nowMs);
    },
    failed(nowMs) {
      failures += 1;
      publish(nowMs);
    },
  };
}

/** What one worker's figures say of the upstream `url` at `figures`; undefined when they are another's. */
export function readHealth(
  url: string,
  figures: Float64Array,
): { state: UpstreamState; latencyMs: number | undefined; at: number } | undefined {
  if (figures[NAME] !== urlNumber(url)) return undefined;
  const latency = figures[LATENCY_MS] as number;
  return {
    state: STATES[figures[STATE] as number] ?? 'unknown',
    latencyMs: latency < 0 ? undefined : latency,
    at: figures[OUTCOME_AT] as number,
  };
}
