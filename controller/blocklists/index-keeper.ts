import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { emptyTable } from '#filter/table.ts';
import type { Compiler } from './compiler-thread.ts';
import { type Index, readIndex } from './index-file.ts';
import type { KeptList } from './kept-list.ts';
import type { Clock } from './timetable.ts';

/** Where plain sentences for the box's own log go. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
}

/** Keeps the index in force the index of the lists in force. */
export interface IndexKeeper {
  current(): Index;
  /**
   * Compiles anew when the lists are not those of the index; calls while it compiles become one more run.
   * Never rejects: whatever fails, the index before stays in force and the log says why.
   */
  follow(): Promise<void>;
}

interface KeeperDoors {
  readonly folder: string;
  readonly compiler: Compiler;
  readonly clock: Clock;
  readonly log: Log;
  readonly closing: AbortSignal;
  lists(): readonly KeptList[];
  /** Reads lists again whose names turned out to be torn. */
  repair(): Promise<void>;
  onIndex(buffer: SharedArrayBuffer): void;
}

/** Loads the index of the last run before anything else, so that a restart filters at once. */
export function openIndexKeeper(doors: KeeperDoors): IndexKeeper {
  const path = join(doors.folder, 'index.table');
  let index = loadIndex(path, doors.log);
  let running: Promise<void> | undefined;
  let again = false;

  const compile = async () => {
    const lost = doors.lists().filter((list) => list.lost);
    if (lost.length > 0) {
      const names = lost.map(({ setting }) => setting.name).join(', ');
      doors.log.warn(`The index of before stays in force: these lists are unreadable on disk: ${names}`);
      return;
    }
    const lists = doors.lists().filter(({ state }) => state.content !== null);
    const fingerprint = fingerprintLists(lists);
    if (fingerprint === index.fingerprint) return;
    const merged = await doors.compiler.merge({
      kind: 'merge',
      lists: lists.map(({ setting, files }) => ({ category: setting.category, names: files.names })),
      fingerprint,
      path,
      builtAt: Math.max(0, Math.floor(doors.clock.nowMs() / 1000)),
    });
    if (merged.notKept !== undefined)
      doors.log.warn(`The index is in force but not on disk: ${merged.notKept}`);
    index = { buffer: merged.buffer, fingerprint };
    doors.onIndex(merged.buffer);
  };
  const compileOrRepair = async () => {
    try {
      await compile();
    } catch (cause) {
      if (!(cause instanceof Error && cause.name === 'NamesUnreadable')) throw cause;
      doors.log.warn(`A list’s names are torn and are read again: ${cause.message}`);
      await doors.repair();
      await compile();
    }
  };
  const run = async () => {
    do {
      again = false;
      try {
        await compileOrRepair();
      } catch (cause) {
        if (doors.closing.aborted) return;
        doors.log.warn(
          `The index could not be built; the one before stays in force: ${(cause as Error).message}`,
        );
      }
    } while (again);
  };

  return {
    current: () => index,
    follow: () => {
      if (running) {
        again = true;
        return running;
      }
      running = run().finally(() => {
        running = undefined;
      });
      return running;
    },
  };
}

const NO_INDEX = '0'.repeat(64);

function loadIndex(path: string, log: Log): Index {
  try {
    const index = readIndex(path);
    if (index) return index;
  } catch (cause) {
    log.warn(`The index on disk cannot be used and is built again: ${(cause as Error).message}`);
  }
  return { buffer: emptyTable(), fingerprint: NO_INDEX };
}

/** Hex SHA-256 over what is in force: which list, under which category, with which names. */
function fingerprintLists(lists: readonly KeptList[]): string {
  const lines = lists.map(({ setting, state }) => `${setting.id} ${setting.category} ${state.content}\n`);
  return createHash('sha256').update(lines.sort().join('')).digest('hex');
}
