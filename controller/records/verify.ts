import type { KeyObject } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '#contract/canonical.ts';
import { LedgerEntry, type LedgerHead } from '#contract/ledger.ts';
import { type Db, openForReading } from './db.ts';
import { LEDGER_FILE } from './ledger.ts';
import { boxId, isSigned, NO_ENTRY, personalHash, readPublicKey, sha256 } from './seal.ts';
import { NotALedger, RecordsUnavailable } from './trouble.ts';

/** `seq` is the first entry at which the ledger is not what was sealed; 0 when no entry can be named. */
export type Verification =
  | { readonly ok: true; readonly entries: number; readonly box: string; readonly head: LedgerHead }
  | { readonly ok: false; readonly seq: number; readonly what: string };

interface Row {
  readonly seq: number;
  readonly kind: unknown;
  readonly entry: Uint8Array;
  readonly hash: unknown;
  readonly signature: unknown;
}

interface PersonalRow {
  readonly seq: number;
  readonly field: string;
  readonly salt: string;
  readonly value: Uint8Array;
}

interface Fault {
  readonly seq: number;
  readonly what: string;
}

/** What the entry before says about the next one. */
interface Chain {
  readonly seq: number;
  readonly prev: string;
  readonly key: KeyObject | undefined;
  readonly box: string;
  readonly at: string;
  readonly signature: string;
}

const START: Chain = { seq: 0, prev: NO_ENTRY, key: undefined, box: '', at: '', signature: '' };

/**
 * Checks every entry of the ledger at `path` (a `ledger.db` or a data folder), in a read-only way that works beside
 * a running Gatehouse and on a copy without the box's key.
 * A chain cannot show by itself that its newest entries were cut off by somebody thorough: compare `head` with one
 * that left the box, or hand that in as `expected`.
 * @throws NotALedger when there is nothing to verify.
 */
export function verifyLedger(path: string, expected?: Pick<LedgerHead, 'seq' | 'hash'>): Verification {
  const file = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? join(path, LEDGER_FILE) : path;
  const db = openLedgerFile(file);
  try {
    return verifyAll(db, expected);
  } finally {
    db.close();
  }
}

function openLedgerFile(file: string): Db {
  let db: Db | undefined;
  try {
    db = openForReading(file);
    db.get('select seq, kind, entry, hash, signature from entry limit 0');
    db.get('select seq, field, salt, value from personal limit 0');
    return db;
  } catch (error) {
    db?.close();
    if (!(error instanceof RecordsUnavailable)) throw error;
    throw new NotALedger(`wanted a ledger, got a file that holds none: ${error.message}`, error);
  }
}

function verifyAll(db: Db, expected: Pick<LedgerHead, 'seq' | 'hash'> | undefined): Verification {
  let chain = START;
  try {
    for (const row of db.each<Row>(
      'select seq, kind, cast(entry as blob) as entry, hash, signature from entry not indexed order by seq',
    )) {
      const next = follow(chain, row, expected);
      if ('what' in next) return { ok: false, ...next };
      const what = personalFault(db, row);
      if (what !== undefined) return { ok: false, seq: row.seq, what };
      chain = next;
    }
    const fault = endFault(db, chain, expected);
    if (fault) return { ok: false, ...fault };
  } catch (error) {
    if (!(error instanceof RecordsUnavailable)) throw error;
    return { ok: false, seq: chain.seq + 1, what: `the database is damaged here: ${error.message}` };
  }
  const { seq, prev: hash, signature, at, box } = chain;
  return { ok: true, entries: seq, box, head: { seq, hash, signature, at } };
}

function follow(
  chain: Chain,
  row: Row,
  expected: Pick<LedgerHead, 'seq' | 'hash'> | undefined,
): Chain | Fault {
  const seq = chain.seq + 1;
  const fault = (what: string): Fault => ({ seq, what });
  if (row.seq !== seq) return fault(`entry ${seq} is missing: the next one found is ${row.seq}`);
  const text = Buffer.from(row.entry).toString('utf8');
  const entry = readEntry(text);
  const key = chain.key ?? readPublicKey(entry?.body['publicKey']);
  const sealFault = brokenSeal(row, key);
  if (sealFault !== undefined) return fault(sealFault);
  if (!entry) return fault('its text is not the canonical JSON of an entry');
  const placeFault = misplaced(entry, row, chain);
  if (placeFault !== undefined) return fault(placeFault);
  const hash = String(row.hash);
  if (expected?.seq === seq && expected.hash !== hash) {
    return fault(`its hash is ${hash}, but the head that left the box said ${expected.hash}`);
  }
  const { at } = entry;
  return {
    seq,
    prev: hash,
    key,
    at,
    box: chain.box || String(entry.body['box']),
    signature: String(row.signature),
  };
}

/** Says which of text, hash and signature was changed, as far as the other two still tell. */
function brokenSeal(row: Row, key: KeyObject | undefined): string | undefined {
  if (!key) return 'it is the first entry and holds no readable public key: its text was changed';
  if (typeof row.hash !== 'string' || typeof row.signature !== 'string')
    return 'hash or signature is no text';
  const computed = sha256(row.entry);
  const signedHash = /^[0-9a-f]{64}$/.test(row.hash) && isSigned(key, row.hash, row.signature);
  if (computed === row.hash) return signedHash ? undefined : 'its signature is not by the key of this box';
  if (signedHash) return 'its text does not have the hash that was signed: the text was changed';
  if (isSigned(key, computed, row.signature))
    return 'its hash was changed: text and signature agree on another';
  return 'neither hash nor signature belongs to its text';
}

function readEntry(text: string): LedgerEntry | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const parsed = LedgerEntry.safeParse(value);
    return parsed.success && canonicalJson(value) === text ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function misplaced(entry: LedgerEntry, row: Row, chain: Chain): string | undefined {
  if (entry.seq !== row.seq) return `it was sealed as entry ${entry.seq} and stands in another's place`;
  if (entry.kind !== row.kind) {
    return `its kind column says ${JSON.stringify(row.kind)}, its sealed text ${entry.kind}`;
  }
  if (entry.prev !== chain.prev) return 'it does not follow the entry before it: prev is another hash';
  if (chain.seq > 0) return undefined;
  if (entry.kind !== 'genesis') return `the first entry is ${entry.kind}, not genesis`;
  const box = boxId(String(entry.body['publicKey']));
  return entry.body['box'] === box
    ? undefined
    : `it names the box otherwise than its public key does (${box})`;
}

/** Erased values leave nothing to check; values still kept must be those that were hashed. */
function personalFault(db: Db, row: Row): string | undefined {
  const rows = db.all<PersonalRow>(
    'select seq, field, salt, cast(value as blob) as value from personal where seq = ?',
    row.seq,
  );
  const sealed = (JSON.parse(Buffer.from(row.entry).toString('utf8')) as LedgerEntry).personal;
  const wrong = rows.find(
    ({ field, salt, value }) =>
      !/^[0-9a-f]{32}$/.test(salt) ||
      !Object.hasOwn(sealed, field) ||
      sealed[field] !== personalHash(salt, value),
  );
  return wrong && `its personal value ${JSON.stringify(wrong.field)} is not the one that was hashed`;
}

function endFault(
  db: Db,
  chain: Chain,
  expected: Pick<LedgerHead, 'seq' | 'hash'> | undefined,
): Fault | undefined {
  const gone = (last: number): Fault => {
    const seq = chain.seq + 1;
    return { seq, what: `entry ${seq} is missing: the ledger once reached ${last}` };
  };
  if (chain.seq === 0) return { seq: 1, what: 'entry 1 is missing: the ledger is empty' };
  const reached = db.get<{ seq: number }>("select seq from sqlite_sequence where name = 'entry'")?.seq ?? 0;
  const last = Math.max(reached, expected?.seq ?? 0);
  if (last > chain.seq) return gone(last);
  const stray = db.get<{ seq: number }>(
    'select seq from personal where seq > ? or seq < 1 limit 1',
    chain.seq,
  );
  if (stray) return { seq: stray.seq, what: 'a personal value belongs to no entry' };
  const checks = db.all<{ integrity_check: string }>('pragma integrity_check(3)');
  const health = checks.map((check) => check.integrity_check).join('; ');
  return health === 'ok' ? undefined : { seq: 0, what: `the database is damaged: ${health}` };
}
