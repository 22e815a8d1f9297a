import type { Endpoint } from '#contract/environment.ts';
import type { Health } from './health.ts';
import type { Random } from './random.ts';
import { openUpstreamPorts } from './upstream-ports.ts';
import { disguise, fitOf, type UpstreamQuestion } from './upstream-question.ts';
import { askOverStream } from './upstream-stream.ts';

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
  /** @returns how to stop waiting; `outcome` is called at most once, and never after that or at once */
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
  let streams = 0;
  let otherSpellings = 0;

  const askStream = (question: UpstreamQuestion, outcome: Outcome): (() => void) => {
    if (streams >= MOST_STREAMS) {
      outcome(undefined);
      return () => {};
    }
    streams += 1;
    const askedAt = nowMs();
    const octets = disguise(question, random.next16(), undefined);
    const giveUp = askOverStream(endpoint, octets, (answer) => {
      streams -= 1;
      const fits =
        answer !== undefined &&
        answer.length >= 12 &&
        answer.readUInt16BE(0) === octets.readUInt16BE(0) &&
        fitOf(answer, octets, question.end) !== 'foreign';
      if (fits) health.answered(nowMs() - askedAt, nowMs());
      else health.failed(nowMs());
      outcome(fits ? answer : undefined);
    });
    return () => {
      streams -= 1;
      giveUp();
    };
  };

  return {
    url,
    health,
    local: endpoint.address === '::1' || endpoint.address.startsWith('127.'),
    ask(question, outcome) {
      const askedAt = nowMs();
      let over = false;
      let stop = () => {};
      const end: Outcome = (answer) => {
        if (over) return;
        over = true;
        outcome(answer);
      };
      const onDatagram = (sent: Buffer, answer: Buffer) => {
        const fit = fitOf(answer, sent, question.end);
        if (fit === 'foreign' || over) return;
        stop();
        if (fit === 'other-spelling') otherSpellings += 1;
        const truncated = ((answer[2] as number) & 0x02) !== 0;
        // A guess of a forger's has the wrong letters; a connection cannot be guessed.
        if (truncated || fit === 'other-spelling') {
          stop = askStream(question, end);
          return;
        }
        health.answered(nowMs() - askedAt, nowMs());
        end(answer);
      };
      stop = ports.send((id) => {
        const mixture = otherSpellings < MOST_OTHER_SPELLINGS ? random : undefined;
        const datagram = disguise(question, id, mixture);
        return {
          datagram,
          waiting: {
            id,
            onDatagram: (answer) => onDatagram(datagram, answer),
            onRefused() {
              health.failed(nowMs());
              end(undefined);
            },
          },
        };
      });
      return () => {
        if (over) return;
        over = true;
        stop();
      };
    },
    close: () => ports.close(),
  };
}
