import type { Logger } from 'pino';
import { type Blocklists, openBlocklists } from '#blocklists/blocklists.ts';
import { compileClients } from '#clients/client-table.ts';
import type { Environment } from '#contract/environment.ts';
import type { WatchedAnswer } from '#contract/events.ts';
import type { Override } from '#contract/override.ts';
import { type DnsWorkers, startDnsWorkers } from '#dns/workers.ts';
import { openTable } from '#filter/table.ts';
import { pageAddresses } from './addresses.ts';
import { createEnforcement, type Enforcement } from './enforcement.ts';
import { listEntry } from './list-record.ts';
import type { Memory } from './memory.ts';
import type { ListsMeasured } from './status-keeper.ts';

/** The filter at work: lists, policy and the workers that answer by them. */
export interface Rules {
  readonly blocklists: Blocklists;
  readonly enforcement: Enforcement;
  readonly dns: DnsWorkers;
  /** Puts what settings and override say now in force. */
  renew(override: Override): void;
  /** The lists in force, as the status tells of them. */
  lists(): ListsMeasured;
}

export interface RulesOptions {
  readonly env: Environment;
  readonly log: Logger;
  readonly memory: Memory;
  readonly override: Override;
  readonly workers: number;
  readonly starterFolder: string;
  readonly onWatched: (answer: WatchedAnswer) => void;
  readonly onLists: (lists: ListsMeasured) => void;
}

/** Starts filtering by the index of the last run at once; lists are fetched beside it. */
export async function openRules(options: RulesOptions): Promise<Rules> {
  const { env, log, memory } = options;
  const { settings, records } = memory;
  let dns: DnsWorkers | undefined;
  const blocklists = openBlocklists({
    folder: memory.data.path,
    baseFolder: process.cwd(),
    starterFolder: options.starterFolder,
    clock: { nowMs: () => Date.now(), after: unrefTimer },
    fetch,
    random: Math.random,
    log: { info: (message) => log.info(message), warn: (message) => log.warn(message) },
    onIndex(index) {
      enforcement.takeIndex(index);
      dns?.swap(index);
      options.onLists(inForce());
    },
    onReport(report) {
      records
        .append([listEntry(report)])
        .catch((error: Error) => log.error({ reason: error.message }, 'not recorded'));
      options.onLists(inForce());
    },
  });
  const enforcement = createEnforcement(settings.current(), options.override, blocklists.ready);
  const configure = () =>
    blocklists.configure(
      settings.current().lists,
      settings.current().neverBlock.map(({ name }) => name),
    );
  configure();
  function inForce(): ListsMeasured {
    const { names, lists, builtAt } = openTable(enforcement.index());
    const index = { names, lists, builtAt: builtAt === 0 ? null : new Date(builtAt * 1000).toISOString() };
    return { index, lists: blocklists.views() };
  }
  dns = await startDnsWorkers({
    listen: env.GATEHOUSE_DNS,
    count: options.workers,
    index: enforcement.index(),
    policy: enforcement.policy(),
    compileClients,
    pageAddresses: pageAddresses(env),
    eventPorts: Array.from({ length: options.workers }, () => records.eventPort()),
    onWatched: options.onWatched,
    log: (message, fields) => log.info(fields ?? {}, message),
  });
  dns.swap(enforcement.index());
  const workers = dns;
  settings.onChange(configure);
  return {
    blocklists,
    enforcement,
    dns: workers,
    renew: (override) => workers.post(enforcement.renew(settings.current(), override)),
    lists: inForce,
  };
}

function unrefTimer(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms).unref();
  return () => clearTimeout(timer);
}
