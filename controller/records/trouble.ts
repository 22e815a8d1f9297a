export type Reason = 'disk-full' | 'read-only' | 'corrupt' | 'busy' | 'unreachable' | 'closed' | 'other';

/** The records cannot be read or written just now; `message` names the file. Nothing half-written is left behind. */
export class RecordsUnavailable extends Error {
  readonly reason: Reason;
  constructor(message: string, reason: Reason, cause?: unknown) {
    super(message, { cause });
    this.name = 'RecordsUnavailable';
    this.reason = reason;
  }
}

/** Another process works on the same data folder. */
export class RecordsInUse extends Error {
  constructor(folder: string, cause?: unknown) {
    super(`${folder}: wanted the data folder for itself, but another Gatehouse is running on it`, { cause });
    this.name = 'RecordsInUse';
  }
}

/** An entry that the ledger cannot take as it is; nothing of its batch was written. */
export class EntryRefused extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'EntryRefused';
  }
}

/** A file that was to be verified and holds no ledger. */
export class NotALedger extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'NotALedger';
  }
}

/** How the writing of block events fares, told when it changes. Counts are of blocked questions. */
export interface EventTrouble {
  readonly state: 'failing' | 'recovered';
  readonly reason: string;
  /** Questions given up since the start, because there was no room to keep them. */
  readonly lost: number;
}

/** An error in the form that crosses from the thread. */
export interface PostedError {
  readonly name: string;
  readonly message: string;
  readonly reason?: Reason;
  readonly stack?: string | undefined;
}

export function postError(error: unknown): PostedError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack } = error;
  return error instanceof RecordsUnavailable
    ? { name, message, stack, reason: error.reason }
    : { name, message, stack };
}

/** The same error on the asking side; `cause` carries the thread's own stack. */
export function receiveError(posted: PostedError): Error {
  const cause = posted.stack;
  if (posted.name === 'RecordsUnavailable') {
    return new RecordsUnavailable(posted.message, posted.reason ?? 'other', cause);
  }
  if (posted.name === 'EntryRefused') return new EntryRefused(posted.message, cause);
  if (posted.name === 'RecordsInUse') {
    return Object.assign(new RecordsInUse('', cause), { message: posted.message });
  }
  return new Error(`${posted.name}: ${posted.message}`, { cause });
}
