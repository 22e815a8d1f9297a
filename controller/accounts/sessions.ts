import { createHash } from 'node:crypto';
import type { SessionStore, StoredSession } from '#contract/sessions.ts';
import type { Random } from './password.ts';

const HOUR_MS = 3_600_000;
/** A sign-in lasts this long at most, and ends when nothing was asked with it for as long as `IDLE_MS`. */
const SESSION_MS = 12 * HOUR_MS;
const IDLE_MS = HOUR_MS;

const SAVE_EVERY_MS = 60_000;
const MAX_PER_PERSON = 20;
const TOKEN_OCTETS = 32;

export interface SessionOptions {
  readonly store: SessionStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly random: Random;
  /** A session could not be saved: it is good until the next restart only. */
  readonly onTrouble: (error: Error) => void;
}

/** Who is signed in, by token. Tokens leave this room only in the answer that made them. */
export interface Sessions {
  open(person: string): { readonly token: string; readonly expiresAtMs: number };
  /** The session's person, seen now; undefined when there is none or it is over. */
  seen(token: string): { readonly person: string; readonly expiresAtMs: number } | undefined;
  close(token: string): void;
}

/** Loads what outlived a restart and forgets what is over. */
export async function openSessions(options: SessionOptions): Promise<Sessions> {
  const { store, now, random, onTrouble } = options;
  const live = new Map<string, StoredSession>();
  const saved = new Map<string, number>();
  const save = (session: StoredSession) => {
    saved.set(session.tokenHash, session.seenAt);
    store.saveSession(session).catch(onTrouble);
  };
  const drop = (tokenHash: string) => {
    live.delete(tokenHash);
    saved.delete(tokenHash);
    store.deleteSession(tokenHash).catch(onTrouble);
  };
  for (const session of await store.sessions()) {
    if (isLive(session, now())) live.set(session.tokenHash, session);
    else drop(session.tokenHash);
  }
  return {
    open(person) {
      dropOldest(live, person, now(), drop);
      const token = Buffer.from(random(TOKEN_OCTETS)).toString('base64url');
      const session = { tokenHash: hashToken(token), person, openedAt: now(), seenAt: now() };
      live.set(session.tokenHash, session);
      save(session);
      return { token, expiresAtMs: session.openedAt + SESSION_MS };
    },
    seen(token) {
      const session = live.get(hashToken(token));
      if (!session) return undefined;
      if (!isLive(session, now())) {
        drop(session.tokenHash);
        return undefined;
      }
      const touched = { ...session, seenAt: now() };
      live.set(session.tokenHash, touched);
      // The SD card is not written to for every request.
      if (Math.abs(now() - (saved.get(session.tokenHash) ?? session.seenAt)) >= SAVE_EVERY_MS) save(touched);
      return { person: session.person, expiresAtMs: session.openedAt + SESSION_MS };
    },
    close(token) {
      const tokenHash = hashToken(token);
      if (live.has(tokenHash)) drop(tokenHash);
    },
  };
}

/** A clock that steps back by more than a session lasts ends it, so that none lasts for ever. */
function isLive({ openedAt, seenAt }: StoredSession, nowMs: number): boolean {
  return Math.abs(nowMs - openedAt) < SESSION_MS && Math.abs(nowMs - seenAt) < IDLE_MS;
}

function dropOldest(
  live: ReadonlyMap<string, StoredSession>,
  person: string,
  nowMs: number,
  drop: (tokenHash: string) => void,
): void {
  const own = [...live.values()].filter((session) => session.person === person);
  const over = own.filter((session) => !isLive(session, nowMs));
  const kept = own.filter((session) => isLive(session, nowMs)).toSorted((a, b) => a.openedAt - b.openedAt);
  for (const session of [...over, ...kept.slice(0, Math.max(0, kept.length - MAX_PER_PERSON + 1))]) {
    drop(session.tokenHash);
  }
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
