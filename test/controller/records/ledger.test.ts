import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LedgerKind, NewEntry } from '#contract/ledger.ts';
import { openDb } from '#records/db.ts';
import { verifyLedger } from '#records/verify.ts';
import { aFolder, NOON, open } from './opened.ts';

const press = (n: number): NewEntry => ({ kind: 'button.pressed', by: 'box', body: { n } });

test('a new ledger begins with a genesis that names the box, its public key and the version', async () => {
  using folder = aFolder();
  await using records = await open(folder.path);
  const [genesis] = await records.entries({ limit: 10 });
  expect(genesis).toMatchObject({
    seq: 1,
    kind: 'genesis',
    by: 'box',
    at: '2026-03-04T12:00:00.000Z',
    body: { box: records.box, publicKey: records.publicKey, version: '0.1.0' },
    prev: '0'.repeat(64),
  });
  expect(records.box).toMatch(/^gh-[0-9a-f]{8}$/);
  expect(records.head()).toMatchObject({ seq: 1, hash: genesis?.hash });
});

test('the key of the box is kept in PEM for its owner only, and is the same after a restart', async () => {
  using folder = aFolder();
  const first = await open(folder.path);
  await first.close();
  await using second = await open(folder.path);
  expect(second.publicKey).toBe(first.publicKey);
  const key = join(folder.path, 'box.key');
  expect(statSync(key).mode & 0o777).toBe(0o600);
  expect(readFileSync(key, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/);
});

test('ledger and log are for their owner only, also in a folder that is not', async () => {
  using folder = aFolder();
  chmodSync(folder.path, 0o755);
  await using records = await open(folder.path);
  await records.append([press(1)]);
  for (const file of ['ledger.db', 'ledger.db-wal', 'log.db']) {
    expect(statSync(join(folder.path, file)).mode & 0o777).toBe(0o600);
  }
});

test('entries are numbered without a gap, follow one another and are found again after a restart', async () => {
  using folder = aFolder();
  const first = await open(folder.path);
  await first.append([press(1), press(2)]);
  const [last] = await first.append([press(3)]);
  const head = first.head();
  await first.close();
  await using second = await open(folder.path);
  expect(second.head()).toEqual(head);
  expect(last?.seq).toBe(4);
  const entries = (await second.entries({ limit: 10 })).toReversed();
  expect(entries.map((entry) => entry.seq)).toEqual([1, 2, 3, 4]);
  expect(entries.slice(1).map((entry) => entry.prev)).toEqual(
    entries.slice(0, -1).map((entry) => entry.hash),
  );
});

test('appends asked for at once are done in the order asked', async () => {
  using folder = aFolder();
  await using records = await open(folder.path);
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => records.append([press(n)])));
  expect(answers.map(([entry]) => entry?.body['n'])).toEqual(Array.from({ length: 50 }, (_, n) => n));
  expect(answers.map(([entry]) => entry?.seq)).toEqual(Array.from({ length: 50 }, (_, n) => n + 2));
});

test('entries are given newest first, by kind and before a place', async () => {
  using folder = aFolder();
  await using records = await open(folder.path);
  await records.append([press(1), { kind: 'check.signed', by: 'p-1', body: {} }, press(2), press(3)]);
  const seqs = async (kinds: LedgerKind[], limit: number, beforeSeq?: number) =>
    (await records.entries({ kinds, limit, ...(beforeSeq && { beforeSeq }) })).map((entry) => entry.seq);
  expect(await seqs(['button.pressed'], 10)).toEqual([5, 4, 2]);
  expect(await seqs(['button.pressed', 'check.signed'], 2, 5)).toEqual([4, 3]);
  expect(await seqs([], 10)).toEqual([]);
});

test('personal values stay outside the chain, are given back while known, and can be erased', async () => {
  using folder = aFolder();
  const personal = { name: 'Ada Example', note: 'a\0b \ud800 ü' };
  const records = await open(folder.path);
  const [sealed] = await records.append([{ kind: 'claimed', by: 'box', body: {}, personal }]);
  expect(Object.keys(sealed?.personal ?? {})).toEqual(['name', 'note']);
  expect(JSON.stringify(sealed?.personal)).not.toContain('Ada');
  expect(sealed?.known).toEqual({ name: 'Ada Example', note: 'a\0b \ufffd ü' });
  expect((await records.entries({ limit: 1 }))[0]?.known).toEqual(sealed?.known);
  await records.close();
  expect(verifyLedger(folder.path).ok).toBe(true);
  const db = await openDb({ path: join(folder.path, 'ledger.db'), synchronous: 'FULL', migrations: ['-'] });
  db.run("delete from personal where field = 'name'");
  db.close();
  expect(verifyLedger(folder.path).ok).toBe(true);
  await using later = await open(folder.path);
  expect(Object.keys((await later.entries({ limit: 1 }))[0]?.known ?? {})).toEqual(['note']);
});

test('the same personal value has another hash in each entry', async () => {
  using folder = aFolder();
  await using records = await open(folder.path);
  const entry: NewEntry = { kind: 'claimed', by: 'box', body: {}, personal: { name: 'Ada Example' } };
  const sealed = await records.append([entry, entry]);
  expect(sealed[0]?.personal['name']).not.toBe(sealed[1]?.personal['name']);
});

const circular: Record<string, unknown> = {};
circular['self'] = circular;
test.each([
  ['an unknown kind', { ...press(1), kind: 'gossip' as LedgerKind }],
  ['a number JSON cannot say', { ...press(1), body: { n: Number.NaN } }],
  ['a date that is no text', { ...press(1), body: { when: new Date(0) } }],
  ['a function', { ...press(1), body: { run: () => 1 } }],
  ['a body that holds itself', { ...press(1), body: circular }],
  ['a body of five megabytes', { ...press(1), body: { text: 'x'.repeat(5_000_000) } }],
  ['a personal value that is no text', { ...press(1), personal: { age: 7 as unknown as string } }],
  ['nobody', { ...press(1), by: undefined as unknown as string }],
])('%s is refused by name and nothing of its batch is written', async (_, wrong) => {
  using folder = aFolder();
  await using records = await open(folder.path);
  await expect(records.append([press(1), wrong])).rejects.toMatchObject({ name: 'EntryRefused' });
  expect((await records.entries({ limit: 9 })).length).toBe(1);
  const [next] = await records.append([press(2)]);
  expect(next?.seq).toBe(2);
});

test('a clock that steps back changes neither order nor chain', async () => {
  using folder = aFolder();
  const times = [NOON, NOON + 5000, 0, NOON - 86_400_000];
  const records = await open(folder.path, { now: () => times.shift() ?? 0 });
  await records.append([press(1)]);
  await records.append([press(2)]);
  await records.append([press(3)]);
  expect(records.head()).toMatchObject({ seq: 4, at: '2026-03-03T12:00:00.000Z' });
  await records.close();
  expect(verifyLedger(folder.path)).toMatchObject({ ok: true, entries: 4 });
});

test('nobody can change or delete an entry by plain SQL', async () => {
  using folder = aFolder();
  await (await open(folder.path)).close();
  const db = await openDb({ path: join(folder.path, 'ledger.db'), synchronous: 'FULL', migrations: ['-'] });
  expect(() => db.run("update entry set kind = 'claimed'")).toThrow('the ledger only grows');
  expect(() => db.run('delete from entry')).toThrow('the ledger only grows');
  db.close();
});

test('a second opener of the same folder is refused by name, until the first lets go', async () => {
  using folder = aFolder();
  const first = await open(folder.path);
  await expect(open(folder.path)).rejects.toMatchObject({
    name: 'RecordsInUse',
    message: expect.stringContaining(folder.path),
  });
  await first.append([press(1)]);
  await first.close();
  await using second = await open(folder.path);
  expect(second.head().seq).toBe(2);
});

test('after closing every question is refused by name, and closing again does nothing', async () => {
  using folder = aFolder();
  const records = await open(folder.path);
  await records.close();
  await records.close();
  await expect(records.append([press(1)])).rejects.toMatchObject({
    name: 'RecordsUnavailable',
    reason: 'closed',
  });
});

test.each([
  ['ledger.db', 'corrupt'],
  ['log.db', 'corrupt'],
  ['box.key', 'corrupt'],
])('a %s that holds something else is refused by name', async (file, reason) => {
  using folder = aFolder();
  await (await open(folder.path)).close();
  writeFileSync(join(folder.path, file), 'no such thing\n'.repeat(1000));
  await expect(open(folder.path)).rejects.toMatchObject({
    name: 'RecordsUnavailable',
    reason,
    message: expect.stringContaining(file),
  });
});

test('a ledger without its key is not gone on with under another', async () => {
  using folder = aFolder();
  using other = aFolder();
  await (await open(folder.path)).close();
  await (await open(other.path)).close();
  const key = join(folder.path, 'box.key');
  rmSync(key);
  await expect(open(folder.path)).rejects.toThrow('wanted the key that the ledger was begun with');
  expect(existsSync(key)).toBe(false);
  writeFileSync(key, readFileSync(join(other.path, 'box.key')));
  chmodSync(key, 0o600);
  await expect(open(folder.path)).rejects.toThrow(/wanted the ledger of gh-.*got that of gh-/);
});

test('a data folder that cannot be made is named', async () => {
  using folder = aFolder();
  writeFileSync(join(folder.path, 'file'), '');
  const wanted = join(folder.path, 'file', 'data');
  await expect(open(wanted)).rejects.toMatchObject({ name: 'RecordsUnavailable' });
  mkdirSync(join(folder.path, 'ledger', 'ledger.db'), { recursive: true });
  await expect(open(join(folder.path, 'ledger'))).rejects.toMatchObject({ name: 'RecordsUnavailable' });
});

test('a newer schema is refused, an older one is copied before it is brought up to date', async () => {
  using folder = aFolder();
  const path = join(folder.path, 'some.db');
  const at = (migrations: string[]) => openDb({ path, synchronous: 'NORMAL', migrations });
  const first = await at(['create table a (x text not null) strict']);
  first.run('insert into a values (?)', 'kept');
  first.close();
  const second = await at(['-', 'alter table a add column y text']);
  expect(second.get('select x, y from a')).toEqual({ x: 'kept', y: null });
  second.close();
  expect(existsSync(`${path}.schema-1`)).toBe(true);
  await expect(at(['-'])).rejects.toThrow('wanted schema 1 or older, got 2');
});
