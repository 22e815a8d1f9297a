import type { UpstreamHealth } from '#contract/events.ts';
import { createHealth, HEALTH_PLACES, readHealth } from './health.ts';
import type { Random } from './random.ts';
import { createUpstream, type Upstream } from './upstream.ts';

/** Upstreams that figures are kept for; settings allow fewer. */
const MOST_UPSTREAMS = 16;

/** Figures of one worker's upstreams, shared with the main thread. */
export function createFigures(): SharedArrayBuffer {
  return new SharedArrayBuffer(MOST_UPSTREAMS * HEALTH_PLACES * 8);
}

/** A worker's upstreams. Those that stay in the settings stay as they are, with what is known of them. */
export interface UpstreamSet {
  /** In the order of `urls`; those that cannot be used are left out and told of. */
  adopt(urls: readonly string[]): readonly Upstream[];
  close(): void;
}

export interface UpstreamSetParts {
  readonly figures: SharedArrayBuffer;
  readonly random: Random;
  readonly steadyMs: () => number;
  readonly onUnusable: (url: string, reason: string) => void;
}

export function createUpstreamSet(parts: UpstreamSetParts): UpstreamSet {
  const inUse = new Map<string, { upstream: Upstream; slot: number }>();
  const open = (url: string): Upstream | undefined => {
    const known = inUse.get(url);
    if (known) return known.upstream;
    const taken = new Set([...inUse.values()].map(({ slot }) => slot));
    const slot = Array.from({ length: MOST_UPSTREAMS }, (_, place) => place).find(
      (place) => !taken.has(place),
    );
    if (slot === undefined) {
      parts.onUnusable(url, `at most ${MOST_UPSTREAMS} upstreams can be used`);
      return undefined;
    }
    const health = createHealth(url, figuresAt(parts.figures, slot));
    try {
      const upstream = createUpstream({ url, health, random: parts.random, nowMs: parts.steadyMs });
      inUse.set(url, { upstream, slot });
      return upstream;
    } catch (error) {
      parts.onUnusable(url, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
  const leave = (wanted: ReadonlySet<string>) => {
    for (const [url, { upstream }] of inUse) {
      if (wanted.has(url)) continue;
      inUse.delete(url);
      upstream.close();
    }
  };
  return {
    adopt(urls) {
      leave(new Set(urls));
      return urls.map(open).filter((upstream) => upstream !== undefined);
    },
    close: () => leave(new Set()),
  };
}

function figuresAt(figures: SharedArrayBuffer, slot: number): Float64Array {
  return new Float64Array(figures, slot * HEALTH_PLACES * 8, HEALTH_PLACES);
}

/** How the upstream `url` fares, by the worker that heard of it last. */
export function upstreamHealth(url: string, workers: readonly SharedArrayBuffer[]): UpstreamHealth {
  const views = workers
    .flatMap((figures) =>
      Array.from({ length: MOST_UPSTREAMS }, (_, slot) => readHealth(url, figuresAt(figures, slot))),
    )
    .filter((view) => view !== undefined)
    .sort((x, y) => y.at - x.at);
  const latest = views[0];
  return { url, state: latest?.state ?? 'unknown', latencyMs: latest?.latencyMs };
}
