import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SealedEntry } from '#contract/ledger.ts';
import { Settings } from '#contract/settings.ts';
import { fingerprintOf, fromEntry, type SettingsChange, toEntry } from '#settings/change.ts';
import { defaultSettings } from '#settings/defaults.ts';
import { openDocument } from '#settings/document.ts';
import { addRule, setCategory } from '#settings/edits.ts';
import { openSettings, type SettingsOptions } from '#settings/settings.ts';
import { aFolder, diskThatFillsUp } from './disk.ts';

const initial = defaultSettings('Example Training');
const rule = (name: string) => ({
  ...addRule({ profile: 'learner', action: 'block', name }, 'asked for by a tutor'),
  by: 'p-1',
  why: 'asked for by a tutor',
});

/** Settings in `folder` over a ledger that keeps what it is given. */
function open(folder: string, ledger: SettingsChange[], changed: Partial<SettingsOptions> = {}) {
  return openSettings({
    file: join(folder, 'settings.json'),
    initial,
    record: async (change) => ledger.push(structuredClone(change)),
    newestRecorded: async () => ledger.at(-1),
    ...changed,
  });
}

const rulesOf = (settings: Readonly<Settings>): string[] =>
  settings.profiles.learner.block.map((own) => own.name);

test('the first settings are recorded whole, in force and on disk', async () => {
  using folder = aFolder();
  const ledger: SettingsChange[] = [];
  const settings = await open(folder.path, ledger);
  expect(settings.current()).toEqual(initial);
  expect(settings.generation()).toBe(1);
  expect(ledger).toEqual([
    {
      by: 'box',
      generation: 1,
      path: [],
      before: null,
      after: initial,
      why: 'first settings',
      fingerprint: settings.fingerprint(),
    },
  ]);
  const again = await open(folder.path, ledger);
  expect([again.current(), again.generation(), again.repaired]).toEqual([initial, 1, undefined]);
  expect(ledger.length).toBe(1);
});

test('a change is recorded with who, why, before and after, before it is in force', async () => {
  using folder = aFolder();
  const ledger: SettingsChange[] = [];
  const settings = await open(folder.path, ledger, {
    record: async (change) => {
      if (change.generation === 2) expect(rulesOf(settings.current())).toEqual([]);
      ledger.push(change);
    },
  });
  const change = await settings.change(rule('games.example.org'));
  expect(ledger.at(-1)).toEqual(change);
  expect(change).toEqual({
    by: 'p-1',
    generation: 2,
    path: ['profiles', 'learner', 'block'],
    before: [],
    after: [{ name: 'games.example.org', why: 'asked for by a tutor' }],
    why: 'asked for by a tutor',
    fingerprint: fingerprintOf(settings.current()),
  });
  expect(settings.generation()).toBe(2);
  expect(rulesOf((await open(folder.path, ledger)).current())).toEqual(['games.example.org']);
});

test('a change goes into a ledger entry and comes out of it', async () => {
  using folder = aFolder();
  const ledger: SettingsChange[] = [];
  await (await open(folder.path, ledger)).change(rule('games.example.org'));
  const change = ledger[1] as SettingsChange;
  const entry = toEntry(change);
  expect(entry).toMatchObject({ kind: 'settings.changed', by: 'p-1' });
  expect(fromEntry(JSON.parse(JSON.stringify(entry)) as SealedEntry)).toEqual(change);
});

test('subscribers hear of each change once it is in force, until they stop', async () => {
  using folder = aFolder();
  const settings = await open(folder.path, []);
  const heard: string[][] = [];
  const stop = settings.onChange((now) => heard.push(rulesOf(now)));
  await settings.change(rule('a.example.org'));
  stop();
  await settings.change(rule('b.example.org'));
  expect(heard).toEqual([['a.example.org']]);
});

test('changes asked for at once are made one after the other and none is lost', async () => {
  using folder = aFolder();
  const ledger: SettingsChange[] = [];
  const settings = await open(folder.path, ledger);
  const names = ['a', 'b', 'c', 'd', 'e'].map((label) => `${label}.example.org`);
  await Promise.all(names.map((name) => settings.change(rule(name))));
  expect(rulesOf(settings.current())).toEqual(names);
  expect(ledger.map((change) => change.generation)).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a change that changes nothing, breaks the schema or cannot be recorded leaves everything as it was', async () => {
  using folder = aFolder();
  const ledger: SettingsChange[] = [];
  let broken = false;
  const settings = await open(folder.path, ledger, {
    record: async (change) => {
      if (broken) throw new Error('the disk is full');
      ledger.push(change);
    },
  });
  await settings.change(rule('a.example.org'));
  const before = settings.fingerprint();
  await expect(settings.change(rule('a.example.org'))).rejects.toMatchObject({ name: 'NothingChanged' });
  const wrong = {
    what: ['upstreams'],
    by: 'p-1',
    why: 'try',
    mutate: (draft: Settings) => (draft.upstreams = []),
  };
  await expect(settings.change(wrong)).rejects.toMatchObject({ name: 'SettingsRefused' });
  broken = true;
  await expect(settings.change(rule('b.example.org'))).rejects.toThrow('the disk is full');
  broken = false;
  expect([settings.fingerprint(), settings.generation(), ledger.length]).toEqual([before, 2, 2]);
  await settings.change(rule('b.example.org'));
  expect(settings.generation()).toBe(3);
});

test('a change that reaches outside the place it names is our bug and is not made', async () => {
  using folder = aFolder();
  const settings = await open(folder.path, []);
  const sly = { ...rule('a.example.org'), what: ['check'] };
  await expect(settings.change(sly)).rejects.toThrow('changed something else too');
  expect(settings.generation()).toBe(1);
});

test('a crash between record and document is made good from the record', async () => {
  using folder = aFolder();
  const ledger: SettingsChange[] = [];
  const first = await open(folder.path, ledger);
  await first.change({ ...setCategory('learner', 'chat', 'allowed'), by: 'p-1', why: 'a lesson' });
  const saved = await openDocument(join(folder.path, 'settings.json'), Settings);
  const before = saved.current() as Settings;
  await first.change(rule('a.example.org'));
  await saved.write(before, 2);
  const second = await open(folder.path, ledger);
  expect(second.repaired).toContain('profiles.learner.block');
  expect([second.generation(), second.fingerprint()]).toEqual([3, first.fingerprint()]);
  expect(ledger.length).toBe(3);
  const third = await open(folder.path, ledger);
  expect([third.generation(), third.repaired]).toEqual([3, undefined]);
});

test('a torn document comes back from the last good copy and the record, as it was', async () => {
  using folder = aFolder();
  const ledger: SettingsChange[] = [];
  const first = await open(folder.path, ledger);
  await first.change(rule('a.example.org'));
  await first.change(rule('b.example.org'));
  writeFileSync(join(folder.path, 'settings.json'), 'torn');
  const second = await open(folder.path, ledger);
  expect(second.current()).toEqual(first.current());
  expect([second.generation(), second.recovered]).toEqual([3, 'none']);
  expect(second.repaired).toContain('made again from the record');
});

test('first settings that were recorded and never written are made again', async () => {
  using folder = aFolder();
  const ledger: SettingsChange[] = [];
  await open(folder.path, ledger);
  rmSync(join(folder.path, 'settings.json'));
  const again = await open(folder.path, ledger, { initial: defaultSettings('Somebody Else') });
  expect(again.current().provider.name).toBe('Example Training');
  expect(ledger.length).toBe(1);
});

test('a document that the ledger does not know stays in force and is recorded whole', async () => {
  using folder = aFolder();
  const ledger: SettingsChange[] = [];
  const first = await open(folder.path, ledger);
  await first.change(rule('a.example.org'));
  const document = await openDocument(join(folder.path, 'settings.json'), Settings);
  const byHand = defaultSettings('Changed By Hand');
  await document.write(byHand, 2);
  const second = await open(folder.path, ledger);
  expect(second.current()).toEqual(byHand);
  expect(second.repaired).toContain('recorded as it is');
  expect(ledger.at(-1)).toMatchObject({ by: 'box', generation: 3, path: [], after: byHand });
  const third = await open(folder.path, ledger);
  expect([third.generation(), third.repaired]).toEqual([3, undefined]);
  const withoutLedger: SettingsChange[] = [];
  expect((await open(folder.path, withoutLedger)).generation()).toBe(4);
  expect(withoutLedger.length).toBe(1);
});

test('a document that is gone and cannot be made again is refused by name', async () => {
  using folder = aFolder();
  const ledger: SettingsChange[] = [];
  const first = await open(folder.path, ledger);
  await first.change(rule('a.example.org'));
  rmSync(join(folder.path, 'settings.json'));
  rmSync(join(folder.path, 'settings.json.good'));
  await expect(open(folder.path, ledger)).rejects.toMatchObject({
    name: 'SettingsInconsistent',
    message: expect.stringContaining('wanted generation 2'),
  });
});

test('a record that does not fit the document is refused by name', async () => {
  using folder = aFolder();
  const ledger: SettingsChange[] = [];
  const first = await open(folder.path, ledger);
  const change = await first.change(rule('a.example.org'));
  ledger.push({ ...change, generation: 3, fingerprint: 'f'.repeat(64) });
  await expect(open(folder.path, ledger)).rejects.toMatchObject({ name: 'SettingsInconsistent' });
});

test('both copies torn is refused by the name of the file', async () => {
  using folder = aFolder();
  const file = join(folder.path, 'settings.json');
  for (const name of [file, `${file}.good`]) writeFileSync(name, 'torn');
  await expect(open(folder.path, [])).rejects.toMatchObject({ name: 'SettingsUnreadable', file });
});

test('when the disk fills up after the record, the change is in force, said, and never two ahead of the file', async () => {
  using folder = aFolder();
  const ledger: SettingsChange[] = [];
  const start = await open(folder.path, ledger);
  const settings = await open(folder.path, ledger, { disk: diskThatFillsUp(3) });
  await settings.change(rule('a.example.org'));
  expect(rulesOf(settings.current())).toEqual(['a.example.org']);
  expect(settings.trouble()).toContain('settings.json: cannot be written');
  await expect(settings.change(rule('b.example.org'))).rejects.toMatchObject({ name: 'SettingsUnwritable' });
  expect(ledger.length).toBe(2);
  expect(start.generation()).toBe(1);
  const full = await open(folder.path, ledger, { disk: diskThatFillsUp(0) });
  expect([full.fingerprint(), full.generation()]).toEqual([settings.fingerprint(), 2]);
  expect(full.trouble()).toContain('ENOSPC');
  const roomAgain = await open(folder.path, ledger);
  expect(roomAgain.fingerprint()).toBe(settings.fingerprint());
  await roomAgain.change(rule('b.example.org'));
  expect([roomAgain.trouble(), roomAgain.generation()]).toEqual([undefined, 3]);
});

/** The document as versions without safe search had it. */
function earlier(settings: Readonly<Settings>): Settings {
  const copy = structuredClone(settings) as Settings;
  for (const profile of Object.values(copy.profiles) as Partial<Settings['profiles']['learner']>[]) {
    delete profile.safeSearch;
    delete profile.youtube;
  }
  return copy;
}

/** Writes a document and the record of its newest change as an earlier version did. */
function asEarlier(folder: string, document: Settings, newest: SettingsChange): void {
  const body = JSON.stringify(document);
  const { generation } = newest;
  const sha256 = createHash('sha256').update(`${generation}\n${body}`).digest('hex');
  writeFileSync(join(folder, 'settings.json'), `${JSON.stringify({ generation, sha256 })}\n${body}`);
}

const SEARCHES = { learner: [true, 'strict'], guest: [true, 'strict'], staff: [false, 'off'] };
const searchesOf = (settings: Readonly<Settings>) =>
  Object.fromEntries(
    Object.entries(settings.profiles).map(([id, { safeSearch, youtube }]) => [id, [safeSearch, youtube]]),
  );

test('a document from before safe search is read with its defaults, and the record says so once', async () => {
  using folder = aFolder();
  const before = earlier({ ...initial, provider: { name: 'Long There' } });
  const first: SettingsChange = {
    ...{ by: 'box', generation: 7, path: [], before: null, why: 'set-up' },
    ...{ after: before, fingerprint: fingerprintOf(before) },
  };
  asEarlier(folder.path, before, first);
  const ledger = [first];
  const settings = await open(folder.path, ledger);
  expect(settings.current().provider.name).toBe('Long There');
  expect(searchesOf(settings.current())).toEqual(SEARCHES);
  expect(settings.repaired).toContain('an update');
  expect(ledger.slice(1)).toMatchObject([
    { by: 'box', generation: 8, path: [], after: settings.current(), fingerprint: settings.fingerprint() },
  ]);
  const again = await open(folder.path, ledger);
  expect([again.generation(), again.repaired, ledger.length]).toEqual([8, undefined, 2]);
  await again.change(rule('a.example.org'));
  expect((await open(folder.path, ledger)).repaired).toBeUndefined();
});

test('a change that an earlier version recorded and could not write any more is made again', async () => {
  using folder = aFolder();
  const before = earlier(initial);
  const after = structuredClone(before);
  after.profiles.staff.block = [{ name: 'a.example.org', why: 'by an earlier version' }];
  const change = (parts: Partial<SettingsChange>): SettingsChange => ({
    ...{ by: 'box', generation: 3, path: [], before: null, after: before, why: 'set-up' },
    ...{ fingerprint: fingerprintOf(before) },
    ...parts,
  });
  asEarlier(folder.path, before, change({}));
  const newest = change({
    ...{ generation: 4, path: ['profiles', 'staff', 'block'], before: [] },
    ...{ after: after.profiles.staff.block, fingerprint: fingerprintOf(after) },
  });
  const ledger = [change({}), newest];
  const settings = await open(folder.path, ledger);
  expect(settings.current().profiles.staff.block).toEqual(after.profiles.staff.block);
  expect(searchesOf(settings.current())).toEqual(SEARCHES);
  expect([settings.generation(), ledger.length]).toEqual([5, 3]);
  expect((await open(folder.path, ledger)).repaired).toBeUndefined();
});

test('a document that was changed by hand to lift safe search is no earlier version’s', async () => {
  using folder = aFolder();
  const before = earlier(initial);
  const first: SettingsChange = {
    ...{ by: 'box', generation: 1, path: [], before: null, why: 'set-up' },
    ...{ after: before, fingerprint: fingerprintOf(before) },
  };
  const byHand = structuredClone(initial);
  byHand.profiles.learner.safeSearch = false;
  asEarlier(folder.path, byHand, first);
  const settings = await open(folder.path, [first]);
  expect(settings.repaired).toContain('not the one recorded last');
});
