import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  LedgerEntry,
  type LedgerHead,
  LedgerKind,
  type NewEntry,
  type SealedEntry,
} from '#contract/ledger.ts';
import { type Db, openDb } from './db.ts';
import { type Identity, loadIdentity } from './identity.ts';
import { boxId, isSigned, NO_ENTRY, personalHash, readPublicKey, sealEntry, sha256 } from './seal.ts';
import { EntryRefused, RecordsUnavailable } from './trouble.ts';

export const LEDGER_FILE = 'ledger.db';

/** The ledger's marks in SQLite's header: "GHLD". */
const APPLICATION_ID = 0x47484c44;
const MAX_TEXT = 4 * 1024 * 1024;
const MAX_PERSONAL = 1000;
const MAX_BATCH = 1000;
const MAX_PAGE = 10_000;

/** Released scripts are never changed; a new one is added below. */
const MIGRATIONS = [
  `pragma application_id = ${APPLICATION_ID};
   create table entry (
     seq integer primary key autoincrement, kind text not null, entry text not null,
     hash text not null, signature text not null
   ) strict;
   create index entry_kind on entry (kind, seq);
   create table personal (
     seq integer not null references entry (seq), field text not null, salt text not null, value text not null,
     primary key (seq, field)
   ) strict, without rowid;
   create trigger entry_stays before update on entry begin select raise(abort, 'the ledger only grows'); end;
   create trigger entry_remains before delete on entry begin select raise(abort, 'the ledger only grows'); end;`,
];

interface EntryRow {
  readonly seq: number;
  readonly entry: string;
  readonly hash: string;
  readonly signature: string;
}

export interface EntryQuery {
  readonly kinds?: readonly LedgerKind[];
  /** At most 10,000. */
  readonly limit: number;
  /** Only entries older than this one. */
  readonly beforeSeq?: number;
}

/** The chain on disk. Times come in as milliseconds since 1970. */
export interface Ledger {
  readonly identity: Identity;
  append(entries: readonly NewEntry[], atMs: number): readonly SealedEntry[];
  entries(query: EntryQuery): readonly SealedEntry[];
  head(): LedgerHead;
  close(): void;
}

/** Opens `ledger.db` of `folder`, begins it with the box's genesis when it is new, and checks its newest entry. */
export async function openLedger(folder: string, version: string, atMs: number): Promise<Ledger> {
  const path = join(folder, LEDGER_FILE);
  const db = await openDb({ path, synchronous: 'FULL', migrations: MIGRATIONS });
  try {
    const health = db.get<{ quick_check: string }>('pragma quick_check(1)')?.quick_check;
    if (health !== 'ok') throw new RecordsUnavailable(`${path}: it is damaged (${health})`, 'corrupt');
    const newest = newestRow(db);
    const identity = loadIdentity(folder, newest !== undefined);
    if (newest) checkOwn(db, path, identity);
    const ledger = overLedger(db, identity);
    if (!newest) {
      const { box, publicKey } = identity;
      ledger.append([{ kind: 'genesis', by: 'box', body: { box, publicKey, version } }], atMs);
    }
    return ledger;
  } catch (error) {
    db.close();
    throw error;
  }
}

function overLedger(db: Db, identity: Identity): Ledger {
  return {
    identity,
    append: (entries, atMs) => append(db, identity, { entries, at: new Date(atMs).toISOString() }),
    entries: (query) => read(db, query),
    head() {
      const row = newestRow(db);
      if (!row) throw new Error('a ledger without a first entry');
      const { seq, hash, signature } = row;
      return { seq, hash, signature, at: parseEntry(row).at };
    },
    close: () => db.close(),
  };
}

const newestRow = (db: Db): EntryRow | undefined =>
  db.get<EntryRow>('select seq, entry, hash, signature from entry order by seq desc limit 1');

const parseEntry = (row: EntryRow): LedgerEntry => LedgerEntry.parse(JSON.parse(row.entry));

/** A torn or foreign ledger is noticed before anything is added to it; `verifyLedger` looks at all of it. */
function checkOwn(db: Db, path: string, identity: Identity): void {
  const first = db.get<EntryRow>('select seq, entry, hash, signature from entry order by seq limit 1');
  const newest = newestRow(db);
  const begun = first && parseEntry(first).body['publicKey'];
  if (begun !== identity.publicKey) {
    const box = typeof begun === 'string' ? boxId(begun) : 'nobody';
    throw new RecordsUnavailable(
      `${path}: wanted the ledger of ${identity.box}, got that of ${box}`,
      'other',
    );
  }
  const key = readPublicKey(begun);
  if (
    !(key && newest && sha256(newest.entry) === newest.hash && isSigned(key, newest.hash, newest.signature))
  ) {
    throw new RecordsUnavailable(
      `${path}: entry ${newest?.seq} is not as it was sealed; run "gatehouse verify"`,
      'corrupt',
    );
  }
}

interface Batch {
  readonly entries: readonly NewEntry[];
  readonly at: string;
}

function append(db: Db, identity: Identity, { entries, at }: Batch): readonly SealedEntry[] {
  if (entries.length > MAX_BATCH) {
    throw new EntryRefused(`wanted at most ${MAX_BATCH} entries at once, got ${entries.length}`);
  }
  return db.transaction(() => {
    const newest = newestRow(db);
    let seq = newest?.seq ?? 0;
    let prev = newest?.hash ?? NO_ENTRY;
    return entries.map((entry) => {
      seq += 1;
      const sealed = appendOne(db, identity, { entry, seq, at, prev });
      prev = sealed.hash;
      return sealed;
    });
  });
}

interface Link {
  readonly entry: NewEntry;
  readonly seq: number;
  readonly at: string;
  readonly prev: string;
}

function appendOne(db: Db, identity: Identity, { entry, seq, at, prev }: Link): SealedEntry {
  const kind = LedgerKind.safeParse(entry.kind);
  if (!kind.success) throw new EntryRefused(`wanted a kind of the ledger, got ${JSON.stringify(entry.kind)}`);
  const known = knownValues(entry);
  const salts = Object.keys(known).map((field) => ({ field, salt: randomBytes(16).toString('hex') }));
  const personal = Object.fromEntries(
    salts.map(({ field, salt }) => [field, personalHash(salt, known[field] ?? '')]),
  );
  const whole = { seq, at, kind: kind.data, by: entry.by, body: entry.body, personal, prev } as LedgerEntry;
  const { text, hash, signature } = sealText(whole, identity);
  db.run('insert into entry values (?, ?, ?, ?, ?)', seq, kind.data, text, hash, signature);
  for (const { field, salt } of salts) {
    db.run('insert into personal values (?, ?, ?, ?)', seq, field, salt, known[field] ?? '');
  }
  return { ...(JSON.parse(text) as LedgerEntry), hash, signature, known };
}

function sealText(entry: LedgerEntry, identity: Identity) {
  try {
    const seal = sealEntry(entry, identity.sign);
    LedgerEntry.parse(JSON.parse(seal.text));
    if (seal.text.length <= MAX_TEXT) return seal;
    throw new RangeError(`wanted at most ${MAX_TEXT} characters, got ${seal.text.length}`);
  } catch (error) {
    throw new EntryRefused(`${entry.kind}: ${(error as Error).message}`, error);
  }
}

/** Lone surrogates are put right before hashing, because the database would put them right after it. */
function knownValues(entry: NewEntry): Record<string, string> {
  const fields = Object.entries(entry.personal ?? {});
  for (const [field, value] of fields) {
    if (typeof value !== 'string' || value.length > MAX_PERSONAL) {
      throw new EntryRefused(
        `${entry.kind}: wanted ${field} as a text of at most ${MAX_PERSONAL} characters, got ${typeof value}`,
      );
    }
  }
  return Object.fromEntries(fields.map(([field, value]) => [field.toWellFormed(), value.toWellFormed()]));
}

function read(db: Db, query: EntryQuery): readonly SealedEntry[] {
  const rows = db.all<EntryRow>(
    `select seq, entry, hash, signature from entry
     where seq < ? and (? is null or kind in (select value from json_each(?))) order by seq desc limit ?`,
    query.beforeSeq ?? Number.MAX_SAFE_INTEGER,
    query.kinds ? 1 : null,
    JSON.stringify(query.kinds ?? []),
    Math.min(Math.max(0, query.limit), MAX_PAGE),
  );
  return rows.map((row) => {
    const { hash, signature } = row;
    return { ...(JSON.parse(row.entry) as LedgerEntry), hash, signature, known: knownOf(db, row.seq) };
  });
}

function knownOf(db: Db, seq: number): Record<string, string> {
  const rows = db.all<{ field: string; value: string }>(
    'select field, value from personal where seq = ?',
    seq,
  );
  return Object.fromEntries(rows.map(({ field, value }) => [field, value]));
}
