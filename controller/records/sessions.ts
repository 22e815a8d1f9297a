import type { StoredSession } from '#contract/sessions.ts';
import type { Db } from './db.ts';

interface SessionRow {
  readonly token_hash: string;
  readonly person: string;
  readonly opened_at: number;
  readonly seen_at: number;
}

/** All sessions that nobody has deleted; who asks decides which are still good. */
export function readSessions(db: Db): readonly StoredSession[] {
  return db.all<SessionRow>('select * from session').map((row) => ({
    tokenHash: row.token_hash,
    person: row.person,
    openedAt: row.opened_at,
    seenAt: row.seen_at,
  }));
}

/** Adds a session, or notes when it was seen last. */
export function writeSession(db: Db, session: StoredSession): void {
  db.run(
    'insert into session values (?, ?, ?, ?) on conflict (token_hash) do update set seen_at = excluded.seen_at',
    session.tokenHash,
    session.person,
    session.openedAt,
    session.seenAt,
  );
}

export function removeSession(db: Db, tokenHash: string): void {
  db.run('delete from session where token_hash = ?', tokenHash);
}
