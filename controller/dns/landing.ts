import { isBlocked } from '#filter/decide.ts';
import { matchName } from '#filter/match.ts';
import { answerBlockedName } from './blocked-answer.ts';
import { countLatency } from './counters.ts';
import type { Desk } from './desk.ts';
import { stripEch } from './ech.ts';
import type { Landing, Waiter } from './flight.ts';
import { createInspection, walkAnswer } from './inspect.ts';
import type { Kept, Without } from './kept.ts';
import { limitOf, type Query } from './query.ts';
import { readQuestion } from './question.ts';
import { answerAlias, decideQuery } from './rewrite.ts';
import { NEXT } from './step.ts';
import { serves, type UpstreamQuestion } from './upstream-question.ts';
import { NOERROR, NXDOMAIN, read16, SERVFAIL, write16 } from './wire.ts';

const AD = 0x20;

export interface LandingParts {
  readonly desk: Desk;
  readonly kept: Kept;
  readonly query: Query;
  /** Milliseconds since 1970, and milliseconds that are never set back. */
  readonly nowMs: () => number;
  readonly steadyMs: () => number;
}

/**
 * Where an upstream's answer lands: it is walked once, stored once, and given to each who waits. Each waiter's message
 * is read and decided anew, so that a policy which changed meanwhile is in force.
 */
export function createLanding(parts: LandingParts): (landing: Landing) => void {
  const { desk, kept, query } = parts;
  const give = createGive(parts);
  const found = createInspection();

  const giveAnswer = (waiters: readonly Waiter[], question: UpstreamQuestion, answer: Buffer) => {
    const stored = {
      octets: answer,
      start: 0,
      length: found.length,
      ttls: 0,
      ttlCount: 0,
      age: 0,
      stale: false,
    };
    let unkept = true;
    for (const waiter of waiters) {
      let judged = false;
      give(waiter, question, () => {
        judged = true;
        return kept.answerFrom(query, stored, found);
      });
      if (!unkept || !serves(question, query.sought.question)) continue;
      unkept = false;
      const cleanUnder = judged && kept.lastWasClean() ? desk.generation : 0;
      keep(answer, cleanUnder);
    }
  };

  const keep = (answer: Buffer, cleanUnder: number) => {
    const { sought, nowMs } = query;
    desk.cache.store(sought.question, sought.match, answer, { found, nowMs, cleanUnder });
  };

  /** Kept for some seconds, so that a name that cannot be resolved costs its upstream little; never over a stale answer. */
  const keepFailure = (question: UpstreamQuestion, answer: Buffer) => {
    const { sought } = query;
    if (!serves(question, sought.question)) return;
    if (!desk.cache.find(sought.question, sought.match, query.nowMs)) keep(answer, 0);
  };

  const giveNone = (waiters: readonly Waiter[], question: UpstreamQuestion, why: Without) => {
    for (const waiter of waiters) give(waiter, question, () => kept.answerWithout(query, why));
  };

  return ({ waiters, answer, question, local }) => {
    if (!answer) return giveNone(waiters, question, 'silent');
    // A refusal may come without the question: nothing behind the header is read then.
    if (read16(answer, 4) !== 1 || !walkAnswer(answer, question.end, found))
      return giveNone(waiters, question, 'declined');
    settleAuthentic(answer, local, stripEch(answer, question.end, found));
    write16(answer, 10, found.additional);
    const rcode = (answer[3] as number) & 15;
    if (rcode === NOERROR || rcode === NXDOMAIN) return giveAnswer(waiters, question, answer);
    giveNone(waiters, question, 'declined');
    if (rcode === SERVFAIL) keepFailure(question, answer);
  };
}

/** Nobody vouches for AD on the open network, nor for what was changed here. */
function settleAuthentic(answer: Buffer, local: boolean, changed: boolean): void {
  if (!local || changed) answer[3] = (answer[3] as number) & ~AD;
}

/** Gives one waiter the answer to `question`: what `compose` makes of it, when it still is what the waiter may have. */
type Give = (waiter: Waiter, question: UpstreamQuestion, compose: () => number) => void;

function createGive({ desk, kept, query, nowMs, steadyMs }: LandingParts): Give {
  const readAgain = (waiter: Waiter) => {
    readQuestion(waiter.octets, query.question);
    query.octets = waiter.octets;
    query.client = waiter.client;
    query.nowMs = nowMs();
    query.limit = limitOf(query.question, waiter.stream);
    query.profile = desk.profiles[Math.max(0, waiter.client.profile)] as Query['profile'];
    matchName(desk.index, desk.overlay, query.question.name, query.match);
    decideQuery(desk, query);
  };

  /** A policy that changed meanwhile can make what landed the answer to another question than the one to be asked now. */
  const composeNow = (question: UpstreamQuestion, compose: () => number): number => {
    if (isBlocked(query.verdict)) return answerBlockedName(desk, query, query.verdict);
    const alias = answerAlias(desk, query);
    if (alias !== NEXT) return alias;
    return serves(question, query.sought.question) ? compose() : kept.answerWithout(query, 'changed');
  };

  return (waiter, question, compose) => {
    readAgain(waiter);
    const length = composeNow(question, compose);
    countLatency(desk.counters, steadyMs() - waiter.askedAtMs);
    waiter.reply(desk.out, length);
  };
}
