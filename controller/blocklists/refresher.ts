import type { Category } from '#contract/categories.ts';
import type { ListSetting } from '#contract/settings.ts';
import type { Log } from './index-keeper.ts';
import type { KeptList } from './kept-list.ts';
import type { ListState } from './list-state.ts';
import { createGate, createTimers } from './timers.ts';
import { firstAfter, nextAfter } from './timetable.ts';
import { type Outcome, type UpdateDoors, updateList } from './update.ts';

/** What an update of a list came to, for the record: new content in force, or why not. */
export interface ListReport {
  readonly kind: 'updated' | 'refused';
  readonly id: string;
  readonly name: string;
  readonly category: Category;
  readonly names: number;
  readonly namesBefore: number;
  readonly notUnderstood: number;
  readonly warnings: readonly string[];
  /** Hex SHA-256 of the source in force; null when none is. */
  readonly sha256: string | null;
  readonly trouble: string | null;
}

/** Brings lists up to date, by the timetable and when asked. */
export interface Refresher {
  /** Waits for the list's time, counted from when it was last confirmed. */
  schedule(list: KeptList): void;
  /** Ends the list's timer and its update under way. */
  cancel(list: KeptList): Promise<void>;
  /** Updates a list now; a second call while it runs waits for the same update. */
  refresh(list: KeptList, bounded?: boolean): Promise<Outcome>;
  /** Ends timers and waits for updates under way, which `closing` has aborted. */
  close(): Promise<void>;
}

interface RefresherDoors extends UpdateDoors {
  readonly log: Log;
  /** From 0 up to 1. */
  random(): number;
  /** The content of some list has changed. */
  onContent(): Promise<void>;
  onReport(report: ListReport): void;
}

const MOST_AT_ONCE = 4;

export function createRefresher(doors: RefresherDoors): Refresher {
  const timers = createTimers(doors.clock);
  const gate = createGate(MOST_AT_ONCE);
  const failures = new WeakMap<KeptList, number>();
  const running = new Map<KeptList, Promise<Outcome>>();

  const update = async (list: KeptList, bounded: boolean): Promise<Outcome> => {
    const { state: before, setting } = list;
    const outcome = await gate(() => updateList(list, doors, bounded));
    if (outcome === 'gone') return outcome;
    // The settings may have named another source meanwhile.
    if (isElsewhere(setting, list.setting)) return await update(list, bounded);
    const failed = outcome === 'failed' ? (failures.get(list) ?? 0) + 1 : 0;
    failures.set(list, failed);
    wait(list, nextAfter(outcome, failed, doors.random()));
    tell(list, before, outcome);
    if (outcome === 'updated') await doors.onContent();
    return outcome;
  };
  const tell = (list: KeptList, before: ListState, outcome: Outcome) => {
    const { trouble } = list.state;
    if (trouble !== null) doors.log.warn(trouble);
    const kind = reportKind(before.trouble, trouble, outcome);
    if (kind) doors.onReport(reportOf(list, kind, before.names));
  };
  const refresh = (list: KeptList, bounded = true): Promise<Outcome> => {
    const under = running.get(list);
    if (under) return under;
    const started = update(list, bounded).finally(() => running.delete(list));
    running.set(list, started);
    return started;
  };
  const wait = (list: KeptList, ms: number) => {
    timers.set(list.setting.id, ms, () => {
      refresh(list).catch((cause: Error) => doors.log.warn(`A list update failed: ${cause.message}`));
    });
  };

  return {
    refresh,
    schedule: (list) => wait(list, firstAfter(list.state, doors.clock.nowMs())),
    cancel: async (list) => {
      list.ending.abort(new Error('the list was removed'));
      timers.cancel(list.setting.id);
      await running.get(list)?.catch(() => undefined);
    },
    close: async () => {
      timers.cancelAll();
      await Promise.allSettled(running.values());
      timers.cancelAll();
    },
  };
}

/** Whether the content of a list has to come from elsewhere after its setting has changed. */
export function isElsewhere(before: ListSetting, after: ListSetting): boolean {
  return before.source !== after.source || before.format !== after.format;
}

/** A refusal is reported once, not with every retry. */
function reportKind(
  before: string | null,
  after: string | null,
  outcome: Outcome,
): ListReport['kind'] | undefined {
  if (outcome === 'updated') return 'updated';
  return after !== null && after !== before ? 'refused' : undefined;
}

function reportOf({ setting, state }: KeptList, kind: ListReport['kind'], namesBefore: number): ListReport {
  const { id, name, category } = setting;
  const { names, notUnderstood, warnings, sha256, trouble } = state;
  return { kind, id, name, category, names, namesBefore, notUnderstood, warnings, sha256, trouble };
}
