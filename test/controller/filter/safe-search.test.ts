import { expect, test } from 'vitest';
import { PROFILES } from '#contract/profiles.ts';
import type { Settings } from '#contract/settings.ts';
import { decide, verdictOf } from '#filter/decide.ts';
import { createMatch, matchName } from '#filter/match.ts';
import { viewOf } from '#filter/name-view.ts';
import { compilePolicy } from '#filter/policy.ts';
import {
  RULE_YOUTUBE,
  SAFE_SEARCH_NAMES,
  SAFE_SEARCH_TARGETS,
  WITHOUT_SAFE_SEARCH,
} from '#filter/safe-search.ts';
import { openTable } from '#filter/table.ts';
import { indexOf, profilesWith, someSettings } from '#support/policy.ts';

const index = openTable(indexOf([['gambling.test', 'gambling']]));

/** What each profile gets for `name`: the target, or the kind of verdict. */
function said(name: string, settings: Partial<Settings> = {}): string[] {
  const policy = compilePolicy(someSettings(settings), undefined, 1);
  const match = createMatch();
  matchName(index, openTable(policy.overlay), viewOf(name), match);
  return policy.profiles.map((profile) => {
    const verdict = verdictOf(decide(match, profile, 0));
    return verdict.rewrittenTo ?? verdict.kind;
  });
}

const GOOGLE = 'forcesafesearch.google.com';
const DUCK = 'safe.duckduckgo.com';
const STRICT = 'restrict.youtube.com';

test.each([
  ['www.google.com', GOOGLE],
  ['WWW.Google.Co.UK', GOOGLE],
  ['www.google.de', GOOGLE],
  ['www.google.com.vn', GOOGLE],
  ['www.google.co.zw', GOOGLE],
  ['www.google.cat', GOOGLE],
  ['bing.com', 'strict.bing.com'],
  ['www.bing.com', 'strict.bing.com'],
  ['edgeservices.bing.com', 'strict.bing.com'],
  ['duckduckgo.com', DUCK],
  ['www.duckduckgo.com', DUCK],
  ['start.duckduckgo.com', DUCK],
  ['duck.com', DUCK],
  ['www.ecosia.org', 'strict-safe-search.ecosia.org'],
  ['search.brave.com', 'forcesafe.search.brave.com'],
  ['pixabay.com', 'safesearch.pixabay.com'],
  ['yandex.ru', 'familysearch.yandex.ru'],
  ['www.yandex.com', 'familysearch.yandex.ru'],
  ['www.youtube.com', STRICT],
  ['m.youtube.com', STRICT],
  ['youtubei.googleapis.com', STRICT],
  ['youtube.googleapis.com', STRICT],
  ['www.youtube-nocookie.com', STRICT],
])('%s is rewritten to %s for learners and guests, not for staff', (name, target) => {
  expect(said(name)).toEqual([target, target, 'allowed']);
});

test.each([
  'google.com',
  'mail.google.com',
  'x.www.google.com',
  'www.google.com.example.org',
  'external-content.duckduckgo.com',
  'r.bing.com',
  'youtube.com',
  'i.ytimg.com',
  'googleapis.com',
  'fonts.googleapis.com',
  'ecosia.org',
  ...SAFE_SEARCH_TARGETS,
])('%s is answered as it is', (name) => {
  expect(said(name)).toEqual(['allowed', 'allowed', 'allowed']);
});

test.each(['search.yahoo.com', 'uk.search.yahoo.com', 'www.startpage.com', 'startpage.com', 'www.baidu.com'])(
  '%s, which has no safe search, is blocked where safe search is on',
  (name) => {
    expect(said(name)).toEqual(['blocked', 'blocked', 'allowed']);
  },
);

test.each(['yahoo.com', 'mail.yahoo.com', 'finance.yahoo.com'])('%s is no search engine', (name) => {
  expect(said(name)).toEqual(['allowed', 'allowed', 'allowed']);
});

test('every domain of Google’s search is there, and no name has two rules', () => {
  const google = [...SAFE_SEARCH_NAMES.keys()].filter((name) => name.startsWith('www.google.'));
  expect(google.length).toBeGreaterThanOrEqual(194);
  for (const name of WITHOUT_SAFE_SEARCH) expect(SAFE_SEARCH_NAMES.has(name), name).toBe(false);
  const youtube = [...SAFE_SEARCH_NAMES.values()].filter((rule) => rule === RULE_YOUTUBE);
  expect(youtube).toHaveLength(5);
});

test('an own allow lifts the rewrite and the block, for its profile alone', () => {
  const allow = ['www.google.com', 'search.yahoo.com'].map((name) => ({ name, why: 'for a lesson' }));
  const settings = { profiles: profilesWith({ learner: { allow } }) };
  expect(said('www.google.com', settings)).toEqual(['allowed', GOOGLE, 'allowed']);
  expect(said('search.yahoo.com', settings)).toEqual(['allowed', 'blocked', 'allowed']);
});

test('own rules for a name keep its safe search for the others', () => {
  const block = [{ name: 'www.google.com', why: 'for an exam' }];
  expect(said('www.google.com', { profiles: profilesWith({ guest: { block } }) })).toEqual([
    GOOGLE,
    'blocked',
    'allowed',
  ]);
});

test('each profile goes by its own settings', () => {
  const profiles = profilesWith({
    learner: { safeSearch: false, youtube: 'moderate' },
    guest: { youtube: 'off' },
    staff: { safeSearch: true },
  });
  expect(said('www.google.com', { profiles })).toEqual(['allowed', GOOGLE, GOOGLE]);
  expect(said('www.youtube.com', { profiles })).toEqual([
    'restrictmoderate.youtube.com',
    'allowed',
    'allowed',
  ]);
  expect(said('search.yahoo.com', { profiles })).toEqual(['allowed', 'blocked', 'blocked']);
  expect(PROFILES).toEqual(['learner', 'guest', 'staff']);
});
