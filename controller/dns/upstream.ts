import type { Endpoint } from '#contract/environment.ts';
import type { Health } from './health.ts';
import type { Random } from './random.ts';
import { openUpstreamPorts } from './upstream-ports.ts';
import { disguise, fitOf, type UpstreamQuestion } from './upstream-question.ts';
import { askOverStream } from './upstream-stream.ts';
import { HEADER_OCTETS } from './wire.ts';

const TC = 0x02;

/** An upstream of an address that is none. */
export class UpstreamUrlUnusable extends Error {
  constructor(url: string) {
    super(`wanted an upstream such as udp://192.0.2.53:53, got "${url}"`);
    this.name = 'UpstreamUrlUnusable';
  }
}

/** @throws UpstreamUrlUnusable */
export function upstreamEndpoint(url: string): Endpoint {
  const parts = /^udp:\/\/(?:\[([0-9a-f:]+)\]|(\d{1,3}(?:\.\d{1,3}){3}))(?::(\d{1,5}))?$/i.exec(url);
  const address = parts?.[1] ?? parts?.[2];
  const port = Number(parts?.[3] ?? 53);
  if (address === undefined || port < 1 || port > 65_535) throw new UpstreamUrlUnusable(url);
  return { address, port };
}

/** What became of one attempt: the upstream's message, or that it could not be asked. */
export type Outcome = (answer: Buffer | undefined) => void;

/** One upstream: asked over UDP, and over TCP when the answer is truncated or spelt otherwise than the question. */
export interface Upstream {
  readonly url: string;
  /** Whether the way to it never leaves this machine, so that its AD bit can be believed. */
  readonly local: boolean;
  readonly health: Health;
  /** @returns how to stop waiting; `outcome` is called at most once, never after that and never at once */
  ask(question: UpstreamQuestion, outcome: Outcome): () => void;
  close(): void;
}

/** Connections to one upstream at a time; more questions than that with long answers fail. */
const MOST_STREAMS = 64;
/** Answers in another spelling after which the upstream is asked in lower case. */
const MOST_OTHER_SPELLINGS = 3;

export interface UpstreamParts {
  readonly url: string;
  readonly health: Health;
  readonly random: Random;
  readonly nowMs: () => number;
}

export function createUpstream({ url, health, random, nowMs }: UpstreamParts): Upstream {
  const endpoint = upstreamEndpoint(url);
  const ports = openUpstreamPorts(endpoint, random);
  const askStream = createStreamAsker(endpoint, { url, health, random, nowMs });
  let otherSpellings = 0;

  /** What a datagram means: nothing, the answer, or that a connection has to be asked. */
  const weigh = (answer: Buffer, sent: Buffer, questionEnd: number): 'nothing' | 'answer' | 'ask-stream' => {
    const fit = fitOf(answer, sent, questionEnd);
    if (fit === 'foreign') return 'nothing';
    if (fit === 'other-spelling') otherSpellings += 1;
    // A forger's guess has the wrong letters; a connection cannot be guessed.
    return fit === 'other-spelling' || ((answer[2] as number) & TC) !== 0 ? 'ask-stream' : 'answer';
  };

  return {
    url,
    health,
    local: endpoint.address === '::1' || endpoint.address.startsWith('127.'),
    ask(question, outcome) {
      const askedAt = nowMs();
      let stop = ports.send((id) => {
        const datagram = disguise(question, id, otherSpellings < MOST_OTHER_SPELLINGS ? random : undefined);
        const onDatagram = (answer: Buffer) => {
          const weight = weigh(answer, datagram, question.end);
          if (weight === 'nothing') return;
          stop();
          if (weight === 'ask-stream') {
            stop = askStream(question, outcome);
            return;
          }
          health.answered(nowMs() - askedAt, nowMs());
          outcome(answer);
        };
        const onRefused = () => {
          stop();
          health.failed(nowMs());
          outcome(undefined);
        };
        return { datagram, waiting: { id, onDatagram, onRefused } };
      });
      return () => stop();
    },
    close: () => ports.close(),
  };
}

/** Asks over TCP, for some questions at a time. */
function createStreamAsker(endpoint: Endpoint, { health, random, nowMs }: UpstreamParts): Upstream['ask'] {
  let streams = 0;
  return (question, outcome) => {
    if (streams >= MOST_STREAMS) {
      outcome(undefined);
      return () => {};
    }
    streams += 1;
    const askedAt = nowMs();
    const octets = disguise(question, random.next16(), undefined);
    const stop = askOverStream(endpoint, octets, (answer) => {
      streams -= 1;
      const fits = answer !== undefined && answersStream(answer, octets, question.end);
      if (fits) health.answered(nowMs() - askedAt, nowMs());
      else health.failed(nowMs());
      outcome(fits ? answer : undefined);
    });
    return () => {
      if (stop()) streams -= 1;
    };
  };
}

function answersStream(answer: Buffer, asked: Buffer, questionEnd: number): boolean {
  const same = answer.length >= HEADER_OCTETS && answer.readUInt16BE(0) === asked.readUInt16BE(0);
  return same && fitOf(answer, asked, questionEnd) !== 'foreign';
}
