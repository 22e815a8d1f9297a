import { expect, test } from 'vitest';
import { CATEGORY_IDS, isLocked } from '#contract/categories.ts';
import { PROFILES } from '#contract/profiles.ts';
import { type ListSetting, Settings } from '#contract/settings.ts';
import { defaultSettings, settingsOf, withIds } from '#settings/defaults.ts';
import {
  addRule,
  type Edit,
  removeRule,
  replaceSection,
  setCategory,
  setSafeSearch,
} from '#settings/edits.ts';

const aList: ListSetting = {
  id: 'a-list',
  name: 'A list',
  category: 'gambling',
  source: 'file:list.txt',
  format: 'domains',
};

function after(...edits: Edit[]): Settings {
  const draft = defaultSettings('Example Training');
  for (const edit of edits) edit.mutate(draft);
  return draft;
}

test('the default settings fit their own schema and repeat no name', () => {
  const settings = defaultSettings('Example Training');
  expect(Settings.parse(settings)).toEqual(settings);
  const names = settings.neverBlock.map((rule) => rule.name);
  expect(new Set(names).size).toBe(names.length);
});

test('a second rule for the same name and action replaces the first in its place', () => {
  const place = { profile: 'staff', action: 'allow', name: 'a.example.org' } as const;
  const other = { ...place, name: 'b.example.org' };
  const { allow, block } = after(addRule(place, 'first'), addRule(other, 'other'), addRule(place, 'second'))
    .profiles.staff;
  expect(allow).toEqual([
    { name: 'a.example.org', why: 'second' },
    { name: 'b.example.org', why: 'other' },
  ]);
  expect(block).toEqual([]);
});

test('a rule is removed by profile, action and name, and one that is not there is named', () => {
  const place = { profile: 'guest', action: 'block', name: 'a.example.org' } as const;
  const edit = removeRule(place);
  expect(after(addRule(place, 'for now'), edit).profiles.guest.block).toEqual([]);
  expect(edit.what).toEqual(['profiles', 'guest', 'block']);
  expect(() => after(addRule({ ...place, action: 'allow' }, 'for now'), edit)).toThrow(
    expect.objectContaining({ name: 'NoSuchRule', message: expect.stringContaining('a.example.org') }),
  );
});

test('safe search and YouTube are set by an edit each, for what differs alone', () => {
  const standing = defaultSettings('Example Training');
  const edits = setSafeSearch(standing, 'learner', { safeSearch: false, youtube: 'moderate' });
  expect(edits.map(({ what }) => what.join('.'))).toEqual([
    'profiles.learner.safeSearch',
    'profiles.learner.youtube',
  ]);
  expect(after(...edits).profiles.learner).toMatchObject({ safeSearch: false, youtube: 'moderate' });
  const one = setSafeSearch(standing, 'staff', { safeSearch: false, youtube: 'strict' });
  expect(one.map(({ what }) => what.join('.'))).toEqual(['profiles.staff.youtube']);
  expect(() => setSafeSearch(standing, 'guest', { safeSearch: true, youtube: 'strict' })).toThrow(
    expect.objectContaining({ name: 'NothingChanged' }),
  );
});

const everyCell = PROFILES.flatMap((profile) => CATEGORY_IDS.map((category) => [profile, category] as const));
test.each(everyCell)(
  'for %s the category %s can be set exactly when it is not locked',
  (profile, category) => {
    if (isLocked(category, profile)) {
      expect(() => setCategory(profile, category, 'allowed')).toThrow(
        expect.objectContaining({ name: 'CategoryLocked' }),
      );
    } else {
      const set = after(setCategory(profile, category, 'allowed')).profiles[profile].categories;
      expect(set).toEqual({ [category]: 'allowed' });
    }
  },
);

test('a section is replaced whole and nothing else is touched', () => {
  const lists = [aList, { ...aList, id: 'b-list', name: 'B list' }];
  expect(after(replaceSection('lists', lists))).toEqual({ ...defaultSettings('Example Training'), lists });
});

test.each([
  ['lists', [aList, aList], /each list id once, got "a-list" twice/],
  ['lists', [{ ...aList, source: 'ftp://example.org/list' }], /wanted a list source/],
  ['upstreams', [], /expected array to have >=1/],
  ['upstreams', ['tcp://192.0.2.53'], /wanted an upstream such as/],
  [
    'networks',
    [{ name: 'Learners', ranges: ['192.0.2.0/33'], profile: 'learner' }],
    /wanted an address range/,
  ],
  ['check', { controls: ['example.org'], dueWeekday: 8 }, /dueWeekday/],
  ['override', null, /expected object/],
  ['neverBlock', [{ name: 'not a name', why: 'because' }], /wanted a domain name/],
] as const)('a wrong value for %s is refused and says what was wanted', (section, value, message) => {
  expect(() => replaceSection(section, value)).toThrow(
    expect.objectContaining({ name: 'SettingsRefused', message: expect.stringMatching(message) }),
  );
});

test('list ids are made from names and stay apart', () => {
  const { id: _, ...request } = aList;
  const named = (name: string) => ({ ...request, name });
  const ids = withIds(['UT1 gambling', 'ut1: gambling!', 'Été', '!!!', 'x'.repeat(80)].map(named)).map(
    (l) => l.id,
  );
  expect(ids).toEqual(['ut1-gambling', 'ut1-gambling-2', 'ete', 'list', 'x'.repeat(70)]);
});

test('a set-up file becomes settings that fit the schema', () => {
  const { id: _, ...list } = aList;
  const settings = settingsOf({
    provider: { name: 'Example Training' },
    networks: [{ name: 'Learners', ranges: ['192.0.2.0/25'], profile: 'learner' }],
    lists: [list, list],
    upstreams: ['udp://192.0.2.53:53'],
  });
  expect(Settings.parse(settings)).toEqual(settings);
  expect(settings.lists.map(({ id }) => id)).toEqual(['a-list', 'a-list-2']);
});
