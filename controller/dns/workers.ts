import type { MessagePort } from 'node:worker_threads';
import type { ClientTable } from '#contract/clients.ts';
import type { Endpoint } from '#contract/environment.ts';
import type { DnsTotals, UpstreamHealth, WatchedAnswer } from '#contract/events.ts';
import type { Policy } from '#filter/policy.ts';
import { openTable } from '#filter/table.ts';
import type { PageAddresses } from './blocked.ts';
import type { Watch } from './clients.ts';
import { sumCounters } from './counters.ts';
import { checkFree, endpointText, ListenFailed, lacksAddress } from './listening.ts';
import type { NewClient, ToWorker } from './messages.ts';
import { createSeat, type Seat, type SeatStart } from './seat.ts';
import { upstreamHealth } from './upstream-set.ts';

/** Octets of a worker's cache, when nobody says otherwise. */
const CACHE_OCTETS = 16 << 20;

export interface DnsWorkersOptions {
  readonly listen: readonly Endpoint[];
  /** Workers: one a core. */
  readonly count: number;
  readonly index: SharedArrayBuffer;
  readonly policy: Policy;
  /** Places the networks' addresses: `compileClients` of the clients room. */
  readonly compileClients: (networks: Policy['networks']) => ClientTable;
  readonly pageAddresses: PageAddresses;
  /** One a worker, to the records thread: each gets the worker's `EventBatch`es, also after the worker was started again. */
  readonly eventPorts: readonly MessagePort[];
  readonly onWatched: (answer: WatchedAnswer) => void;
  /** A device that asked for the first time since a worker started; told by each worker. */
  readonly onClient?: (client: NewClient) => void;
  readonly log: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  /** Octets of each worker's cache. */
  readonly cacheOctets?: number;
}

/** The DNS door: workers that answer, and what main may tell and ask them. Nothing here waits for an answer's path. */
export interface DnsWorkers {
  /** What is listened on, over UDP and TCP alike. */
  readonly ports: readonly Endpoint[];
  /**
   * A new policy, in force between two messages. One older than the one in force is left alone.
   * @throws TableUnreadable
   */
  post(policy: Policy): void;
  /**
   * A new index, in force between two messages.
   * @throws TableUnreadable
   */
  swap(index: SharedArrayBuffer): void;
  /** The devices under test, all of them. */
  watch(devices: readonly Watch[]): void;
  totals(): DnsTotals;
  upstreams(): readonly UpstreamHealth[];
  /** Questions in flight get a second to be answered. */
  close(): Promise<void>;
}

/**
 * Starts the workers and waits until they answer.
 * @throws ListenFailed when an address cannot be listened on; IPv6 that the machine lacks is logged and left out
 */
export async function startDnsWorkers(options: DnsWorkersOptions): Promise<DnsWorkers> {
  const { count, log, compileClients } = options;
  if (options.eventPorts.length < count) {
    throw new Error(`wanted ${count} event ports, one a worker, got ${options.eventPorts.length}`);
  }
  let { policy, index } = options;
  let clientTable = compileClients(policy.networks);
  let watches: readonly Watch[] = [];
  let listen = await usable(options);

  const begin = (): SeatStart => ({
    listen,
    policy,
    clientTable,
    index,
    page: options.pageAddresses,
    cacheOctets: options.cacheOctets ?? CACHE_OCTETS,
    watches,
  });
  const seats: Seat[] = [];
  const tellAll = (message: ToWorker) => {
    for (const seat of seats) seat.tell(message);
  };
  for (let number = 0; number < count; number++) {
    const eventPort = options.eventPorts[number] as MessagePort;
    const seat = createSeat({ number, begin, eventPort, ...options });
    seats.push(seat);
    try {
      const endpoints = await seat.ready;
      // The first worker finds the ports where any would do; the others share them.
      if (number === 0) listen = endpoints;
    } catch (error) {
      await Promise.all(seats.map((started) => started.close()));
      throw error;
    }
  }
  log('dns: answering', { listen: listen.map(endpointText), workers: count });
  const ports = listen;

  return {
    ports,
    post(next) {
      if (next.generation < policy.generation) return;
      // Here, so that a torn table is an error of the one who brings it and not the end of every worker.
      openTable(next.overlay);
      clientTable = compileClients(next.networks);
      policy = next;
      tellAll({ kind: 'policy', policy, clientTable });
    },
    swap(next) {
      openTable(next);
      index = next;
      tellAll({ kind: 'index', index });
    },
    watch(devices) {
      watches = devices;
      tellAll({ kind: 'watch', watches });
    },
    totals: () => sumCounters(seats.map((seat) => seat.counters)),
    upstreams() {
      const figures = seats.map((seat) => seat.figures);
      return policy.upstreams.map((url) => upstreamHealth(url, figures));
    },
    async close() {
      await Promise.all(seats.map((seat) => seat.close()));
    },
  };
}

/** The addresses that can be listened on. */
async function usable({ listen, log }: DnsWorkersOptions): Promise<readonly Endpoint[]> {
  const found: Endpoint[] = [];
  for (const endpoint of listen) {
    try {
      await checkFree(endpoint);
      found.push(endpoint);
    } catch (error) {
      if (!(error instanceof ListenFailed) || !lacksAddress(error) || listen.length === 1) throw error;
      log('dns: an address is left out', { reason: error.message });
    }
  }
  return found;
}
