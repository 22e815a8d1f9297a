import { CATEGORY_IDS, type Category, isLocked } from '#contract/categories.ts';
import type { Probe } from '#contract/checks.ts';
import { toDomainName } from '#contract/names.ts';
import type { ProfileId } from '#contract/profiles.ts';

/** A check asks at most this many names: it takes a minute on a slow phone. */
export const PROBES_AT_MOST = 24;
/** Three ordinary names prove the path as well as ten, and leave a place for each of the 21 categories. */
export const CONTROLS_AT_MOST = 3;

/** Names that the lists in force file under one category. */
export interface Candidates {
  /** The same each week, so that weeks can be compared. */
  readonly fixed: readonly string[];
  /** Drawn at random for this check, so that nobody can prepare for them. */
  readonly drawn: readonly string[];
}

export interface ProbeSources {
  readonly profile: ProfileId;
  /** What the policy in force blocks for the profile now, the locked core included. */
  readonly blocked: readonly Category[];
  readonly candidates: Readonly<Partial<Record<Category, Candidates>>>;
  /** Ordinary names that must load. */
  readonly controls: readonly string[];
  /** Names that policy allows with all below them (own allow, never-block): a candidate there proves nothing. */
  readonly exempt: readonly string[];
}

/**
 * What a check asks for: ordinary names, then the gravest categories first; every category gets one name
 * before any gets a second. A category without a name of its own is `uncovered`, which is a finding.
 */
export function chooseProbes(sources: ProbeSources): { probes: Probe[]; uncovered: Category[] } {
  const asked = new Set<string>();
  const blocked = CATEGORY_IDS.filter((category) => sources.blocked.includes(category));
  const queues = blocked.map((category) => ({ category, names: usable(sources, category) }));
  const controls = namesOf(sources.controls)
    .filter((name) => take(name, asked))
    .slice(0, CONTROLS_AT_MOST);
  const probes: Probe[] = controls.map((name) => ({ name, expect: 'allowed' }));
  for (const { category, names } of [...queues, ...queues]) {
    if (probes.length === PROBES_AT_MOST) break;
    const name = names.find((candidate) => take(candidate, asked));
    if (name !== undefined) probes.push({ name, expect: 'blocked', category });
  }
  const covered = new Set(probes.map((probe) => probe.category));
  return { probes, uncovered: blocked.filter((category) => !covered.has(category)) };
}

function usable({ profile, candidates, exempt }: ProbeSources, category: Category): string[] {
  const { fixed = [], drawn = [] } = candidates[category] ?? {};
  const turns = Array.from({ length: Math.max(fixed.length, drawn.length) }, (_, turn) => [
    drawn[turn],
    fixed[turn],
  ]);
  const names = namesOf(turns.flat());
  // The locked core stands above every allow, so an exempt name is as good a test there as any.
  if (isLocked(category, profile)) return names;
  const allowed = namesOf(exempt);
  return names.filter((name) => !allowed.some((top) => name === top || name.endsWith(`.${top}`)));
}

function namesOf(texts: readonly (string | undefined)[]): string[] {
  return texts.map((text) => toDomainName(text ?? '')).filter((name) => name !== undefined);
}

function take(name: string, asked: Set<string>): boolean {
  if (asked.has(name)) return false;
  asked.add(name);
  return true;
}
