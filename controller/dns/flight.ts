import type { Client } from './clients.ts';
import type { Reply } from './query.ts';
import type { Upstream } from './upstream.ts';
import type { UpstreamQuestion } from './upstream-question.ts';
import { NOERROR, NXDOMAIN } from './wire.ts';

/** Attempts at one question over all upstreams, and at one upstream. */
const MOST_ATTEMPTS = 6;
const MOST_TURNS = 2;

/** Somebody who waits for an answer: the message as it came, and the way back. */
export interface Waiter {
  readonly octets: Buffer;
  readonly reply: Reply;
  readonly client: Client;
  readonly stream: boolean;
  readonly askedAtMs: number;
}

/** How a flight ended. Without an answer no upstream gave one. */
export interface Landing {
  readonly waiters: readonly Waiter[];
  readonly answer: Buffer | undefined;
  /** What was asked. */
  readonly question: UpstreamQuestion;
  /** Whether the answer never left this machine. */
  readonly local: boolean;
}

/** One question on its way to upstreams, for everybody who asked it meanwhile. */
export interface Flight {
  readonly question: UpstreamQuestion;
  readonly waiters: Waiter[];
  readonly deadlineMs: number;
  /** Attempts that may still be answered: how to stop them. */
  readonly open: Map<Upstream, () => void>;
  readonly tried: Upstream[];
  /** Upstreams that said no: they get no second turn. */
  readonly declined: Set<Upstream>;
  /** When the next upstream is asked. */
  nextAtMs: number;
  /** A SERVFAIL or REFUSED: told only when nobody says better. */
  poor: { readonly answer: Buffer; readonly local: boolean } | undefined;
}

/** What flights have around them. */
export interface Sky {
  readonly nowMs: () => number;
  readonly reads: (answer: Buffer, questionEnd: number) => boolean;
  readonly upstreams: () => readonly Upstream[];
  readonly inTheAir: (flight: Flight) => boolean;
  readonly land: (flight: Flight, landing: Landing) => void;
}

/** Asks the next upstream; ends the flight when there is none left and nobody can still answer. */
export function attempt(sky: Sky, flight: Flight): void {
  const upstream = nextUpstream(sky, flight);
  if (!upstream) {
    flight.nextAtMs = Number.POSITIVE_INFINITY;
    if (flight.open.size === 0) giveUp(sky, flight);
    return;
  }
  flight.tried.push(upstream);
  flight.nextAtMs = sky.nowMs() + upstream.health.patienceMs();
  const stopEarlier = flight.open.get(upstream);
  const stop = upstream.ask(flight.question, (answer) => {
    if (flight.open.get(upstream) === stopBoth) flight.open.delete(upstream);
    take(sky, flight, upstream, answer);
  });
  // A late answer to an earlier attempt at the same upstream is as good.
  const stopBoth = () => {
    stopEarlier?.();
    stop();
  };
  flight.open.set(upstream, stopBoth);
}

/** Those that are not down, each in turn as they are listed, slow ones after the others. */
function nextUpstream(sky: Sky, flight: Flight): Upstream | undefined {
  if (flight.tried.length >= MOST_ATTEMPTS) return undefined;
  let best: Upstream | undefined;
  let bestRank = MOST_TURNS * 2;
  for (const upstream of sky.upstreams()) {
    const state = upstream.health.state();
    if (state === 'down' || flight.declined.has(upstream)) continue;
    const turns = flight.tried.filter((tried) => tried === upstream).length;
    const rank = turns >= MOST_TURNS ? Number.POSITIVE_INFINITY : turns * 2 + (state === 'slow' ? 1 : 0);
    if (rank >= bestRank) continue;
    best = upstream;
    bestRank = rank;
  }
  return best;
}

function take(sky: Sky, flight: Flight, upstream: Upstream, answer: Buffer | undefined): void {
  if (!sky.inTheAir(flight)) return;
  const rcode = answer ? (answer[3] as number) & 15 : -1;
  const good = rcode === NOERROR || rcode === NXDOMAIN;
  if (answer && good && sky.reads(answer, flight.question.end)) {
    end(sky, flight, answer, upstream.local);
    return;
  }
  if (answer) flight.declined.add(upstream);
  if (answer && !good) flight.poor ??= { answer, local: upstream.local };
  attempt(sky, flight);
}

/** Ends the flight with the best that there is. */
export function giveUp(sky: Sky, flight: Flight): void {
  end(sky, flight, flight.poor?.answer, flight.poor?.local ?? false);
}

function end(sky: Sky, flight: Flight, answer: Buffer | undefined, local: boolean): void {
  if (!sky.inTheAir(flight)) return;
  for (const stop of flight.open.values()) stop();
  sky.land(flight, { waiters: flight.waiters, answer, question: flight.question, local });
}

/** The upstream that was asked last did not answer in time. */
export function noteSilence(flight: Flight, nowMs: number): void {
  const last = flight.tried.at(-1);
  if (last && flight.open.has(last)) last.health.failed(nowMs);
}
