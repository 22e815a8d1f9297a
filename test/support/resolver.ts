import { randomFillSync } from 'node:crypto';
import { compileClients } from '#clients/client-table.ts';
import type { Category } from '#contract/categories.ts';
import type { WatchedAnswer } from '#contract/events.ts';
import type { Settings } from '#contract/settings.ts';
import { createCounters } from '#dns/counters.ts';
import type { Origin } from '#dns/query.ts';
import { createRandom } from '#dns/random.ts';
import { createResolver, LATER } from '#dns/resolver.ts';
import { createFigures, createUpstreamSet, upstreamHealth } from '#dns/upstream-set.ts';
import { compilePolicy, type Override } from '#filter/policy.ts';
import { type Answer, readAnswer } from './messages.ts';
import { indexOf, someSettings } from './policy.ts';

export interface ResolverShape {
  readonly names?: Iterable<readonly [name: string, category: Category]>;
  readonly settings?: Partial<Settings>;
  readonly override?: Override;
  readonly cacheOctets?: number;
  /** Milliseconds since 1970; a test moves it. */
  readonly clock?: { now: number };
}

/** The resolver of one worker, without its thread and its listening sockets. Upstreams are real. */
export function aResolver(shape: ResolverShape = {}) {
  const clock = shape.clock ?? { now: 1_700_000_000_000 };
  const settings = someSettings({ upstreams: [], ...shape.settings });
  const policy = compilePolicy(settings, shape.override, 1);
  const watched: WatchedAnswer[] = [];
  const faults: unknown[] = [];
  const unusable: string[] = [];
  const steadyMs = () => performance.timeOrigin + performance.now();
  const resolver = createResolver({
    policy,
    clientTable: compileClients(policy.networks),
    index: indexOf(shape.names ?? []),
    page: { v4: '192.0.2.80', v6: '2001:db8::80' },
    cacheOctets: shape.cacheOctets ?? 1 << 20,
    counters: createCounters(),
    nowMs: () => clock.now,
    steadyMs,
    onWatched: (answer) => watched.push(answer),
    onClient: () => {},
    onFault: (error) => faults.push(error),
  });
  const figures = createFigures();
  const upstreams = createUpstreamSet({
    figures,
    random: createRandom((octets) => randomFillSync(octets)),
    steadyMs,
    onUnusable: (url, reason) => unusable.push(`${url}: ${reason}`),
  });
  resolver.forwarder.adopt(upstreams.adopt(policy.upstreams));

  /** Asks as a client would; undefined for silence. */
  const askOctets = (octets: Buffer, from = '127.0.0.1', stream = false): Promise<Buffer | undefined> => {
    const late = Promise.withResolvers<Buffer | undefined>();
    const origin: Origin = {
      address: from,
      stream,
      keep: () => (out, length) => late.resolve(Buffer.from(out.subarray(0, length))),
    };
    const length = resolver.answer(octets, origin);
    if (length === LATER) return late.promise;
    return Promise.resolve(length > 0 ? Buffer.from(resolver.desk.out.subarray(0, length)) : undefined);
  };

  return {
    resolver,
    clock,
    watched,
    faults,
    unusable,
    settings,
    askOctets,
    async ask(octets: Buffer, from?: string, stream?: boolean): Promise<Answer> {
      const answer = await askOctets(octets, from, stream);
      if (!answer) throw new Error('wanted an answer, got silence');
      return readAnswer(answer);
    },
    health: (url: string) => upstreamHealth(url, [figures]),
    adopt(next: Partial<Settings>, override?: Override) {
      const changed = compilePolicy({ ...settings, ...next }, override, 2);
      resolver.adoptPolicy(changed, compileClients(changed.networks));
    },
    [Symbol.dispose]() {
      resolver.forwarder.close();
      upstreams.close();
    },
  };
}
