import { closeSync, copyFileSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { backup, DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { type Reason, RecordsInUse, RecordsUnavailable } from './trouble.ts';

type Value = SQLInputValue;

/** One open database. No other file knows which SQLite binding is used. Every method throws `RecordsUnavailable`. */
export interface Db {
  get<Row>(sql: string, ...values: Value[]): Row | undefined;
  all<Row>(sql: string, ...values: Value[]): Row[];
  each<Row>(sql: string, ...values: Value[]): Iterable<Row>;
  /** Answers how many rows changed. */
  run(sql: string, ...values: Value[]): number;
  /** All of `work` or nothing, on disk as firmly as `synchronous` says when it answers. */
  transaction<T>(work: () => T): T;
  close(): void;
}

export interface DbOptions {
  readonly path: string;
  readonly synchronous: 'FULL' | 'NORMAL';
  /** SQL scripts; the schema's version is how many of them were run. Never change one that was released. */
  readonly migrations: readonly string[];
  /** How long a lock held by another connection is waited for. */
  readonly busyMs?: number;
}

const BUSY_MS = 5000;
const LIMITS = { attach: 0 };

/** Opens or makes a database in WAL mode and brings its schema up to date, keeping a copy of the older one first. */
export async function openDb(options: DbOptions): Promise<Db> {
  const { path, migrations } = options;
  makeForOwner(path);
  const raw = guard(
    path,
    () => new DatabaseSync(path, { timeout: options.busyMs ?? BUSY_MS, limits: LIMITS, defensive: true }),
  );
  const db = overDatabase(raw, path);
  try {
    const mode = db.get<{ journal_mode: string }>('pragma journal_mode = wal')?.journal_mode;
    if (mode !== 'wal') {
      throw new RecordsUnavailable(`${path}: wanted a write-ahead log, got ${mode}`, 'unreachable');
    }
    db.get(`pragma synchronous = ${options.synchronous}`);
    db.get('pragma journal_size_limit = 4194304');
    await migrate({ raw, db, path, migrations });
    return db;
  } catch (error) {
    raw.close();
    throw error;
  }
}

/** SQLite would let everybody read. A file that is there is not opened here: closing it would drop SQLite's locks. */
function makeForOwner(path: string): void {
  guard(path, () => {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) closeSync(openSync(path, 'wx', 0o600));
  });
}

interface Migration {
  readonly raw: DatabaseSync;
  readonly db: Db;
  readonly path: string;
  readonly migrations: readonly string[];
}

async function migrate({ raw, db, path, migrations }: Migration): Promise<void> {
  const version = db.get<{ user_version: number }>('pragma user_version')?.user_version ?? 0;
  if (version > migrations.length) {
    const known = migrations.length;
    throw new RecordsUnavailable(`${path}: wanted schema ${known} or older, got ${version}`, 'other');
  }
  if (version === migrations.length) return;
  if (version > 0) {
    await backup(raw, `${path}.schema-${version}`).catch((error: unknown) => {
      throw unavailable(path, error);
    });
  }
  db.transaction(() => {
    for (const script of migrations.slice(version)) raw.exec(script);
    raw.exec(`pragma user_version = ${migrations.length}`);
  });
}

/**
 * Opens a database that is not ours to change, also while another process writes to it, or from a folder that
 * cannot be written to.
 */
export function openForReading(path: string): Db {
  const waiting = sizeOf(`${path}-wal`);
  if (waiting === 0) return readAt(path, new URL(`${pathToFileURL(path).href}?immutable=1`));
  try {
    return readAt(path, path);
  } catch (error) {
    if (!(error instanceof RecordsUnavailable) || error.reason !== 'unreachable') throw error;
    return readCopy(path);
  }
}

function readAt(path: string, location: string | URL, onClose?: () => void): Db {
  const raw = guard(
    path,
    () => new DatabaseSync(location, { readOnly: true, timeout: BUSY_MS, limits: LIMITS }),
  );
  const db = overDatabase(raw, path, onClose);
  try {
    db.get('pragma schema_version');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** SQLite wants to write beside a database whose log still holds rows; where it may not, it gets a copy. */
function readCopy(path: string): Db {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-read-'));
  const copy = join(folder, basename(path));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    guard(path, () => {
      copyFileSync(path, copy);
      copyFileSync(`${path}-wal`, `${copy}-wal`);
    });
    return readAt(path, copy, remove);
  } catch (error) {
    remove();
    throw error;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * Takes the data folder for this process. The lock is the kernel's, so that it ends with the process however
 * that ends; the program must not open the file by other means, which would let go of it.
 * @throws RecordsInUse
 */
export function lockFolder(folder: string): { release(): void } {
  const path = join(folder, 'lock.db');
  const raw = guard(path, () => new DatabaseSync(path, { timeout: 0 }));
  try {
    raw.exec('begin exclusive');
  } catch (error) {
    raw.close();
    const trouble = unavailable(path, error);
    throw trouble.reason === 'busy' ? new RecordsInUse(folder, error) : trouble;
  }
  return { release: () => raw.close() };
}

function overDatabase(raw: DatabaseSync, path: string, onClose?: () => void): Db {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = raw.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    get: <Row>(sql: string, ...values: Value[]) =>
      guard(path, () => prepare(sql).get(...values)) as Row | undefined,
    all: <Row>(sql: string, ...values: Value[]) => guard(path, () => prepare(sql).all(...values)) as Row[],
    *each<Row>(sql: string, ...values: Value[]) {
      const rows = guard(path, () => raw.prepare(sql).iterate(...values));
      for (;;) {
        const { done, value } = guard(path, () => rows.next());
        if (done === true) return;
        yield value as Row;
      }
    },
    run: (sql, ...values) => guard(path, () => Number(prepare(sql).run(...values).changes)),
    transaction: (work) => guard(path, () => transact(raw, work)),
    close() {
      if (raw.isOpen) raw.close();
      onClose?.();
    },
  };
}

function transact<T>(raw: DatabaseSync, work: () => T): T {
  raw.exec('begin immediate');
  try {
    const answer = work();
    raw.exec('commit');
    return answer;
  } catch (error) {
    if (raw.isTransaction) raw.exec('rollback');
    throw error;
  }
}

/** Turns the binding's errors into ours; everything else passes. */
function guard<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isSqliteError(error) || isSystemError(error)) throw unavailable(path, error);
    throw error;
  }
}

/** Primary result codes. @see https://www.sqlite.org/rescode.html */
const REASONS: Readonly<Record<number, readonly [Reason, string]>> = {
  5: ['busy', 'another connection holds it'],
  8: ['read-only', 'it cannot be written to'],
  10: ['unreachable', 'the disk refuses to read or write'],
  11: ['corrupt', 'it is damaged'],
  13: ['disk-full', 'the disk is full'],
  14: ['unreachable', 'it cannot be opened'],
  26: ['corrupt', 'it is not a database'],
};

function unavailable(path: string, error: unknown): RecordsUnavailable {
  if (error instanceof RecordsUnavailable) return error;
  const code = isSqliteError(error) ? error.errcode & 0xff : (error as Error).name === 'RangeError' ? 11 : 14;
  const [reason, words] = REASONS[code] ?? ['other', 'it cannot be used'];
  return new RecordsUnavailable(`${path}: ${words} (${(error as Error).message})`, reason, error);
}

function isSqliteError(error: unknown): error is Error & { errcode: number } {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}

/** From the file system, or of a number in a damaged table that no honest row holds. */
function isSystemError(error: unknown): boolean {
  return (
    error instanceof Error && ('syscall' in error || ('code' in error && error.code === 'ERR_OUT_OF_RANGE'))
  );
}
