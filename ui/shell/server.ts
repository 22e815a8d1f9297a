import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Api } from '#ui/api.ts';

/** A value that pages can watch. */
export interface Watched<T> {
  readonly now: () => T;
  readonly set: (value: T) => void;
  readonly subscribe: (listener: () => void) => () => void;
}

export function watched<T>(first: T): Watched<T> {
  let value = first;
  const listeners = new Set<() => void>();
  return {
    now: () => value,
    set: (next) => {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useWatched<T>(source: Watched<T>): T {
  return useSyncExternalStore(source.subscribe, source.now);
}

interface Server {
  readonly api: Api;
  /** Whether the last call got any answer. */
  readonly answers: Watched<boolean>;
  /** Whether a call was refused because the session ended while the page was open. */
  readonly lapsed: Watched<boolean>;
}

const ServerContext = createContext<Server | undefined>(undefined);
export const ServerProvider = ServerContext.Provider;

export function useServer(): Server {
  const server = useContext(ServerContext);
  if (!server) throw new Error('useServer was called outside ServerProvider');
  return server;
}

export function useApi(): Api {
  return useServer().api;
}
