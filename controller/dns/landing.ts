import { decide, isBlocked } from '#filter/decide.ts';
import { matchName } from '#filter/match.ts';
import { answerBlockedName } from './blocked-answer.ts';
import { countLatency } from './counters.ts';
import type { Desk } from './desk.ts';
import type { Landing, Waiter } from './flight.ts';
import { createInspection, walkAnswer } from './inspect.ts';
import type { Kept, Without } from './kept.ts';
import { limitOf, type Query } from './query.ts';
import { readQuestion } from './question.ts';
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
export function createLanding({
  desk,
  kept,
  query,
  nowMs,
  steadyMs,
}: LandingParts): (landing: Landing) => void {
  const found = createInspection();

  const readAgain = (waiter: Waiter) => {
    readQuestion(waiter.octets, query.question);
    query.octets = waiter.octets;
    query.client = waiter.client;
    query.nowMs = nowMs();
    query.limit = limitOf(query.question, waiter.stream);
    query.profile = desk.profiles[Math.max(0, waiter.client.profile)] as Query['profile'];
    matchName(desk.index, desk.overlay, query.question.name, query.match);
    query.verdict = decide(query.match, query.profile, query.nowMs);
  };

  const give = (waiter: Waiter, compose: () => number) => {
    readAgain(waiter);
    const length = isBlocked(query.verdict) ? answerBlockedName(desk, query, query.verdict) : compose();
    countLatency(desk.counters, steadyMs() - waiter.askedAtMs);
    waiter.reply(desk.out, length);
  };

  const giveAnswer = (waiters: readonly Waiter[], answer: Buffer) => {
    const stored = {
      octets: answer,
      start: 0,
      length: found.length,
      ttls: 0,
      ttlCount: 0,
      age: 0,
      stale: false,
    };
    waiters.forEach((waiter, place) => {
      give(waiter, () => kept.answerFrom(query, stored, found));
      if (place > 0) return;
      const cleanUnder = kept.lastWasClean() && !isBlocked(query.verdict) ? desk.generation : 0;
      desk.cache.store(query.question, query.match, answer, { found, nowMs: query.nowMs, cleanUnder });
    });
  };

  /** Kept for some seconds, so that a name that cannot be resolved costs its upstream little; never over a stale answer. */
  const keepFailure = (answer: Buffer) => {
    const { question, match } = query;
    if (desk.cache.find(question, match, query.nowMs)) return;
    desk.cache.store(question, match, answer, { found, nowMs: query.nowMs, cleanUnder: 0 });
  };

  const giveNone = (waiters: readonly Waiter[], why: Without) => {
    for (const waiter of waiters) give(waiter, () => kept.answerWithout(query, why));
  };

  return ({ waiters, answer, questionEnd, local }) => {
    if (!answer) return giveNone(waiters, 'silent');
    // A refusal may come without the question: nothing behind the header is read then.
    if (read16(answer, 4) !== 1 || !walkAnswer(answer, questionEnd, found))
      return giveNone(waiters, 'declined');
    // Nobody vouches for AD on the open network.
    if (!local) answer[3] = (answer[3] as number) & ~AD;
    write16(answer, 10, found.additional);
    const rcode = (answer[3] as number) & 15;
    if (rcode === NOERROR || rcode === NXDOMAIN) return giveAnswer(waiters, answer);
    giveNone(waiters, 'declined');
    if (rcode === SERVFAIL) keepFailure(answer);
  };
}
