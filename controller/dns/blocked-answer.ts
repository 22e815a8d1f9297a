import * as count from './counters.ts';
import type { Desk } from './desk.ts';
import type { Query } from './query.ts';

/** Composes, counts and tells of a blocked answer. @returns octets written */
export function answerBlockedName(desk: Desk, query: Query, verdict: number): number {
  (desk.counters[count.BLOCKED] as number) += 1;
  desk.events.add(query, verdict);
  desk.report(query, 'blocked');
  return desk.composeBlocked(desk.out, query, verdict);
}
