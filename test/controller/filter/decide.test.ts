import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CATEGORY_IDS, type Category, categoryBit } from '#contract/categories.ts';
import { PROFILES } from '#contract/profiles.ts';
import type { Tier } from '#contract/verdict.ts';
import {
  categoryOf,
  decide,
  isBlocked,
  type ProfilePolicy,
  targetOf,
  tierOf,
  verdictOf,
} from '#filter/decide.ts';
import { createMatch, type Match } from '#filter/match.ts';
import { compilePolicy } from '#filter/policy.ts';
import {
  RULE_WITHOUT_SAFE_SEARCH,
  RULE_YOUTUBE,
  SAFE_SEARCH_NAMES,
  YOUTUBE_TARGETS,
} from '#filter/safe-search.ts';
import { profilesWith, someSettings } from '#support/policy.ts';

const NOW = 1_000_000;
const [MALWARE, GAMBLING, GAMES] = [categoryBit('malware'), categoryBit('gambling'), categoryBit('games')];
const [STRICT, GOOGLE] = [YOUTUBE_TARGETS.strict, SAFE_SEARCH_NAMES.get('www.google.com') as number];
const PLAIN: ProfilePolicy = {
  bit: 1,
  locked: MALWARE,
  blocked: MALWARE | GAMBLING,
  relaxed: 0,
  relaxedUntil: 0,
  lockdownUntil: 0,
  safeSearch: true,
  youtube: STRICT,
};

interface Speaks {
  readonly tier: Tier;
  readonly blocked: boolean;
  readonly match: Partial<Match>;
  readonly policy?: Partial<ProfilePolicy>;
}

/** Each tier with what makes it speak, the strongest first. */
const SPEAKS: readonly Speaks[] = [
  { tier: 'locked-core', blocked: true, match: { categories: MALWARE } },
  { tier: 'never-block', blocked: false, match: { neverBlock: true } },
  { tier: 'lockdown', blocked: true, match: {}, policy: { lockdownUntil: NOW + 1 } },
  { tier: 'own-block', blocked: true, match: { ownBlock: 1 } },
  { tier: 'own-allow', blocked: false, match: { ownAllow: 1 } },
  { tier: 'safe-search', blocked: true, match: { safeSearch: RULE_WITHOUT_SAFE_SEARCH } },
  {
    tier: 'relaxation',
    blocked: false,
    match: { categories: GAMBLING },
    policy: { relaxed: GAMBLING, relaxedUntil: NOW + 1 },
  },
  { tier: 'category', blocked: true, match: { categories: GAMBLING } },
  { tier: 'default', blocked: false, match: {} },
];

function verdictWith(...speaking: Speaks[]) {
  const match = { ...createMatch() };
  let policy = PLAIN;
  for (const { match: said, policy: changed } of speaking) {
    Object.assign(match, said, { categories: match.categories | (said.categories ?? 0) });
    policy = { ...policy, ...changed };
  }
  return decide(match, policy, NOW);
}

describe('precedence', () => {
  const pairs = SPEAKS.flatMap((stronger, i) =>
    SPEAKS.slice(i).map((weaker) => [stronger.tier, weaker.tier, stronger, weaker] as const),
  );
  test.each(pairs)('%s decides over %s', (_, __, stronger, weaker) => {
    for (const verdict of [verdictWith(stronger, weaker), verdictWith(weaker, stronger)]) {
      expect(tierOf(verdict)).toBe(stronger.tier);
      expect(isBlocked(verdict)).toBe(stronger.blocked);
    }
  });
});

describe('a rewrite', () => {
  const google: Speaks = { tier: 'safe-search', blocked: false, match: { safeSearch: GOOGLE } };

  test.each(
    SPEAKS.filter(({ blocked, tier }) => blocked && tier !== 'safe-search').map(
      (one) => [one.tier, one] as const,
    ),
  )('is not made of a name that %s blocks', (tier, stronger) => {
    const verdict = verdictWith(google, stronger);
    expect([isBlocked(verdict), tierOf(verdict), targetOf(verdict)]).toEqual([true, tier, 0]);
  });

  test.each([
    ['never-block', SPEAKS.filter(({ tier }) => tier === 'never-block'), GOOGLE],
    ['a relaxation', SPEAKS.filter(({ tier }) => tier === 'relaxation'), GOOGLE],
    ['nothing else', [], GOOGLE],
    ['an own allow', SPEAKS.filter(({ tier }) => tier === 'own-allow'), 0],
  ] as const)('of a name that %s speaks of too', (_, others, target) => {
    const verdict = verdictWith(google, ...others);
    expect([isBlocked(verdict), targetOf(verdict)]).toEqual([false, target]);
    expect(tierOf(verdict)).toBe(target === 0 ? 'own-allow' : 'safe-search');
  });

  test('keeps the category and names its target', () => {
    const relaxed = { ...PLAIN, relaxed: GAMBLING, relaxedUntil: NOW + 1 };
    const said = { ...createMatch(), categories: GAMBLING, safeSearch: GOOGLE };
    expect(verdictOf(decide(said, relaxed, NOW))).toEqual({
      kind: 'allowed',
      tier: 'safe-search',
      category: 'gambling',
      rewrittenTo: 'forcesafesearch.google.com',
    });
  });

  test.each([
    ['strict', 'restrict.youtube.com'],
    ['moderate', 'restrictmoderate.youtube.com'],
    ['off', undefined],
  ] as const)('of YouTube goes by its own setting: %s', (youtube, target) => {
    for (const safeSearch of [true, false]) {
      const policy = { ...PLAIN, safeSearch, youtube: YOUTUBE_TARGETS[youtube] };
      const verdict = verdictOf(decide({ ...createMatch(), safeSearch: RULE_YOUTUBE }, policy, NOW));
      expect(verdict.rewrittenTo).toBe(target);
    }
  });

  test('and a block are made only where safe search is on', () => {
    for (const safeSearch of [GOOGLE, RULE_WITHOUT_SAFE_SEARCH]) {
      const off = { ...PLAIN, safeSearch: false };
      expect(verdictOf(decide({ ...createMatch(), safeSearch }, off, NOW))).toEqual({
        kind: 'allowed',
        tier: 'default',
      });
    }
  });
});

describe('deciding', () => {
  const match = (said: Partial<Match>): Match => ({ ...createMatch(), ...said });

  test('own rules of another profile say nothing', () => {
    expect(verdictOf(decide(match({ ownBlock: 2, ownAllow: 4 }), PLAIN, NOW))).toEqual({
      kind: 'allowed',
      tier: 'default',
    });
  });

  test('a relaxation and a lockdown end at their time', () => {
    const policy = { ...PLAIN, relaxed: GAMBLING, relaxedUntil: NOW, lockdownUntil: 0 };
    expect(tierOf(decide(match({ categories: GAMBLING }), policy, NOW - 1))).toBe('relaxation');
    expect(tierOf(decide(match({ categories: GAMBLING }), policy, NOW))).toBe('category');
    const locked = { ...PLAIN, lockdownUntil: NOW };
    expect(tierOf(decide(match({}), locked, NOW - 1))).toBe('lockdown');
    expect(tierOf(decide(match({}), locked, NOW))).toBe('default');
  });

  test('a relaxation of one category leaves another one blocked', () => {
    const policy = { ...PLAIN, blocked: PLAIN.blocked | GAMES, relaxed: GAMBLING, relaxedUntil: NOW + 1 };
    expect(verdictOf(decide(match({ categories: GAMBLING | GAMES }), policy, NOW))).toEqual({
      kind: 'blocked',
      tier: 'category',
      category: 'games',
    });
  });

  test('every category keeps its name through the verdict, the gravest first', () => {
    for (const category of CATEGORY_IDS) {
      const policy = { ...PLAIN, locked: 0, blocked: 0x7fff_ffff };
      expect(categoryOf(decide(match({ categories: categoryBit(category) }), policy, NOW))).toBe(category);
      expect(
        categoryOf(
          decide(match({ categories: categoryBit(category) | categoryBit('illegal') }), policy, NOW),
        ),
      ).toBe('illegal');
    }
  });

  test('an allowed category is no reason to block', () => {
    expect(tierOf(decide(match({ categories: GAMES }), PLAIN, NOW))).toBe('default');
  });

  const aMatch = fc.record({
    categories: fc.nat(2 ** CATEGORY_IDS.length - 1),
    neverBlock: fc.boolean(),
    ownBlock: fc.nat(7),
    ownAllow: fc.nat(7),
  });
  const aPolicy = fc.record({
    profile: fc.constantFrom(...PROFILES),
    relax: fc.subarray([...CATEGORY_IDS]),
    kind: fc.constantFrom('relaxation', 'lockdown'),
    states: fc.dictionary(fc.constantFrom<Category>(...CATEGORY_IDS), fc.constantFrom('blocked', 'allowed')),
  });
  const policyOf = ({
    profile,
    relax,
    kind,
    states,
  }: typeof aPolicy extends fc.Arbitrary<infer T> ? T : never) => {
    const settings = someSettings({ profiles: profilesWith({ [profile]: { categories: states } }) });
    const override = { kind, profiles: [...PROFILES], categories: relax, untilMs: NOW + 1 } as const;
    const policy = compilePolicy(settings, override, 1).profiles.find(({ id }) => id === profile);
    if (!policy) throw new Error('each profile has a policy');
    return policy;
  };

  test('nothing lifts the locked core of learners and guests', () => {
    fc.assert(
      fc.property(aMatch, aPolicy, (said, world) => {
        fc.pre(world.profile !== 'staff');
        const verdict = decide(
          match({ ...said, categories: said.categories | MALWARE }),
          policyOf(world),
          NOW,
        );
        expect(tierOf(verdict)).toBe('locked-core');
        expect(isBlocked(verdict)).toBe(true);
      }),
    );
  });

  test('one more block rule or listed category never unblocks', () => {
    fc.assert(
      fc.property(
        aMatch,
        aPolicy,
        fc.nat(2 ** CATEGORY_IDS.length - 1),
        fc.nat(7),
        (said, world, categories, own) => {
          const policy = policyOf(world);
          if (!isBlocked(decide(match(said), policy, NOW))) return;
          const more = match({
            ...said,
            categories: said.categories | categories,
            ownBlock: said.ownBlock | own,
          });
          expect(isBlocked(decide(more, policy, NOW))).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});
