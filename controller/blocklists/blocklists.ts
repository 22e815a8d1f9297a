import { join } from 'node:path';
import type { Category } from '#contract/categories.ts';
import type { ListView } from '#contract/http.ts';
import type { ListSetting } from '#contract/settings.ts';
import { type Compiler, openCompiler } from './compiler-thread.ts';
import { drawNames } from './draw.ts';
import { makeFolder } from './durable.ts';
import { type IndexKeeper, type Log, openIndexKeeper } from './index-keeper.ts';
import { type KeptList, viewOfList } from './kept-list.ts';
import { type Holder, holdersOf } from './look-up.ts';
import { createRefresher, type ListReport, type Refresher } from './refresher.ts';
import { createRoster, type Roster } from './roster.ts';
import type { SourceFolders } from './sources.ts';
import type { Clock } from './timetable.ts';

/** The lists from elsewhere and the index made of them. */
export interface Blocklists {
  /** The compiled index in force; without names before the first list is there. */
  readonly ready: SharedArrayBuffer;
  /** Follows the settings: fetches what is new or changed, lets go of what is not there any more. */
  configure(lists: readonly ListSetting[], neverBlock: readonly string[]): void;
  /** Asks every source now; answers when the index is made of what came. */
  refresh(): Promise<ListView[]>;
  /** Takes a list that is held for its change in size, at a person's word. Undefined when there is no such list. */
  accept(id: string): Promise<ListView | undefined>;
  views(): ListView[];
  /** Which lists block `name`, each with its own entry: the name or a parent. */
  holding(name: string): Promise<Holder[]>;
  /** Up to `count` real names that the category's lists block; `random` answers from 0 up to 1. */
  draw(category: Category, count: number, random: () => number): Promise<string[]>;
  /** One name for each list of the category that stays the same while the list is updated. */
  fixed(category: Category): Promise<string[]>;
  /** Hex SHA-256 over the lists that the index in force is made of. */
  fingerprint(): string;
  /** Ends timers, downloads and the compiler; nothing half-done stays behind. */
  close(): Promise<void>;
}

export interface BlocklistDoors extends SourceFolders {
  /** The data folder: `lists/` and `index.table` are kept in it. */
  readonly folder: string;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  /** From 0 up to 1. */
  random(): number;
  readonly log: Log;
  onIndex(buffer: SharedArrayBuffer): void;
  onReport(report: ListReport): void;
}

/** Opens the lists of a data folder. The index of the last run is in force at once, before any list is looked at. */
export function openBlocklists(doors: BlocklistDoors): Blocklists {
  const closing = new AbortController();
  const parts = openParts(doors, closing.signal);
  const { compiler, roster, keeper, refresher } = parts;
  const settled = async () => {
    await roster.settled();
    await Promise.all(roster.lists().map((list) => refresher.refresh(list)));
    await keeper.follow();
  };
  return {
    get ready() {
      return keeper.current().buffer;
    },
    configure: (lists, neverBlock) => roster.configure(lists, neverBlock),
    refresh: async () => {
      await settled();
      return roster.lists().map(viewOfList);
    },
    accept: async (id) => {
      await roster.settled();
      const list = roster.lists().find(({ setting }) => setting.id === id);
      if (list === undefined) return undefined;
      // An update under way still has its bounds: wait for it, then ask again without.
      if ((await refresher.refresh(list, false)) === 'held') await refresher.refresh(list, false);
      await keeper.follow();
      return viewOfList(list);
    },
    views: () => roster.lists().map(viewOfList),
    holding: async (name) => await holdersOf(roster.lists(), name),
    draw: async (category, count, random) =>
      await drawNames(ofCategory(roster.lists(), category), count, random),
    fixed: async (category) => await fixedNames(ofCategory(roster.lists(), category)),
    fingerprint: () => keeper.current().fingerprint,
    close: async () => {
      closing.abort(new Error('the lists are being closed'));
      await refresher.close();
      await compiler.close();
      await roster.settled();
      await refresher.close();
    },
  };
}

interface Parts {
  readonly compiler: Compiler;
  readonly roster: Roster;
  readonly keeper: IndexKeeper;
  readonly refresher: Refresher;
}

function openParts(doors: BlocklistDoors, closing: AbortSignal): Parts {
  const compiler = openCompiler(doors.clock);
  const keeper = openIndexKeeper({
    ...doors,
    compiler,
    closing,
    onIndex: (buffer) => doors.onIndex(buffer),
    lists: () => roster.lists(),
    repair: () => roster.repair(),
  });
  const refresher = createRefresher({
    ...doors,
    compiler,
    closing,
    random: () => doors.random(),
    onReport: (report) => doors.onReport(report),
    onContent: () => keeper.follow(),
    neverBlock: () => roster.neverBlock(),
  });
  const roster: Roster = createRoster({
    folder: doors.folder,
    log: doors.log,
    makeFolder: () => makeFolder(join(doors.folder, 'lists')),
    compiler,
    keeper,
    refresher,
    closing,
  });
  return { compiler, roster, keeper, refresher };
}

function ofCategory(lists: readonly KeptList[], category: Category): KeptList[] {
  return lists.filter(({ setting }) => setting.category === category);
}

async function fixedNames(lists: readonly KeptList[]): Promise<string[]> {
  const names: string[] = [];
  for (const list of lists) {
    const { fixed } = list.state;
    // The list may except the name again further down.
    if (fixed !== null && (await holdersOf([list], fixed)).length > 0) names.push(fixed);
  }
  return [...new Set(names)];
}
