import { expect, test } from 'vitest';
import { headlineOf, wordOf } from '#ui/names/changed.ts';

const rule = (name: string) => ({ name, why: 'seen in a lesson' });
const one = [rule('casino.test')];
const two = [...one, rule('bets.test')];

test.each([
  ['profiles.learner.allow', one, two, 'bets.test: allowed for Learners by an own rule'],
  ['profiles.guest.block', null, one, 'casino.test: blocked for Guests by an own rule'],
  ['profiles.staff.block', two, one, 'bets.test: no longer blocked for Staff by an own rule'],
  ['profiles.learner.allow', [], two, 'Allowed names of Learners'],
  ['profiles.learner.allow', one, [{ name: 'casino.test', why: 'another' }], 'Allowed names of Learners'],
  ['profiles.staff.categories.gambling', null, 'blocked', 'Gambling for Staff: blocked'],
  ['upstreams', ['udp://192.0.2.1'], ['udp://192.0.2.2'], 'Upstream resolvers'],
  ['', null, {}, 'All settings'],
])('a change of %s from %j to %j reads "%4$s"', (what, before, after, said) => {
  expect(headlineOf({ what, before, after })).toBe(said);
});

test('a path without words of its own is shown as it is', () => {
  for (const what of ['constructor', 'profiles', 'profiles.learner.toString', 'profiles.x.categories.y'])
    expect(headlineOf({ what, before: null, after: null })).toBe(what);
});

test('rules are shown by their names, other values as they are', () => {
  expect(wordOf(two)).toBe('casino.test, bets.test');
  expect([wordOf(null), wordOf([])]).toEqual(['nothing', 'nothing']);
  expect(wordOf([{ name: 'Learners', ranges: [] }])).toBe('[{"name":"Learners","ranges":[]}]');
  expect(wordOf('blocked')).toBe('blocked');
});
