import { answerBlockedName } from './blocked-answer.ts';
import type { CacheEntry } from './cache.ts';
import { composeError, composeNegative, composeOpt, type OptTemplate } from './compose.ts';
import { composeRewritten } from './compose-rewritten.ts';
import { composeStored, type StoredAnswer } from './compose-stored.ts';
import * as count from './counters.ts';
import type { Desk } from './desk.ts';
import { createInspection, type Inspection, walkAnswer } from './inspect.ts';
import { CLEAN, createJudge, REBINDING } from './judge.ts';
import type { Query } from './query.ts';
import { NEXT } from './step.ts';
import {
  EDE_BLOCKED,
  EDE_NETWORK_ERROR,
  EDE_NO_REACHABLE_AUTHORITY,
  EDE_OTHER,
  EDE_STALE,
  SERVFAIL,
} from './wire.ts';

/** Why there is no answer of an upstream. */
export type Without = 'crowded' | 'unreachable' | 'silent' | 'declined' | 'changed';

const WITHOUT: Readonly<Record<Without, OptTemplate>> = {
  crowded: composeOpt(EDE_OTHER, 'too many questions in flight'),
  unreachable: composeOpt(EDE_NETWORK_ERROR, 'no upstream can be reached'),
  silent: composeOpt(EDE_NO_REACHABLE_AUTHORITY, 'no upstream answered in time'),
  changed: composeOpt(EDE_OTHER, 'the policy changed meanwhile: ask again'),
  declined: composeOpt(EDE_NO_REACHABLE_AUTHORITY, 'the upstream could not resolve the name'),
};
const STALE = composeOpt(EDE_STALE);
const PRIVATE = composeOpt(EDE_BLOCKED, 'Blocked: a public name with a private address');

/** Answers from what upstreams said, now or before. Each one is inspected for the asker before it goes out. */
export interface Kept {
  /** The chain's step: a fresh answer from the cache, or `NEXT`. */
  answer(query: Query): number;
  /** When no upstream answers: a stale answer (RFC 8767), else SERVFAIL with the reason. @returns octets written */
  answerWithout(query: Query, why: Without): number;
  /** An answer as it came. @param found what the walk over it found @returns octets written */
  answerFrom(query: Query, stored: StoredAnswer, found: Inspection): number;
  /** Whether the last answer inspected concerns the filter for nobody. */
  lastWasClean(): boolean;
}

export function createKept(desk: Desk): Kept {
  const { judge, lastWasClean } = createJudge(desk);
  const walked = createInspection();

  const findEntry = ({ sought, nowMs }: Query): CacheEntry | undefined =>
    desk.cache.find(sought.question, sought.match, nowMs);

  /** What was found clean under this policy and index is clean for every profile: no second look. */
  const judgeEntry = (entry: CacheEntry, query: Query): number => {
    if (entry.cleanUnder === desk.generation) return CLEAN;
    const message = entry.octets.subarray(entry.start, entry.start + entry.length);
    if (!walkAnswer(message, query.sought.question.end, walked)) return REBINDING;
    const verdict = judge(message, walked, query);
    if (lastWasClean()) desk.cache.markClean(entry, desk.generation);
    return verdict;
  };

  const compose = (query: Query, stored: StoredAnswer, verdict: number, opt?: OptTemplate): number => {
    if (verdict === CLEAN) {
      const failed = ((stored.octets[stored.start + 3] as number) & 15) === SERVFAIL;
      desk.report(query, failed ? 'failed' : 'allowed');
      if (query.rewrite) return composeRewritten(desk.out, query, query.rewrite.cname, stored);
      return composeStored(desk.out, query, stored, opt);
    }
    if (verdict !== REBINDING) return answerBlockedName(desk, query, verdict);
    (desk.counters[count.BLOCKED] as number) += 1;
    desk.report(query, 'blocked');
    return composeNegative(desk.out, query.question, 0, PRIVATE);
  };

  return {
    answer(query) {
      const entry = findEntry(query);
      if (entry === undefined || entry.stale) return NEXT;
      const verdict = judgeEntry(entry, query);
      if (verdict === CLEAN) (desk.counters[count.CACHED] as number) += 1;
      return compose(query, entry, verdict);
    },
    answerWithout(query, why) {
      const entry = findEntry(query);
      if (entry && ((entry.octets[entry.start + 3] as number) & 15) !== SERVFAIL) {
        return compose(query, entry, judgeEntry(entry, query), entry.stale ? STALE : undefined);
      }
      (desk.counters[count.FAILED] as number) += 1;
      desk.report(query, 'failed');
      return composeError(desk.out, query.question, SERVFAIL, WITHOUT[why]);
    },
    answerFrom(query, stored, found) {
      return compose(query, stored, judge(stored.octets, found, query));
    },
    lastWasClean,
  };
}
