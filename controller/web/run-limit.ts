/** How many check runs may be opened within `perMs`: by one client, and by all together. */
export interface RunLimit {
  readonly perClient: number;
  readonly together: number;
  readonly perMs: number;
}

/**
 * Keeps one client, or a client with many addresses, from opening runs without end. Memory is bounded:
 * never more than `together` times are kept.
 * @returns a function that answers the seconds to wait, or 0 when the run may be opened (and counts it)
 */
export function limitRuns(limit: RunLimit, nowMs: () => number): (client: string) => number {
  let opened: { readonly client: string; readonly at: number }[] = [];
  const secondsUntil = (first: { at: number } | undefined, now: number) =>
    first === undefined ? 0 : Math.max(1, Math.ceil((first.at + limit.perMs - now) / 1000));

  return (client) => {
    const now = nowMs();
    // A clock that was set back must not lock anybody out: times in the future are forgotten too.
    opened = opened.filter((run) => run.at <= now && run.at > now - limit.perMs);
    const mine = opened.filter((run) => run.client === client);
    if (mine.length >= limit.perClient) return secondsUntil(mine[0], now);
    if (opened.length >= limit.together) return secondsUntil(opened[0], now);
    opened.push({ client, at: now });
    return 0;
  };
}
