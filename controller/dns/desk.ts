import type { ClientTable } from '#contract/clients.ts';
import type { WatchedAnswer } from '#contract/events.ts';
import { PROFILES } from '#contract/profiles.ts';
import { nameText } from '#filter/name-view.ts';
import type { Policy } from '#filter/policy.ts';
import { openTable, type Table } from '#filter/table.ts';
import { type ComposeBlocked, createBlocked, type PageAddresses, pageRecords } from './blocked.ts';
import { type Cache, createCache } from './cache.ts';
import { type Client, type Clients, createClients } from './clients.ts';
import type { Addresses } from './compose.ts';
import { createEvents, type Events } from './events.ts';
import type { Query } from './query.ts';
import { createRewrites, type Rewrite } from './rewrite.ts';
import { TCP_OCTETS } from './wire.ts';

/** Reports of names of the check zone that one half second may bring: anybody can ask for them. */
const MOST_CHECK_REPORTS = 100;

/** All that the steps of a worker's chain work with. Policy and index are swapped between two messages. */
export interface Desk {
  /** Where answers are composed. Whoever sends one copies it, or sends it before the next is composed. */
  readonly out: Buffer;
  index: Table;
  overlay: Table;
  profiles: Policy['profiles'];
  /** Grows with each policy and each index. */
  generation: number;
  readonly clients: Clients;
  readonly cache: Cache;
  readonly events: Events;
  readonly counters: Float64Array;
  readonly page: Addresses;
  readonly composeBlocked: ComposeBlocked;
  /** Safe search targets by their numbers. */
  readonly rewrites: readonly (Rewrite | undefined)[];
  /** Tells of the answer to `query`: to a device under test, or for a name of the check zone (`always`). */
  report(query: Query, verdict: WatchedAnswer['verdict'], always?: boolean): void;
  /** Starts the next half second. */
  turn(): void;
}

/** A buffer for answers, with room for what follows a message of the greatest length. */
function createOut(): Buffer {
  return Buffer.allocUnsafeSlow(TCP_OCTETS + 512);
}

export interface DeskParts {
  readonly policy: Policy;
  readonly clientTable: ClientTable;
  readonly index: SharedArrayBuffer;
  readonly page: PageAddresses;
  readonly cacheOctets: number;
  readonly counters: Float64Array;
  readonly onWatched: (answer: WatchedAnswer) => void;
  readonly onClient: (client: Client) => void;
}

/**
 * @throws TableUnreadable when index or overlay are no tables
 * @throws PageAddressUnusable
 */
export function createDesk(parts: DeskParts): Desk {
  const page = pageRecords(parts.page);
  let reports = 0;
  return {
    out: createOut(),
    index: openTable(parts.index),
    overlay: openTable(parts.policy.overlay),
    profiles: inOrder(parts.policy),
    generation: 1,
    clients: createClients(parts.clientTable, parts.onClient),
    cache: createCache(parts.cacheOctets),
    events: createEvents(),
    counters: parts.counters,
    page,
    composeBlocked: createBlocked(page),
    rewrites: createRewrites(),
    report(query, verdict, always = false) {
      const { client, question, nowMs } = query;
      if (nowMs >= client.watchedUntilMs && !(always && reports++ < MOST_CHECK_REPORTS)) return;
      const { device } = client;
      parts.onWatched({ device, name: nameText(question.name), qtype: question.qtype, verdict, at: nowMs });
    },
    turn() {
      reports = 0;
    },
  };
}

/** A new policy; one that is older than the one in force is left alone (a worker never goes back). */
export function adoptPolicy(desk: Desk, policy: Policy, clientTable: ClientTable): void {
  desk.overlay = openTable(policy.overlay);
  desk.profiles = inOrder(policy);
  desk.clients.place(clientTable);
  desk.generation += 1;
}

export function adoptIndex(desk: Desk, index: SharedArrayBuffer): void {
  desk.index = openTable(index);
  desk.generation += 1;
}

/** Profiles by their place in `PROFILES`, which is what a client's profile number means. */
function inOrder(policy: Policy): Policy['profiles'] {
  return PROFILES.map((id) => {
    const profile = policy.profiles.find((candidate) => candidate.id === id);
    if (!profile) throw new Error(`the policy says nothing of the profile ${id}`);
    return profile;
  });
}
