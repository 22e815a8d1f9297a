import { CATEGORIES, type Category } from '#contract/categories.ts';
import type { ProfileId } from '#contract/profiles.ts';
import type { OwnRule, Settings } from '#contract/settings.ts';
import type { Explanation, Tier, Verdict } from '#contract/verdict.ts';
import { decide, type ProfilePolicy, verdictOf } from './decide.ts';
import { createMatch, type Match, matchName } from './match.ts';
import { composeName, createNameView, readName } from './name-view.ts';
import type { Policy } from './policy.ts';
import { SAFE_SEARCH_NAMES, WITHOUT_SAFE_SEARCH } from './safe-search.ts';
import { SPECIAL, SPECIAL_NAMES, type Special } from './special-names.ts';
import { openTable, type Table } from './table.ts';

/** What a verdict is made from. A relaxation or lockdown comes in through the policy that was compiled with it. */
export interface ExplainSources {
  /** Lower-case A-labels, no trailing dot. */
  readonly name: string;
  readonly profile: ProfileId;
  /** The moment asked about, an ISO 8601 instant. */
  readonly at: string;
  readonly index: Table;
  readonly policy: Policy;
  /** The settings that the policy was compiled from. */
  readonly settings: Pick<Settings, 'profiles' | 'neverBlock'>;
  /** The lists that block the name, as the blocklists found them. */
  readonly holders: Explanation['lists'];
}

/** A verdict and all that its sentences need. */
interface Case extends ExplainSources {
  readonly verdict: Verdict;
  readonly match: Readonly<Match>;
  readonly rules: ProfilePolicy;
  readonly atMs: number;
}

/**
 * Says why a name is blocked or allowed, by the same match and decision as the DNS workers, and what would change it.
 * @throws RangeError when `name` is no name or `at` no instant
 */
export function explain(sources: ExplainSources): Explanation {
  const { name, profile, at, policy } = sources;
  const view = createNameView();
  const octets = composeName(name);
  if (readName(octets, 0, view) !== octets.length)
    throw new RangeError(`wanted a domain name, got "${name}"`);
  const atMs = Date.parse(at);
  if (Number.isNaN(atMs)) throw new RangeError(`wanted an instant such as 2026-01-05T09:00:00Z, got "${at}"`);
  const rules = policy.profiles.find(({ id }) => id === profile);
  if (rules === undefined) throw new RangeError(`the policy has no profile ${profile}`);
  const match = createMatch();
  matchName(sources.index, openTable(policy.overlay), view, match);
  const decided = verdictFor(match, rules, atMs);
  const matched = matchedBy(sources, decided);
  const verdict: Verdict = matched === undefined ? decided : { ...decided, matched };
  const it: Case = { ...sources, verdict, match, rules, atMs };
  const lists = sources.holders.map((holder) => ({ ...holder }));
  const [because, wouldChange] = SENTENCES[verdict.tier](it);
  return { name, profile, at, verdict, lists, because, wouldChange };
}

/** Special names that get no address: to a person they are blocked. */
const WITHOUT_ADDRESS: readonly Special[] = ['keepToResolver', 'designation', 'localOnly'];

function verdictFor(match: Readonly<Match>, rules: ProfilePolicy, atMs: number): Verdict {
  const special = specialOf(match);
  if (special === undefined) return verdictOf(decide(match, rules, atMs));
  return { kind: WITHOUT_ADDRESS.includes(special) ? 'blocked' : 'allowed', tier: 'special' };
}

function specialOf(match: Readonly<Match>): Special | undefined {
  return (Object.keys(SPECIAL) as Special[]).find((special) => SPECIAL[special] === match.special);
}

/** The entry that decided: the most specific one of its kind. */
function matchedBy(sources: ExplainSources, { tier, category }: Verdict): string | undefined {
  const { name, settings, profile, holders } = sources;
  const own: Partial<Record<Tier, readonly string[]>> = {
    special: [...SPECIAL_NAMES.keys()],
    'never-block': namesOf(settings.neverBlock),
    'own-block': namesOf(settings.profiles[profile].block),
    'own-allow': namesOf(settings.profiles[profile].allow),
    'safe-search': [...SAFE_SEARCH_NAMES.keys(), ...WITHOUT_SAFE_SEARCH],
  };
  const listed = holders.filter((holder) => holder.category === category).map(({ matched }) => matched);
  return mostSpecific(own[tier] ?? listed, name);
}

function namesOf(rules: readonly OwnRule[]): string[] {
  return rules.map(({ name }) => name);
}

function mostSpecific(candidates: readonly string[], name: string): string | undefined {
  return candidates
    .filter((candidate) => name === candidate || name.endsWith(`.${candidate}`))
    .reduce<string | undefined>((best, next) => (next.length > (best?.length ?? 0) ? next : best), undefined);
}

type Sentences = [because: string, wouldChange: string[]];

const SENTENCES: Readonly<Record<Tier, (it: Case) => Sentences>> = {
  special: (it) => [
    SPECIAL_REASONS[specialOf(it.match) as Special],
    ['Nothing: this name is answered by rule.'],
  ],
  'locked-core': (it) => [
    `Blocked for ${whom(it)}: ${titleOf(it)}.${listSentence(it)}`,
    [`Nothing: this category is in the locked core for ${whom(it)}.`],
  ],
  'never-block': (it) => [
    `Allowed for everybody: ${it.verdict.matched} is on the never-block list.${listSentence(it)}`,
    [
      `A network manager can take ${it.verdict.matched} off the never-block list. ${then(it, { neverBlock: false })}`,
    ],
  ],
  lockdown: (it) => [
    `Blocked for ${whom(it)}: a lockdown is in force until ${clockTime(it.rules.lockdownUntil)}.`,
    [`The lockdown ends by itself at ${clockTime(it.rules.lockdownUntil)}. ${then(it, 'without lockdown')}`],
  ],
  'own-block': (it) => [
    `Blocked for ${whom(it)} by an own rule for ${it.verdict.matched}: ${whyOf(it, 'block')}`,
    [`A network manager can remove the rule. ${then(it, { ownBlock: 0 })}`],
  ],
  'own-allow': (it) => [
    `Allowed for ${whom(it)} by an own rule for ${it.verdict.matched}: ${whyOf(it, 'allow')}`,
    [`A network manager can remove the rule. ${then(it, { ownAllow: 0 })}`],
  ],
  'safe-search': (it) => (it.verdict.rewrittenTo === undefined ? withoutSafeSearch(it) : rewritten(it)),
  relaxation: (it) => [
    `Allowed for ${whom(it)} until ${clockTime(it.rules.relaxedUntil)}: a relaxation lifts ${titleOf(it)}.${listSentence(it)}`,
    [
      `The relaxation ends by itself at ${clockTime(it.rules.relaxedUntil)}. ${then(it, 'without relaxation')}`,
    ],
  ],
  category: (it) => [`Blocked for ${whom(it)}: ${titleOf(it)}.${listSentence(it)}`, liftsOf(it)],
  default: (it) => [defaultReason(it), ['A network manager can block it for this profile.']],
};

const SPECIAL_REASONS: Readonly<Record<Special, string>> = {
  keepToResolver:
    'Blocked for everybody: devices ask for this name to find out whether they may go round the filter.',
  designation: 'Blocked for everybody: this name is how a device looks for another way to ask the filter.',
  check: 'Allowed for everybody: this name belongs to the weekly check and is answered by Gatehouse itself.',
  own: 'Allowed for everybody: this is the name of the Gatehouse itself.',
  localhost: 'Allowed for everybody: this name means the device itself.',
  localOnly:
    'Blocked for everybody: names like this one exist only inside a network and are never asked for outside.',
};

function rewritten(it: Case): Sentences {
  const { name, settings, profile } = it;
  const { rewrittenTo = '' } = it.verdict;
  const { youtube } = settings.profiles[profile];
  const forYoutube = rewrittenTo.endsWith('.youtube.com');
  const how = forYoutube ? `in YouTube’s restricted mode (${youtube})` : 'with safe search';
  const what = forYoutube ? 'lift the restriction of YouTube' : 'switch safe search off';
  return [
    `Allowed for ${whom(it)} ${how}: ${name} is answered with the addresses of ${rewrittenTo}.`,
    [
      `A network manager can ${what} for this profile.`,
      'A network manager can allow the name for this profile: it is then answered as it is.',
    ],
  ];
}

function withoutSafeSearch(it: Case): Sentences {
  return [
    `Blocked for ${whom(it)}: safe search is on, and the search engine ${it.verdict.matched} has none that can be held to.`,
    [
      `A network manager can switch safe search off for this profile. ${then(it, { safeSearch: 0 })}`,
      'A network manager can allow the name for this profile.',
    ],
  ];
}

function whom({ profile }: Case): string {
  return profile === 'staff' ? 'staff' : `${profile}s`;
}

function titleOf({ verdict }: Case): string {
  return verdict.category === undefined ? 'no category' : inSentence(verdict.category);
}

/** A category's title within a sentence; a title that starts with an abbreviation keeps its capitals. */
function inSentence(category: Category): string {
  const { title } = CATEGORIES[category];
  return /^[A-Z][a-z]/.test(title) ? `${title.charAt(0).toLowerCase()}${title.slice(1)}` : title;
}

/** ` The list X holds y.`; empty when no list of the category does. */
function listSentence({ holders, verdict }: Case): string {
  const [first, ...others] = holders.filter(({ category }) => category === verdict.category);
  if (first === undefined) return '';
  if (others.length === 0) return ` The list ${first.name} holds ${first.matched}.`;
  const more = others.length === 1 ? 'one more list' : `${others.length} more lists`;
  return ` The list ${first.name} and ${more} hold ${first.matched}.`;
}

/** The rule's own reason, as a sentence's end. */
function whyOf({ settings, profile, verdict }: Case, action: 'block' | 'allow'): string {
  const rule = settings.profiles[profile][action].find(({ name }) => name === verdict.matched);
  return `${rule?.why.replace(/[.!]+$/, '') ?? 'no reason is kept'}.`;
}

function defaultReason(it: Case): string {
  const [first] = it.holders;
  if (first === undefined) return `Allowed for ${whom(it)}: no list and no rule blocks it.`;
  return `Allowed for ${whom(it)}: the list ${first.name} holds ${first.matched}, but ${inSentence(first.category)} is allowed for them.`;
}

function liftsOf(it: Case): string[] {
  const { category } = it.verdict;
  const relaxable = category !== undefined && CATEGORIES[category].firmness !== 'locked';
  return [
    'A network manager can allow it for this profile.',
    ...(relaxable ? [`A relaxation can lift ${inSentence(category)} for a while.`] : []),
  ];
}

/** What the verdict would be without what decided it. */
function then(it: Case, without: Partial<Match> | 'without lockdown' | 'without relaxation'): string {
  const rules = {
    ...it.rules,
    lockdownUntil: without === 'without lockdown' ? 0 : it.rules.lockdownUntil,
    relaxedUntil: without === 'without relaxation' ? 0 : it.rules.relaxedUntil,
  };
  const match = typeof without === 'string' ? it.match : { ...it.match, ...without };
  const next = verdictFor(match, rules, it.atMs);
  const adverb = next.kind === it.verdict.kind ? 'still' : 'then';
  return `It would ${adverb} be ${next.kind}${reasonFor(next)}.`;
}

function reasonFor({ kind, tier, category, rewrittenTo }: Verdict): string {
  if (kind === 'allowed') return rewrittenTo === undefined ? '' : ', with safe search';
  if (tier === 'safe-search') return ' for safe search';
  if (tier === 'lockdown') return ' by the lockdown';
  if (tier === 'own-block') return ' by an own rule';
  return category === undefined ? '' : ` as ${inSentence(category)}`;
}

/** Times of day as the provider's wall clock shows them. */
function clockTime(ms: number): string {
  return new Date(ms).toLocaleTimeString('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    timeZone: 'Europe/London',
  });
}
