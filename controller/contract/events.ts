import type { Category } from './categories.ts';
import type { ProfileId } from './profiles.ts';
import type { Tier } from './verdict.ts';

/**
 * Blocked questions of one device for one name, added up over one batch (half a second), as a DNS worker
 * posts them to the records thread. Times are milliseconds since 1970.
 */
export interface BlockEvent {
  readonly device: string;
  readonly profile: ProfileId;
  readonly name: string;
  readonly category: Category | undefined;
  readonly tier: Tier;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** One batch; `lost` counts questions that found no room in it and are only in the totals. */
export interface EventBatch {
  readonly events: readonly BlockEvent[];
  readonly lost: number;
}

/** An answer to a device under test, posted to the main thread at once. */
export interface WatchedAnswer {
  readonly device: string;
  readonly name: string;
  readonly qtype: number;
  readonly verdict: 'blocked' | 'allowed' | 'failed';
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Totals since start, summed over the workers. */
export interface DnsTotals {
  readonly queries: number;
  readonly blocked: number;
  readonly cached: number;
  readonly forwarded: number;
  /** SERVFAIL answers because no upstream answered. */
  readonly failed: number;
  /** Malformed, refused or rate-limited. */
  readonly refused: number;
  readonly p95Ms: number;
}

/** How one upstream fares, as the workers found it in the last seconds. */
export interface UpstreamHealth {
  readonly url: string;
  readonly state: 'up' | 'slow' | 'down' | 'unknown';
  readonly latencyMs: number | undefined;
}
