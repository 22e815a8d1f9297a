import type { ClientTable } from '#contract/clients.ts';
import type { Endpoint } from '#contract/environment.ts';
import type { EventBatch, WatchedAnswer } from '#contract/events.ts';
import type { Policy } from '#filter/policy.ts';
import type { PageAddresses } from './blocked.ts';
import type { Watch } from './clients.ts';

/** What a worker starts with. Buffers are shared: main reads them while the worker counts. */
export interface WorkerStart {
  readonly listen: readonly Endpoint[];
  readonly policy: Policy;
  readonly clientTable: ClientTable;
  readonly index: SharedArrayBuffer;
  readonly page: PageAddresses;
  readonly cacheOctets: number;
  readonly watches: readonly Watch[];
  readonly counters: SharedArrayBuffer;
  readonly figures: SharedArrayBuffer;
}

/** From the main thread to a worker. */
export type ToWorker =
  | { readonly kind: 'policy'; readonly policy: Policy; readonly clientTable: ClientTable }
  | { readonly kind: 'index'; readonly index: SharedArrayBuffer }
  | { readonly kind: 'watch'; readonly watches: readonly Watch[] }
  | { readonly kind: 'close' };

/** A device that asked for the first time, as far as this worker remembers. */
export interface NewClient {
  readonly device: string;
  /** The place in `PROFILES`. */
  readonly profile: number;
}

/** From a worker to the main thread. */
export type FromWorker =
  | { readonly kind: 'ready'; readonly endpoints: readonly Endpoint[] }
  | {
      readonly kind: 'unable';
      readonly protocol: 'udp' | 'tcp';
      readonly endpoint: Endpoint;
      readonly code: string;
    }
  | { readonly kind: 'watched'; readonly answer: WatchedAnswer }
  | { readonly kind: 'events'; readonly batch: EventBatch }
  | { readonly kind: 'clients'; readonly clients: readonly NewClient[] }
  | { readonly kind: 'log'; readonly message: string; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: 'closed' };
