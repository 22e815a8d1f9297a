import { describe, expect, test } from 'vitest';
import type { Category } from '#contract/categories.ts';
import type { ProfileId } from '#contract/profiles.ts';
import type { Settings } from '#contract/settings.ts';
import { Explanation } from '#contract/verdict.ts';
import { explain } from '#filter/explain.ts';
import { compilePolicy, type Override } from '#filter/policy.ts';
import { openTable } from '#filter/table.ts';
import { indexOf, profilesWith, someSettings } from '#support/policy.ts';

const AT = '2026-01-05T09:00:00.000Z';
const UNTIL_MS = Date.parse('2026-01-05T09:30:00Z');

interface World {
  readonly profile?: ProfileId;
  readonly settings?: Partial<Settings>;
  readonly listed?: readonly (readonly [name: string, category: Category])[];
  readonly override?: Override;
  readonly at?: string;
}

/** Explains `name` where each listed name is on a list of its own, called after its category. */
function explained(
  name: string,
  { profile = 'learner', settings = {}, listed = [], override, at = AT }: World = {},
) {
  const all = someSettings(settings);
  const explanation = explain({
    name,
    profile,
    at,
    index: openTable(indexOf(listed)),
    policy: compilePolicy(all, override, 1),
    settings: all,
    holders: listed
      .filter(([held]) => name === held || name.endsWith(`.${held}`))
      .map(([matched, category]) => ({ id: `list-${category}`, name: `UT1 ${category}`, category, matched })),
  });
  return Explanation.parse(explanation);
}

const rule = (name: string) => ({ name, why: 'Asked for by the college.' });

describe('an explanation', () => {
  test('of a blocked category names the list, its entry and who could change it', () => {
    expect(explained('www.example.test', { listed: [['example.test', 'gambling']] })).toEqual({
      name: 'www.example.test',
      profile: 'learner',
      at: AT,
      verdict: { kind: 'blocked', tier: 'category', category: 'gambling', matched: 'example.test' },
      lists: [{ id: 'list-gambling', name: 'UT1 gambling', category: 'gambling', matched: 'example.test' }],
      because: 'Blocked for learners: gambling. The list UT1 gambling holds example.test.',
      wouldChange: [
        'A network manager can allow it for this profile.',
        'A relaxation can lift gambling for a while.',
      ],
    });
  });

  test('of the locked core says that nothing would change it', () => {
    const it = explained('bad.test', {
      profile: 'guest',
      listed: [['bad.test', 'malware']],
      settings: {
        neverBlock: [rule('bad.test')],
        profiles: profilesWith({ guest: { allow: [rule('bad.test')] } }),
      },
    });
    expect(it.verdict).toEqual({
      kind: 'blocked',
      tier: 'locked-core',
      category: 'malware',
      matched: 'bad.test',
    });
    expect(it.because).toBe('Blocked for guests: malware. The list UT1 malware holds bad.test.');
    expect(it.wouldChange).toEqual(['Nothing: this category is in the locked core for guests.']);
  });

  test('of a locked category for staff offers no relaxation', () => {
    const it = explained('bad.test', { profile: 'staff', listed: [['bad.test', 'malware']] });
    expect(it.verdict).toMatchObject({ kind: 'blocked', tier: 'category' });
    expect(it.wouldChange).toEqual(['A network manager can allow it for this profile.']);
  });

  test('of a never-block name says what would block it otherwise', () => {
    const it = explained('www.help.test', {
      listed: [['help.test', 'drugs']],
      settings: { neverBlock: [rule('help.test'), rule('test')] },
    });
    expect(it.verdict).toEqual({
      kind: 'allowed',
      tier: 'never-block',
      category: 'drugs',
      matched: 'help.test',
    });
    expect(it.because).toBe(
      'Allowed for everybody: help.test is on the never-block list. The list UT1 drugs holds help.test.',
    );
    expect(it.wouldChange).toEqual([
      'A network manager can take help.test off the never-block list. It would then be blocked as drugs.',
    ]);
  });

  test('of a lockdown says when it ends and what then', () => {
    const override: Override = { kind: 'lockdown', profiles: ['learner'], categories: [], untilMs: UNTIL_MS };
    const it = explained('example.test', { override });
    expect(it.verdict).toEqual({ kind: 'blocked', tier: 'lockdown' });
    expect(it.because).toBe('Blocked for learners: a lockdown is in force until 09:30.');
    expect(it.wouldChange).toEqual(['The lockdown ends by itself at 09:30. It would then be allowed.']);
    expect(explained('example.test', { override, profile: 'staff' }).verdict.tier).toBe('default');
  });

  test('of an own block gives its reason, and what stays when it goes', () => {
    const settings = { profiles: profilesWith({ learner: { block: [rule('example.test')] } }) };
    const it = explained('www.example.test', { settings, listed: [['example.test', 'games']] });
    expect(it.verdict).toEqual({
      kind: 'blocked',
      tier: 'own-block',
      category: 'games',
      matched: 'example.test',
    });
    expect(it.because).toBe(
      'Blocked for learners by an own rule for example.test: Asked for by the college.',
    );
    expect(it.wouldChange).toEqual([
      'A network manager can remove the rule. It would still be blocked as games.',
    ]);
    expect(explained('www.example.test', { settings }).wouldChange).toEqual([
      'A network manager can remove the rule. It would then be allowed.',
    ]);
  });

  test('of an own allow names the most specific rule', () => {
    const allow = [rule('example.test'), rule('www.example.test')];
    const it = explained('www.example.test', {
      settings: { profiles: profilesWith({ learner: { allow } }) },
      listed: [['example.test', 'ai']],
    });
    expect(it.verdict).toEqual({
      kind: 'allowed',
      tier: 'own-allow',
      category: 'ai',
      matched: 'www.example.test',
    });
    expect(it.because).toBe(
      'Allowed for learners by an own rule for www.example.test: Asked for by the college.',
    );
    expect(it.wouldChange).toEqual([
      'A network manager can remove the rule. It would then be blocked as generative AI.',
    ]);
  });

  test('of a relaxation says until when', () => {
    const it = explained('example.test', {
      listed: [['example.test', 'gambling']],
      override: { kind: 'relaxation', profiles: ['learner'], categories: ['gambling'], untilMs: UNTIL_MS },
    });
    expect(it.verdict).toMatchObject({ kind: 'allowed', tier: 'relaxation', category: 'gambling' });
    expect(it.because).toBe(
      'Allowed for learners until 09:30: a relaxation lifts gambling. The list UT1 gambling holds example.test.',
    );
    expect(it.wouldChange).toEqual([
      'The relaxation ends by itself at 09:30. It would then be blocked as gambling.',
    ]);
  });

  test('of a name that nothing blocks says so, also where an allowed category holds it', () => {
    expect(explained('example.test')).toMatchObject({
      verdict: { kind: 'allowed', tier: 'default' },
      because: 'Allowed for learners: no list and no rule blocks it.',
      wouldChange: ['A network manager can block it for this profile.'],
    });
    expect(
      explained('example.test', { profile: 'staff', listed: [['example.test', 'gambling']] }).because,
    ).toBe('Allowed for staff: the list UT1 gambling holds example.test, but gambling is allowed for them.');
  });

  test.each([
    ['use-application-dns.net', 'blocked', 'use-application-dns.net'],
    ['_dns.resolver.arpa', 'blocked', 'resolver.arpa'],
    ['printer.local', 'blocked', 'local'],
    ['gatehouse.local', 'allowed', 'gatehouse.local'],
    ['n.check.gatehouse.home.arpa', 'allowed', 'check.gatehouse.home.arpa'],
    ['localhost', 'allowed', 'localhost'],
  ])('of %s is that it is answered by rule, %s', (name, kind, matched) => {
    const it = explained(name, { listed: [[name, 'malware']] });
    expect(it.verdict).toEqual({ kind, tier: 'special', matched });
    expect(it.because).toMatch(kind === 'blocked' ? /^Blocked for everybody: / : /^Allowed for everybody: /);
    expect(it.wouldChange).toEqual(['Nothing: this name is answered by rule.']);
  });

  test('counts further lists', () => {
    const listed = [['example.test', 'gambling'] as const];
    const all = someSettings();
    const holders = [1, 2, 3].map((i) => ({
      id: `l${i}`,
      name: `List ${i}`,
      category: 'gambling' as const,
      matched: 'example.test',
    }));
    const sources = {
      name: 'example.test',
      profile: 'learner' as const,
      at: AT,
      index: openTable(indexOf(listed)),
      policy: compilePolicy(all, undefined, 1),
      settings: all,
    };
    const because = (count: number) => explain({ ...sources, holders: holders.slice(0, count) }).because;
    expect(because(0)).toBe('Blocked for learners: gambling.');
    expect(because(2)).toContain('The list List 1 and one more list hold example.test.');
    expect(because(3)).toContain('The list List 1 and 2 more lists hold example.test.');
  });

  test('of what is no name or no time is refused', () => {
    expect(() => explained('a..test')).toThrow('wanted a domain name');
    expect(() => explained('example.test', { at: 'soon' })).toThrow('wanted an instant');
    expect(() => explained(`${'a'.repeat(64)}.test`)).toThrow('wanted a domain name');
  });
});

describe('an explanation of safe search', () => {
  test('names the safe search that a name is answered with, and what lifts it', () => {
    const it = explained('www.google.co.uk');
    expect(it.verdict).toEqual({
      kind: 'allowed',
      tier: 'safe-search',
      matched: 'www.google.co.uk',
      rewrittenTo: 'forcesafesearch.google.com',
    });
    expect(it.because).toBe(
      'Allowed for learners with safe search: www.google.co.uk is answered with the addresses of forcesafesearch.google.com.',
    );
    expect(it.wouldChange).toEqual([
      'A network manager can switch safe search off for this profile.',
      'A network manager can allow the name for this profile: it is then answered as it is.',
    ]);
  });

  test('says how far YouTube is restricted', () => {
    const settings = { profiles: profilesWith({ guest: { youtube: 'moderate' } }) };
    const it = explained('www.youtube.com', { profile: 'guest', settings });
    expect(it.because).toBe(
      'Allowed for guests in YouTube’s restricted mode (moderate): www.youtube.com is answered with the addresses of restrictmoderate.youtube.com.',
    );
  });

  test('says why a search engine is blocked that is in no list', () => {
    const it = explained('uk.search.yahoo.com');
    expect(it.verdict).toEqual({ kind: 'blocked', tier: 'safe-search', matched: 'search.yahoo.com' });
    expect(it.because).toBe(
      'Blocked for learners: safe search is on, and the search engine search.yahoo.com has none that can be held to.',
    );
    expect(it.wouldChange[0]).toBe(
      'A network manager can switch safe search off for this profile. It would then be allowed.',
    );
  });

  test('of an own allow says that without it safe search would be back', () => {
    const settings = { profiles: profilesWith({ learner: { allow: [rule('www.google.com')] } }) };
    const it = explained('www.google.com', { settings });
    expect(it.verdict).toEqual({ kind: 'allowed', tier: 'own-allow', matched: 'www.google.com' });
    expect(it.wouldChange).toEqual([
      'A network manager can remove the rule. It would still be allowed, with safe search.',
    ]);
  });
});
