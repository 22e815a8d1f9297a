import { decide, isBlocked, type VerdictCode } from '#filter/decide.ts';
import { createMatch, matchName } from '#filter/match.ts';
import { createNameView } from '#filter/name-view.ts';
import type { Table } from '#filter/table.ts';
import type { Inspection } from './inspect.ts';
import type { Query } from './query.ts';
import { expandName } from './record-name.ts';

/** Nothing in the answer is against this asker's having it. */
export const CLEAN = 0;
/** An address of this machine or a private network under a public name, or a chain without end. */
export const REBINDING = -1;

/** Judges walked answers for one asker. */
export interface Judge {
  /** @returns `CLEAN`, `REBINDING`, or the verdict of the first name in the chain that is blocked */
  judge(octets: Uint8Array, found: Inspection, query: Query): VerdictCode | typeof REBINDING;
  /** Whether the answer judged last concerns the filter for nobody, whatever the profile and the hour. */
  lastWasClean(): boolean;
}

/**
 * An own allow or the never-block list, said of the first name, covers the names it leads to and its addresses;
 * the locked core holds all the same.
 */
export function createJudge(tables: { readonly index: Table; readonly overlay: Table }): Judge {
  const view = createNameView();
  const match = createMatch();
  const expanded = new Uint8Array(255);
  let clean = true;

  const verdictOf = (octets: Uint8Array, at: number, query: Query): VerdictCode => {
    if (!expandName(octets, at, expanded, view)) return REBINDING;
    // The root as TargetName means the first name itself (RFC 9460 section 2.5).
    if (view.labels === 0) return CLEAN;
    matchName(tables.index, tables.overlay, view, match);
    if (match.categories !== 0 || match.ownBlock !== 0 || match.safeSearch !== 0) clean = false;
    match.neverBlock ||= query.match.neverBlock;
    match.ownAllow |= query.match.ownAllow;
    const verdict = decide(match, query.profile, query.nowMs);
    return isBlocked(verdict) ? verdict : CLEAN;
  };

  return {
    judge(octets, found, query) {
      clean = !found.privateAddress && !found.endless;
      let hit: VerdictCode = CLEAN;
      // All of them, even behind a hit: whether the answer is clean depends on each.
      for (let target = 0; target < found.targetCount; target++) {
        const verdict = verdictOf(octets, found.targets[target] as number, query);
        if (hit === CLEAN) hit = verdict;
      }
      if (hit !== CLEAN) return hit;
      const odd = found.privateAddress || found.endless;
      return odd && !isVouchedFor(query) ? REBINDING : CLEAN;
    },
    lastWasClean: () => clean,
  };
}

function isVouchedFor({ match, profile }: Query): boolean {
  return match.neverBlock || (match.ownAllow & profile.bit) !== 0;
}
