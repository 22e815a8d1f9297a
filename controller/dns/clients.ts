import { addressNumber, type ClientTable, profileNumberAt } from '#contract/clients.ts';
import { type Bucket, createRates, type Rates } from './rates.ts';

/** A device that asks. Kept while it is among the last ones seen, so that placing it costs one look-up. */
export interface Client {
  /** Counts the clients that a worker met. */
  readonly id: number;
  /** The name of the device in records: its address, without a zone. */
  readonly device: string;
  /** The place in `PROFILES`; -1: not served. */
  profile: number;
  /** Absent for this machine itself: it is not limited. */
  readonly bucket: Bucket | undefined;
  /** Each answer is reported until then (milliseconds since 1970). */
  watchedUntilMs: number;
}

/** A device whose every answer is reported for a while. */
export interface Watch {
  readonly device: string;
  /** Milliseconds since 1970. */
  readonly untilMs: number;
}

/** Who is asking: a worker's memory of clients. */
export interface Clients {
  /** The client at `address`; made on first sight. */
  find(address: string): Client;
  /** Places every client anew. */
  place(table: ClientTable): void;
  watch(watches: readonly Watch[]): void;
  readonly rates: Rates;
}

/** Clients kept in mind; a forged source address costs one place, and the oldest goes. */
const MOST_CLIENTS = 8192;

export function createClients(initial: ClientTable, onNew: (client: Client) => void): Clients {
  const known = new Map<string, Client>();
  const rates = createRates();
  let table = initial;
  let met = 0;
  let watches = new Map<string, number>();

  const placed = (address: string): number => {
    const number = addressNumber(address);
    return number === undefined ? -1 : profileNumberAt(table, number);
  };
  const meet = (address: string): Client => {
    if (known.size >= MOST_CLIENTS) known.delete(known.keys().next().value as string);
    const device = deviceName(address);
    const client = {
      id: met++ >>> 0,
      device,
      profile: placed(address),
      bucket: isLoopback(device) ? undefined : rates.bucketOf(device),
      watchedUntilMs: watches.get(device) ?? 0,
    };
    known.set(address, client);
    if (client.profile >= 0) onNew(client);
    return client;
  };

  return {
    rates,
    find: (address) => known.get(address) ?? meet(address),
    place(next) {
      table = next;
      for (const [address, client] of known) client.profile = placed(address);
    },
    watch(next) {
      watches = new Map(next.map(({ device, untilMs }) => [deviceName(device), untilMs]));
      for (const client of known.values()) client.watchedUntilMs = watches.get(client.device) ?? 0;
    },
  };
}

/** One device has one name, whichever way its address is written: no zone, no IPv4 inside IPv6. */
export function deviceName(address: string): string {
  const bare = address.split('%', 1)[0] as string;
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(bare) ? bare.slice(7) : bare.toLowerCase();
}

function isLoopback(device: string): boolean {
  return device === '::1' || device.startsWith('127.');
}
