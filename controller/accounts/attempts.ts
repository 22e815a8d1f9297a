/** Too many wrong answers: nothing is looked at until the time is over. */
export class TooManyAttempts extends Error {
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    const minutes = Math.ceil(retryAfterSeconds / 60);
    super(`too many wrong attempts: wait ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} and try again`);
    this.name = 'TooManyAttempts';
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface AttemptLimit {
  /** Bad attempts, and how long they are remembered and then held against the key. */
  readonly allowed: number;
  readonly windowMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Most keys that are remembered. */
  readonly keys: number;
}

/** Counts bad attempts by key. */
export interface Attempts {
  /**
   * Counts an attempt as bad until it is taken back, so that many at once cannot slip through.
   * @throws TooManyAttempts
   */
  begin(key: string): void;
  /** The attempt that was begun was good. */
  takeBack(key: string): void;
  /** Forgets what stood against the key. */
  clear(key: string): void;
}

interface Bad {
  readonly count: number;
  readonly sinceMs: number;
}

/** After `allowed` bad attempts the key is locked for `windowMs` from the last of them. */
export function countAttempts({ allowed, windowMs, now, keys }: AttemptLimit): Attempts {
  const bad = new Map<string, Bad>();
  const fresh = (key: string): Bad | undefined => {
    const entry = bad.get(key);
    // A clock that steps back must not lock anybody for longer than the window.
    return entry && Math.abs(now() - entry.sinceMs) < windowMs ? entry : undefined;
  };
  return {
    begin(key) {
      const entry = fresh(key);
      if (entry && entry.count >= allowed) {
        const leftMs = Math.min(windowMs, entry.sinceMs + windowMs - now());
        throw new TooManyAttempts(Math.max(1, Math.ceil(leftMs / 1000)));
      }
      bad.delete(key);
      bad.set(key, { count: (entry?.count ?? 0) + 1, sinceMs: now() });
      const oldest = bad.keys().next().value;
      if (bad.size > keys && oldest !== undefined) bad.delete(oldest);
    },
    takeBack(key) {
      const entry = fresh(key);
      if (entry && entry.count > 1) bad.set(key, { ...entry, count: entry.count - 1 });
      else bad.delete(key);
    },
    clear: (key) => {
      bad.delete(key);
    },
  };
}
