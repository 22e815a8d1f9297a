import { decide, isBlocked, targetOf } from '#filter/decide.ts';
import { createMatch, type Match, matchName } from '#filter/match.ts';
import { composeName } from '#filter/name-view.ts';
import { SAFE_SEARCH_TARGETS } from '#filter/safe-search.ts';
import { composeNegative } from './compose.ts';
import { composeAlias, composeCname, FORGED } from './compose-rewritten.ts';
import type { Desk } from './desk.ts';
import type { Query } from './query.ts';
import { createQuestion, type Question, READ_OK, readQuestion } from './question.ts';
import { NEXT } from './step.ts';
import { CLASS_IN, HEADER_OCTETS, TYPE_A, TYPE_AAAA, TYPE_CNAME, write16 } from './wire.ts';

/** What the cache and the upstreams are asked for: the question as it came, or one for a safe search target. */
export interface Sought {
  readonly question: Question;
  readonly match: Match;
}

/** A safe search target, ready to be asked for and answered with. */
export interface Rewrite {
  /** The CNAME record that leads to it. */
  readonly cname: Uint8Array;
  readonly v4: Sought;
  readonly v6: Sought;
}

/** The targets by their numbers, from 1 on. */
export function createRewrites(): readonly (Rewrite | undefined)[] {
  const rewrites = SAFE_SEARCH_TARGETS.map((target) => ({
    cname: composeCname(composeName(target)),
    v4: soughtFor(target, TYPE_A),
    v6: soughtFor(target, TYPE_AAAA),
  }));
  return [undefined, ...rewrites];
}

/** Of the asker's message nothing is in it, so that the addresses of a target are asked for once, whoever asks. */
function soughtFor(target: string, qtype: number): Sought {
  const name = composeName(target);
  const octets = new Uint8Array(HEADER_OCTETS + name.length + 4);
  octets[2] = 1;
  octets[5] = 1;
  octets.set(name, HEADER_OCTETS);
  write16(octets, octets.length - 4, qtype);
  write16(octets, octets.length - 2, CLASS_IN);
  const question = createQuestion();
  if (readQuestion(octets, question) !== READ_OK) throw new Error(`${target} is no name`);
  return { question, match: createMatch() };
}

/** Decides on the question of a placed asker, and what is looked for to answer it. */
export function decideQuery(desk: Desk, query: Query): void {
  query.verdict = decide(query.match, query.profile, query.nowMs);
  query.sought = query.asked;
  query.rewrite = desk.rewrites[targetOf(query.verdict)];
  if (query.rewrite) aimAtTarget(desk, query, query.rewrite);
}

/** A target is asked of the filter like any name that a name leads to. */
function aimAtTarget(desk: Desk, query: Query, rewrite: Rewrite): void {
  const sought = query.question.qtype === TYPE_AAAA ? rewrite.v6 : rewrite.v4;
  matchName(desk.index, desk.overlay, sought.question.name, sought.match);
  sought.match.neverBlock ||= query.match.neverBlock;
  const verdict = decide(sought.match, query.profile, query.nowMs);
  if (isBlocked(verdict)) query.verdict = verdict;
  query.sought = sought;
}

/**
 * What a rewritten name says to questions that are not for addresses: its CNAME, else NODATA. An HTTPS record would
 * lead round the rewrite by its address hints.
 * @returns octets written, or `NEXT`
 */
export function answerAlias(desk: Desk, query: Query): number {
  const { question, rewrite } = query;
  if (!rewrite || question.qtype === TYPE_A || question.qtype === TYPE_AAAA) return NEXT;
  desk.report(query, 'allowed');
  if (question.qtype === TYPE_CNAME) return composeAlias(desk.out, question, rewrite.cname, FORGED);
  return composeNegative(desk.out, question, 0, FORGED);
}
