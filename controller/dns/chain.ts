import { isBlocked } from '#filter/decide.ts';
import { matchName } from '#filter/match.ts';
import { SPECIAL } from '#filter/special-names.ts';
import { answerBlockedName } from './blocked-answer.ts';
import { composeError } from './compose.ts';
import * as count from './counters.ts';
import type { Desk } from './desk.ts';
import type { Forwarder } from './forward.ts';
import type { Kept } from './kept.ts';
import type { Query } from './query.ts';
import { answerAlias, decideQuery } from './rewrite.ts';
import { composeOddQuestion, composeSpecial } from './special.ts';
import { LATER, NEXT, SILENCE, type Step } from './step.ts';
import { REFUSED } from './wire.ts';

export interface ChainParts {
  readonly desk: Desk;
  readonly kept: Kept;
  readonly forwarder: Forwarder;
}

/** The way of a question that could be read. The first step that has an answer ends it. */
export function createChain(parts: ChainParts): readonly Step[] {
  const { desk, kept } = parts;
  return [
    // First, because whatever follows tells something about this network, or costs something.
    (query) => turnStrangersAway(desk, query),
    // Before names are looked at: these are no questions about one name that anybody could be asked.
    (query) => answerOddQuestion(desk, query),
    // Before who is asking: the same for everybody, and never to be seen by a list, a rule or an upstream.
    (query) => answerSpecialName(desk, query),
    // Before the filter, which decides for a profile.
    (query) => placeAsker(desk, query),
    // Before the cache: what one profile may have and another may not lies there alike.
    (query) => answerBlocked(desk, query),
    // Before the cache: only addresses are looked up for a rewritten name, and under the name of its target.
    (query) => answerAlias(desk, query),
    // Before the forwarder: no upstream learns, and nobody waits, when the answer is here.
    (query) => kept.answer(query),
    // Last. What comes back is inspected and composed where it lands (landing.ts).
    (query) => passOn(desk, parts, query),
  ];
}

function turnStrangersAway(desk: Desk, query: Query): number {
  const { client } = query;
  if (client.profile < 0) {
    (desk.counters[count.REFUSED_COUNT] as number) += 1;
    return composeError(desk.out, query.question, REFUSED);
  }
  if (client.bucket && !desk.clients.rates.take(client.bucket, query.nowMs)) {
    (desk.counters[count.REFUSED_COUNT] as number) += 1;
    return SILENCE;
  }
  return NEXT;
}

function answerOddQuestion(desk: Desk, query: Query): number {
  const length = composeOddQuestion(desk.out, query.question);
  if (length === 0) return NEXT;
  (desk.counters[count.REFUSED_COUNT] as number) += 1;
  return length;
}

function answerSpecialName(desk: Desk, query: Query): number {
  const { match, question } = query;
  matchName(desk.index, desk.overlay, question.name, match);
  const length = composeSpecial(desk.out, question, match.special, desk.page);
  if (length === 0) return NEXT;
  const keepsTo = match.special === SPECIAL.keepToResolver;
  desk.report(query, keepsTo ? 'blocked' : 'allowed', match.special === SPECIAL.check);
  return length;
}

function placeAsker(desk: Desk, query: Query): number {
  query.profile = desk.profiles[query.client.profile] as Query['profile'];
  return NEXT;
}

function answerBlocked(desk: Desk, query: Query): number {
  decideQuery(desk, query);
  return isBlocked(query.verdict) ? answerBlockedName(desk, query, query.verdict) : NEXT;
}

function passOn(desk: Desk, { forwarder, kept }: ChainParts, query: Query): number {
  const standing = forwarder.ask(query);
  if (standing !== 'asked') return kept.answerWithout(query, standing);
  (desk.counters[count.FORWARDED] as number) += 1;
  return LATER;
}
