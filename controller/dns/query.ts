import type { ProfilePolicy, VerdictCode } from '#filter/decide.ts';
import type { Match } from '#filter/match.ts';
import { createMatch } from '#filter/match.ts';
import type { Client } from './clients.ts';
import { createQuestion, type Question } from './question.ts';
import type { Rewrite, Sought } from './rewrite.ts';
import { PLAIN_UDP_OCTETS, TCP_OCTETS, UDP_OCTETS } from './wire.ts';

/** Sends an answer that could not be given at once. `octets[0, length)` belong to the sender again afterwards. */
export type Reply = (octets: Buffer, length: number) => void;

/** Where a message came from. A listener has one, and fills it again for each message. */
export interface Origin {
  address: string;
  /** Whether a frame of 65,535 octets can be sent back. */
  readonly stream: boolean;
  /** Makes the way back to this asker last until the answer is there. */
  keep(): Reply;
}

/** A profile as a worker needs it. */
export type WorkerProfile = ProfilePolicy & { readonly blockedAnswer: string };

/** One question on its way through the chain. A worker has one, and fills it again for each message. */
export interface Query {
  octets: Buffer;
  readonly question: Question;
  readonly match: Match;
  origin: Origin | undefined;
  client: Client;
  profile: WorkerProfile;
  verdict: VerdictCode;
  /** Question and match as they came. */
  readonly asked: Sought;
  /** What the cache and the upstreams are asked for. */
  sought: Sought;
  /** The safe search target whose addresses are given in place of the name's own. */
  rewrite: Rewrite | undefined;
  /** Milliseconds since 1970. */
  nowMs: number;
  /** Octets that the asker can take. */
  limit: number;
}

export function createQuery(client: Client, profile: WorkerProfile): Query {
  const asked: Sought = { question: createQuestion(), match: createMatch() };
  return {
    octets: Buffer.alloc(0),
    ...asked,
    origin: undefined,
    client,
    profile,
    verdict: 0,
    asked,
    sought: asked,
    rewrite: undefined,
    nowMs: 0,
    limit: 0,
  };
}

/** Octets that the asker of `question` can take in one message of ours. */
export function limitOf(question: Question, stream: boolean): number {
  if (stream) return TCP_OCTETS;
  if (!question.edns) return PLAIN_UDP_OCTETS;
  return Math.min(UDP_OCTETS, Math.max(PLAIN_UDP_OCTETS, question.udpOctets));
}
