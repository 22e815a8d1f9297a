import { createChain } from './chain.ts';
import { composeError } from './compose.ts';
import { LATENCY, QUERIES, REFUSED_COUNT } from './counters.ts';
import { adoptIndex, adoptPolicy, createDesk, type Desk, type DeskParts } from './desk.ts';
import { createForwarder, type Forwarder } from './forward.ts';
import { createInspection, walkAnswer } from './inspect.ts';
import { createKept } from './kept.ts';
import { createLanding } from './landing.ts';
import { createQuery, limitOf, type Origin, type Query } from './query.ts';
import { READ_DROP, READ_OK, readQuestion } from './question.ts';
import { LATER, NEXT, SILENCE, type Step } from './step.ts';
import { SERVFAIL } from './wire.ts';

export { LATER, SILENCE };

/** A worker's resolver: octets of a message in, octets of its answer out. Knows no sockets of its own but upstreams'. */
export interface Resolver {
  readonly desk: Desk;
  readonly forwarder: Forwarder;
  /**
   * Answers the message in `octets`.
   * @returns octets of the answer in `desk.out`; `SILENCE`; or `LATER`, and then `origin.keep()` was called
   */
  answer(octets: Buffer, origin: Origin): number;
  adoptPolicy(...parts: Tail<Parameters<typeof adoptPolicy>>): void;
  adoptIndex(index: SharedArrayBuffer): void;
}
type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;

export interface ResolverParts extends DeskParts {
  /** Milliseconds since 1970, as this machine believes. */
  readonly nowMs: () => number;
  /** Milliseconds that are never set back. */
  readonly steadyMs: () => number;
  /** A bug of ours: the asker got SERVFAIL. */
  readonly onFault: (error: unknown) => void;
}

export function createResolver(parts: ResolverParts): Resolver {
  const { nowMs, steadyMs } = parts;
  const desk = createDesk(parts);
  const query = createQuery(desk.clients.find('127.0.0.1'), desk.profiles[0] as Query['profile']);
  const kept = createKept(desk);
  const walked = createInspection();
  const forwarder = createForwarder({
    nowMs: steadyMs,
    reads: (answer, questionEnd) => walkAnswer(answer, questionEnd, walked),
    onLanding: createLanding({ desk, kept, query, nowMs, steadyMs }),
  });
  const chain = createChain({ desk, kept, forwarder });

  const answer = (octets: Buffer, origin: Origin): number => {
    query.octets = octets;
    query.origin = origin;
    query.nowMs = nowMs();
    query.client = desk.clients.find(origin.address);
    const read = readQuestion(octets, query.question);
    if (read !== READ_OK) return answerUnread(desk, query, read);
    (desk.counters[QUERIES] as number) += 1;
    query.limit = limitOf(query.question, origin.stream);
    const length = run(chain, query);
    // An answer made at once takes microseconds: it is in the first bucket without looking at a clock.
    if (length > 0) (desk.counters[LATENCY] as number) += 1;
    return length;
  };

  return {
    desk,
    forwarder,
    adoptPolicy: (...rest) => adoptPolicy(desk, ...rest),
    adoptIndex: (index) => adoptIndex(desk, index),
    answer(octets, origin) {
      try {
        return answer(octets, origin);
      } catch (error) {
        parts.onFault(error);
        return composeError(desk.out, query.question, SERVFAIL);
      }
    },
  };
}

function run(chain: readonly Step[], query: Query): number {
  for (let step = 0; step < chain.length; step++) {
    const length = (chain[step] as Step)(query);
    if (length !== NEXT) return length;
  }
  throw new Error('the chain ended without an answer');
}

/** A message that is no question we can answer: its rcode, or silence. */
function answerUnread(desk: Desk, query: Query, read: number): number {
  (desk.counters[REFUSED_COUNT] as number) += 1;
  if (read === READ_DROP) return SILENCE;
  const { bucket } = query.client;
  if (bucket && !desk.clients.rates.take(bucket, query.nowMs)) return SILENCE;
  return composeError(desk.out, query.question, read);
}
