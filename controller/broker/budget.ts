/** Most connections at a time. Each listener has its own, so that strangers on one cannot lock out the others. */
const CONNECTION_LIMITS = {
  panel: { all: 8, perAddress: 8 },
  local: { all: 64, perAddress: 20 },
  web: { all: 200, perAddress: 20 },
} as const;
export type Listener = keyof typeof CONNECTION_LIMITS;

export interface Budget {
  /** Takes a place for a connection from `address`; undefined when there is none, else a function that gives it back. */
  take(listener: Listener, address: string): (() => void) | undefined;
  counts(): Readonly<Record<Listener, number>>;
}

export function connectionBudget(): Budget {
  const taken = {
    panel: new Map<string, number>(),
    local: new Map<string, number>(),
    web: new Map<string, number>(),
  };
  const total = (listener: Listener) => [...taken[listener].values()].reduce((sum, count) => sum + count, 0);
  return {
    take(listener, address) {
      const limits = CONNECTION_LIMITS[listener];
      const places = taken[listener];
      const before = places.get(address) ?? 0;
      if (before >= limits.perAddress || total(listener) >= limits.all) return undefined;
      places.set(address, before + 1);
      let given = false;
      return () => {
        if (given) return;
        given = true;
        const left = (places.get(address) ?? 1) - 1;
        if (left > 0) places.set(address, left);
        else places.delete(address);
      };
    },
    counts: () => ({ panel: total('panel'), local: total('local'), web: total('web') }),
  };
}
