import type { Clock } from './timetable.ts';

/** At most one waiting timer a key: setting it anew cancels the old one. */
export interface Timers {
  set(key: string, ms: number, run: () => void): void;
  cancel(key: string): void;
  cancelAll(): void;
}

export function createTimers(clock: Clock): Timers {
  const waiting = new Map<string, () => void>();
  const cancel = (key: string) => {
    waiting.get(key)?.();
    waiting.delete(key);
  };
  return {
    set: (key, ms, run) => {
      cancel(key);
      const stop = clock.after(ms, () => {
        waiting.delete(key);
        run();
      });
      waiting.set(key, stop);
    },
    cancel,
    cancelAll: () => {
      for (const key of [...waiting.keys()]) cancel(key);
    },
  };
}

/** Lets at most `most` pieces of work run at once; the others wait their turn. */
export function createGate(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const queue: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => queue.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      // The place goes straight to the next in the queue, if there is one.
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
