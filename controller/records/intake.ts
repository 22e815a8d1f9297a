import type { BlockEvent, EventBatch } from '#contract/events.ts';
import { type EventTrouble, RecordsUnavailable } from './trouble.ts';

export interface IntakeOptions {
  /** Writes a batch whole, or throws and has written nothing. */
  readonly write: (events: readonly BlockEvent[]) => void;
  readonly onTrouble: (trouble: EventTrouble) => void;
  /** Runs `work` after `ms`. */
  readonly later: (work: () => void, ms: number) => void;
  readonly flushMs: number;
  /** Most events that wait for the disk. */
  readonly room: number;
}

/** Counts since the start, in blocked questions. */
export interface IntakeTotals {
  readonly written: number;
  readonly lost: number;
}

/** Where block events wait for the next write, a second or so apart: SD cards wear out by small writes. */
export interface Intake {
  add(batch: EventBatch): void;
  /** Writes what waits. Answers whether nothing waits any more. */
  flush(): boolean;
  totals(): IntakeTotals;
}

/** A disk that fails costs no more than `room` events of memory: the newest are given up and counted. */
export function openIntake(options: IntakeOptions): Intake {
  let waiting: BlockEvent[] = [];
  let due = false;
  let failing = false;
  let written = 0;
  let lost = 0;

  const tell = (state: EventTrouble['state'], reason: string) => options.onTrouble({ state, reason, lost });
  const flush = (): boolean => {
    if (waiting.length === 0) return true;
    try {
      options.write(waiting);
    } catch (error) {
      const passing = isPassing(error);
      if (!passing) {
        lost += total(waiting);
        waiting = [];
      }
      if (!failing) tell('failing', (error as Error).message);
      failing = true;
      return !passing;
    }
    written += total(waiting);
    waiting = [];
    if (failing) tell('recovered', 'block events are written again');
    failing = false;
    return true;
  };
  const schedule = () => {
    if (due) return;
    due = true;
    options.later(
      () => {
        due = false;
        if (!flush()) schedule();
      },
      failing ? options.flushMs * 5 : options.flushMs,
    );
  };

  return {
    add(batch) {
      if (!Array.isArray(batch?.events) || !Number.isFinite(batch.lost)) {
        lost += 1;
        return;
      }
      const room = Math.max(0, options.room - waiting.length);
      waiting.push(...batch.events.slice(0, room));
      lost += batch.lost + total(batch.events.slice(room));
      if (waiting.length > 0) schedule();
    },
    flush,
    totals: () => ({ written, lost }),
  };
}

/** Whether trying again later may help; events that the log cannot hold at all would stop every later one. */
function isPassing(error: unknown): boolean {
  return error instanceof RecordsUnavailable && error.reason !== 'other';
}

function total(events: readonly BlockEvent[]): number {
  return events.reduce((sum, event) => sum + (event?.count > 0 ? event.count : 1), 0);
}
