import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LedgerHead } from '#contract/ledger.ts';
import { type Db, openDb } from '#records/db.ts';
import { verifyLedger } from '#records/verify.ts';
import { aFolder, open } from './opened.ts';

const folder = aFolder();
const original = join(folder.path, 'data', 'ledger.db');
const ENTRIES = 8;
let head: LedgerHead;
let copies = 0;

beforeAll(async () => {
  const records = await open(join(folder.path, 'data'));
  for (let n = 2; n <= ENTRIES; n += 1) {
    const personal = { name: `Person ${n}`, email: `person${n}@example.org` };
    await records.append([{ kind: 'check.signed', by: 'p-1', body: { n, week: '2026-W10' }, personal }]);
  }
  head = records.head();
  await records.close();
});
afterAll(() => folder.remove());

/** Does as somebody would who can write the file but has no key: the triggers go, then `change` is made. */
async function tampered(change: (db: Db) => void): Promise<string> {
  copies += 1;
  const path = join(folder.path, `copy-${copies}.db`);
  copyFileSync(original, path);
  const db = await openDb({ path, synchronous: 'NORMAL', migrations: ['-'] });
  db.get('pragma foreign_keys = off');
  db.run('drop trigger entry_stays');
  db.run('drop trigger entry_remains');
  change(db);
  db.close();
  return path;
}

type Column = 'entry' | 'hash' | 'signature' | 'kind' | 'salt' | 'value' | 'field';

/** Changes the octet at `index` (counted round) of one stored text by `mask`. */
function flip(db: Db, at: { seq: number; column: Column; index: number; mask: number }): void {
  const { seq, column, index, mask } = at;
  const personal = ['salt', 'value', 'field'].includes(column);
  const where = personal ? "personal where seq = ? and field = 'name'" : 'entry where seq = ?';
  const row = db.get<{ octets: Uint8Array }>(`select cast(${column} as blob) as octets from ${where}`, seq);
  const octets = row?.octets;
  if (!octets) throw new Error(`no ${column} in entry ${seq}`);
  const place = index % octets.length;
  octets[place] = (octets[place] ?? 0) ^ mask;
  db.run(`update ${where.replace(' where', ` set ${column} = cast(? as text) where`)}`, octets, seq);
}

test('an untouched ledger is accepted, as a file, as a folder and without its key', () => {
  const accepted = { ok: true, entries: ENTRIES, head };
  expect(verifyLedger(original)).toMatchObject(accepted);
  expect(verifyLedger(join(folder.path, 'data'))).toMatchObject(accepted);
  const alone = join(folder.path, 'alone.db');
  copyFileSync(original, alone);
  expect(verifyLedger(alone, head)).toMatchObject(accepted);
});

test('verifying leaves nothing beside the file', () => {
  mkdirSync(join(folder.path, 'clean'));
  copyFileSync(original, join(folder.path, 'clean', 'ledger.db'));
  verifyLedger(join(folder.path, 'clean'));
  expect(readdirSync(join(folder.path, 'clean'))).toEqual(['ledger.db']);
});

test('a ledger in use is verified with the rows that are still in its write-ahead log', async () => {
  using used = aFolder();
  await using records = await open(used.path);
  await records.append([{ kind: 'button.pressed', by: 'box', body: {} }]);
  expect(existsSync(join(used.path, 'ledger.db-wal'))).toBe(true);
  expect(verifyLedger(used.path)).toMatchObject({ ok: true, entries: 2, head: records.head() });
  using copy = aFolder();
  const halves = ['ledger.db', 'ledger.db-wal'];
  // Read by another process: closing the file here would let go of SQLite's own locks on it.
  for (const file of halves) {
    writeFileSync(join(copy.path, file), execFileSync('cat', [join(used.path, file)]));
  }
  expect(verifyLedger(copy.path)).toMatchObject({ ok: true, entries: 2 });
});

const seal = 'select entry, hash, signature from entry where seq';
test.each<[string, (db: Db) => void, number, RegExp]>([
  [
    'a changed text',
    (db) => flip(db, { seq: 4, column: 'entry', index: 30, mask: 1 }),
    4,
    /text was changed/,
  ],
  ['a changed first text', (db) => flip(db, { seq: 1, column: 'entry', index: 5, mask: 1 }), 1, /changed/],
  ['a changed hash', (db) => flip(db, { seq: 4, column: 'hash', index: 7, mask: 1 }), 4, /hash was changed/],
  ['a hash in capitals', (db) => db.run('update entry set hash = upper(hash) where seq = 6'), 6, /hash/],
  [
    'a changed signature',
    (db) => flip(db, { seq: 5, column: 'signature', index: 9, mask: 1 }),
    5,
    /signature/,
  ],
  [
    'a signature that decodes alike',
    (db) => db.run("update entry set signature = rtrim(signature, '=') where seq = 5"),
    5,
    /signature/,
  ],
  [
    'another kind',
    (db) => db.run("update entry set kind = 'claimed' where seq = 3"),
    3,
    /kind column says "claimed"/,
  ],
  ['a deleted entry', (db) => db.run('delete from entry where seq = 4'), 4, /entry 4 is missing/],
  ['a deleted first entry', (db) => db.run('delete from entry where seq = 1'), 1, /entry 1 is missing/],
  ['a deleted last entry', (db) => db.run('delete from entry where seq = 8'), 8, /entry 8 is missing/],
  ['no entry at all', (db) => db.run('delete from entry'), 1, /entry 1 is missing/],
  [
    'a copied entry at the end',
    (db) => db.run(`insert into entry select 9, kind, entry, hash, signature from entry where seq = 8`),
    9,
    /sealed as entry 8/,
  ],
  [
    'an entry far away',
    (db) => db.run('update entry set seq = 1152921504606846976 where seq = 8'),
    8,
    /damaged/,
  ],
  [
    'two entries that changed places',
    (db) => {
      db.run('update entry set seq = 100 where seq = 4');
      db.run('update entry set seq = 4 where seq = 5');
      db.run('update entry set seq = 5 where seq = 100');
    },
    4,
    /sealed as entry 5/,
  ],
  [
    'an entry replaced by another one of the same box',
    (db) => {
      const row = db.get<Record<string, string>>(`${seal} = 6`);
      const { entry, hash, signature } = row as Record<string, string>;
      db.run(
        'update entry set entry = ?, hash = ?, signature = ? where seq = 3',
        entry ?? '',
        hash ?? '',
        signature ?? '',
      );
    },
    3,
    /sealed as entry 6/,
  ],
  ['a changed personal value', (db) => flip(db, { seq: 6, column: 'value', index: 0, mask: 1 }), 6, /"name"/],
  ['a changed salt', (db) => flip(db, { seq: 6, column: 'salt', index: 0, mask: 1 }), 6, /personal value/],
  [
    'a personal value under another name',
    (db) => flip(db, { seq: 6, column: 'field', index: 0, mask: 1 }),
    6,
    /"oame"/,
  ],
  [
    'a personal value of no entry',
    (db) => db.run("insert into personal values (77, 'name', ?, 'Eve Example')", '0'.repeat(32)),
    77,
    /belongs to no entry/,
  ],
])('%s is found at its place', async (_, change, seq, what) => {
  const verification = verifyLedger(await tampered(change));
  expect(verification).toMatchObject({ ok: false, seq, what: expect.stringMatching(what) });
});

test('a thoroughly shortened ledger is found out by a head that left the box', async () => {
  const path = await tampered((db) => {
    db.run('delete from personal where seq > 6');
    db.run('delete from entry where seq > 6');
    db.run("update sqlite_sequence set seq = 6 where name = 'entry'");
  });
  expect(verifyLedger(path).ok).toBe(true);
  expect(verifyLedger(path, head)).toMatchObject({ ok: false, seq: 7 });
  expect(verifyLedger(original, { seq: 3, hash: head.hash })).toMatchObject({ ok: false, seq: 3 });
});

test('whichever stored octet is changed, the place is named', async () => {
  const change = fc.record({
    seq: fc.integer({ min: 1, max: ENTRIES }),
    column: fc.constantFrom<Column>('entry', 'hash', 'signature', 'kind'),
    index: fc.nat(2000),
    mask: fc.integer({ min: 1, max: 255 }),
  });
  await fc.assert(
    fc.asyncProperty(change, async (at) => {
      const path = await tampered((db) => flip(db, at));
      expect(verifyLedger(path)).toMatchObject({ ok: false, seq: at.seq });
    }),
    { numRuns: 150 },
  );
}, 60_000);

test('whatever stretch of the file is damaged, a ledger is never accepted with other entries', () => {
  using copy = aFolder();
  const path = join(copy.path, 'ledger.db');
  const octets = readFileSync(original);
  const untouched = entriesOf(original);
  fc.assert(
    fc.property(fc.nat(octets.length - 1), fc.uint8Array({ minLength: 1, maxLength: 40 }), (at, noise) => {
      const damaged = Buffer.from(octets);
      damaged.set(noise.slice(0, damaged.length - at), at);
      writeFileSync(path, damaged);
      const accepted = accepts(path);
      if (accepted) expect(entriesOf(path)).toEqual(untouched);
    }),
    { numRuns: 150 },
  );
});

function accepts(path: string): boolean {
  try {
    return verifyLedger(path).ok;
  } catch (error) {
    expect(error).toMatchObject({ name: 'NotALedger' });
    return false;
  }
}

function entriesOf(path: string): unknown {
  const verification = verifyLedger(path);
  return verification.ok && { entries: verification.entries, head: verification.head };
}

test.each<[string, string | Uint8Array | undefined]>([
  ['a missing file', undefined],
  ['an empty file', ''],
  ['a text', 'Dear reader,\n'.repeat(500)],
])('%s is said to be no ledger', (name, content) => {
  const path = join(folder.path, name);
  if (content !== undefined) writeFileSync(path, content);
  expect(() => verifyLedger(path)).toThrow(
    expect.objectContaining({ name: 'NotALedger', message: expect.stringContaining(path) }),
  );
});

test('another database is said to be no ledger', async () => {
  const path = join(folder.path, 'other.db');
  const db = await openDb({ path, synchronous: 'NORMAL', migrations: ['create table t (x text) strict'] });
  db.close();
  expect(() => verifyLedger(path)).toThrow(expect.objectContaining({ name: 'NotALedger' }));
});
