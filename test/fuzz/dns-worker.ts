import { compileClients } from '#clients/client-table.ts';
import type { BlockedAnswer } from '#contract/settings.ts';
import { createCounters } from '#dns/counters.ts';
import { createHealth, HEALTH_PLACES } from '#dns/health.ts';
import { createResolver, LATER, SILENCE } from '#dns/resolver.ts';
import type { Outcome, Upstream } from '#dns/upstream.ts';
import { disguise, fitOf, type UpstreamQuestion } from '#dns/upstream-question.ts';
import { compilePolicy } from '#filter/policy.ts';
import { indexOf, profilesWith, someSettings } from '#support/policy.ts';

const START_MS = 1_700_000_000_000;
/** Attempts that one question may make, with room to spare. */
const MOST_TURNS = 64;

/** What an upstream says to the datagram it got; undefined for nothing. */
export type Says = (datagram: Buffer) => Buffer | undefined;

export interface WorkerShape {
  readonly blockedAnswer?: BlockedAnswer;
  readonly cacheOctets?: number;
  readonly says?: Says;
  /** Whether the upstream is on this machine, so that its AD bit is believed. */
  readonly local?: boolean;
}

const INDEX = indexOf([
  ['bet.test', 'gambling'],
  ['proxy.test', 'circumvention'],
]);
const policies = new Map<BlockedAnswer, ReturnType<typeof policyOf>>();

function policyOf(blockedAnswer: BlockedAnswer) {
  const own = {
    block: [{ name: 'own.test', why: 'a rule' }],
    allow: [{ name: 'vouched.test', why: 'a rule' }],
  };
  const profiles = profilesWith({ learner: { blockedAnswer, ...own } });
  const policy = compilePolicy(someSettings({ profiles }), undefined, 1);
  return { policy, clientTable: compileClients(policy.networks) };
}

/** A worker's resolver with one upstream, all in one thread and one step at a time: what is asked is answered at once. */
export function aWorker({ blockedAnswer = 'page', cacheOctets = 1 << 16, says, local = false }: WorkerShape) {
  const known = policies.get(blockedAnswer) ?? policyOf(blockedAnswer);
  policies.set(blockedAnswer, known);
  const clock = { nowMs: START_MS };
  const faults: unknown[] = [];
  const resolver = createResolver({
    ...known,
    index: INDEX,
    page: { v4: '192.0.2.80', v6: '2001:db8::80' },
    cacheOctets,
    counters: createCounters(),
    nowMs: () => clock.nowMs,
    steadyMs: () => clock.nowMs,
    onWatched: () => {},
    onClient: () => {},
    onFault: (error) => faults.push(error),
  });
  const far = farEnd(says, local);
  resolver.forwarder.adopt(says ? [far.upstream] : []);

  return {
    clock,
    faults,
    resolver,
    /** @returns the answer's octets; `SILENCE`; `LATER` when the upstream was asked and nothing was given back */
    ask(octets: Buffer, address = '127.0.0.1', stream = false): Buffer | typeof SILENCE | typeof LATER {
      let given: Buffer | undefined;
      const origin = {
        address,
        stream,
        keep: () => (out: Buffer, length: number) => {
          given = Buffer.from(out.subarray(0, length));
        },
      };
      const length = resolver.answer(octets, origin);
      if (length > 0) return Buffer.from(resolver.desk.out.subarray(0, length));
      if (length === SILENCE) return SILENCE;
      far.deliver();
      return given ?? LATER;
    },
    [Symbol.dispose]: () => resolver.forwarder.close(),
  };
}

/** An upstream at the seam where sockets are handed in. What comes passes the same examination as from a socket. */
function farEnd(says: Says | undefined, local: boolean) {
  const waiting: (() => void)[] = [];
  const health = createHealth('udp://192.0.2.53:53', new Float64Array(HEALTH_PLACES));
  let id = 0;
  const ask = (question: UpstreamQuestion, outcome: Outcome) => {
    id = (id + 0x5bd1) & 0xffff;
    const mine = id;
    const datagram = disguise(question, mine, { next16: () => (mine * 0x9e37) & 0xffff });
    let over = false;
    waiting.push(() => {
      if (over) return;
      over = true;
      const answer = says?.(datagram);
      const isOurs = answer !== undefined && answer.length >= 2 && answer.readUInt16BE(0) === mine;
      outcome(
        isOurs && fitOf(answer, datagram, question.end) !== 'foreign' ? Buffer.from(answer) : undefined,
      );
    });
    return () => {
      over = true;
    };
  };
  const upstream: Upstream = { url: 'udp://192.0.2.53:53', health, local, ask, close: () => {} };
  return {
    upstream,
    deliver() {
      for (let turn = 0; waiting.length > 0; turn++) {
        if (turn === MOST_TURNS) throw new Error(`one question made more than ${MOST_TURNS} attempts`);
        waiting.shift()?.();
      }
    },
  };
}
