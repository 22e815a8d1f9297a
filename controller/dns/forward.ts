import { attempt, type Flight, giveUp, type Landing, noteSilence, type Waiter } from './flight.ts';
import type { Query } from './query.ts';
import type { Upstream } from './upstream.ts';
import { composeUpstreamQuestion, type UpstreamQuestion } from './upstream-question.ts';

/** Different questions in flight, and askers that wait, in all. */
const MOST_FLIGHTS = 4096;
const MOST_WAITING = 16_384;
/** Milliseconds after which an asker is told that nobody answered, and between looks at who waits too long. */
const DEADLINE_MS = 4000;
const LOOK_MS = 25;
/** Milliseconds between two questions to an upstream that is down. */
const PROBE_MS = 2000;

/** Asks upstreams: the first that is up, then the next; equal questions share one flight. */
export interface Forwarder {
  /** Takes over `query`. @returns why it could not, when it could not */
  ask(query: Query): 'asked' | 'crowded' | 'unreachable';
  adopt(upstreams: readonly Upstream[]): void;
  inFlight(): number;
  /** Tells everybody who waits that there is no answer. */
  close(): void;
}

export interface ForwarderParts {
  /** Never set back. */
  readonly nowMs: () => number;
  /** Whether each record of an answer can be read: one that cannot is no answer. */
  readonly reads: (answer: Buffer, questionEnd: number) => boolean;
  readonly onLanding: (landing: Landing) => void;
}

export function createForwarder({ nowMs, onLanding, reads }: ForwarderParts): Forwarder {
  const flights = new Map<string, Flight>();
  let upstreams: readonly Upstream[] = [];
  let waiting = 0;
  const sky = {
    nowMs,
    reads,
    upstreams: () => upstreams,
    inTheAir: (flight: Flight) => flights.get(flight.question.key) === flight,
    land(flight: Flight, landing: Landing) {
      flights.delete(flight.question.key);
      waiting -= flight.waiters.length;
      onLanding(landing);
    },
  };
  const isDown = (upstream: Upstream) => upstream.health.state() === 'down';

  const look = () => {
    const now = nowMs();
    for (const flight of flights.values()) {
      if (now < flight.nextAtMs && now < flight.deadlineMs) continue;
      noteSilence(flight, now);
      if (now >= flight.deadlineMs) giveUp(sky, flight);
      else attempt(sky, flight);
    }
  };
  // Nobody waits for an upstream that is down: it is asked for the root until it answers.
  const probe = () => {
    for (const upstream of upstreams.filter(isDown)) {
      const stop = upstream.ask(PROBE, () => clearTimeout(timer));
      const timer = setTimeout(stop, PROBE_MS).unref();
    }
  };
  const timers = [setInterval(look, LOOK_MS).unref(), setInterval(probe, PROBE_MS).unref()];

  return {
    ask(query) {
      if (upstreams.every(isDown)) return 'unreachable';
      const question = composeUpstreamQuestion(query.sought.question);
      const known = flights.get(question.key);
      if (waiting >= MOST_WAITING || (!known && flights.size >= MOST_FLIGHTS)) return 'crowded';
      const waiter = waiterOf(query, nowMs());
      waiting += 1;
      if (known) known.waiters.push(waiter);
      else {
        const flight = flightOf(question, waiter);
        flights.set(question.key, flight);
        attempt(sky, flight);
      }
      return 'asked';
    },
    adopt(next) {
      upstreams = next;
    },
    inFlight: () => flights.size,
    close() {
      timers.forEach(clearInterval);
      for (const flight of [...flights.values()]) giveUp(sky, flight);
    },
  };
}

/** The root's name servers: every resolver knows them. */
const PROBE: UpstreamQuestion = {
  octets: Buffer.from('000001200001000000000001' + '0000020001' + '00002904d0000000000000', 'hex'),
  end: 17,
  key: '',
};

function flightOf(question: UpstreamQuestion, waiter: Waiter): Flight {
  return {
    question,
    waiters: [waiter],
    deadlineMs: waiter.askedAtMs + DEADLINE_MS,
    open: new Map(),
    tried: [],
    declined: new Set(),
    nextAtMs: 0,
    poor: undefined,
  };
}

/** The asker's message is kept as it came and read again when the answer is there. */
function waiterOf({ origin, octets, client }: Query, askedAtMs: number): Waiter {
  if (!origin) throw new Error('a question that waits needs a way back');
  return { octets: Buffer.from(octets), reply: origin.keep(), client, stream: origin.stream, askedAtMs };
}
