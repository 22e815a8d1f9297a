/** Work that comes round by itself. A round that fails is logged, and the next one comes all the same. */
export interface Round {
  readonly name: string;
  readonly everyMs: number;
  /** Also at once, when the timers start. */
  readonly atOnce?: boolean;
  readonly run: () => Promise<void> | void;
}

/** Starts `rounds`; a round never overlaps itself. The answer ends them all. */
export function startTimers(
  rounds: readonly Round[],
  onFailure: (name: string, error: unknown) => void,
): () => void {
  const timers = rounds.map((round) => {
    let busy = false;
    const once = async () => {
      if (busy) return;
      busy = true;
      try {
        await round.run();
      } catch (error) {
        onFailure(round.name, error);
      } finally {
        busy = false;
      }
    };
    if (round.atOnce) void once();
    return setInterval(() => void once(), round.everyMs);
  });
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}
