import type { ListSetting } from '#contract/settings.ts';
import type { Compiler } from './compiler-thread.ts';
import type { IndexKeeper, Log } from './index-keeper.ts';
import { type KeptList, keepState, loadList, recover, removeFiles } from './kept-list.ts';
import { isElsewhere, type Refresher } from './refresher.ts';

/** The lists of the settings, as they are kept. */
export interface Roster {
  configure(lists: readonly ListSetting[], neverBlock: readonly string[]): void;
  lists(): readonly KeptList[];
  neverBlock(): readonly string[];
  /** Reads every list's names again from its last good source. */
  repair(): Promise<void>;
  /** Waits until the last `configure` has been followed; updates it has set off go on. */
  settled(): Promise<void>;
}

interface RosterDoors {
  readonly folder: string;
  readonly log: Log;
  readonly compiler: Compiler;
  readonly keeper: IndexKeeper;
  readonly refresher: Refresher;
  readonly closing: AbortSignal;
  makeFolder(): Promise<void>;
}

interface Wanted {
  readonly lists: readonly ListSetting[];
  readonly neverBlock: readonly string[];
}

export function createRoster(doors: RosterDoors): Roster {
  const kept = new Map<string, KeptList>();
  let neverBlock: readonly string[] = [];
  let following: Promise<void> = Promise.resolve();

  const follow = async (wanted: Wanted) => {
    if (doors.closing.aborted) return;
    await doors.makeFolder();
    const lintAnew = wanted.neverBlock.join() !== neverBlock.join();
    neverBlock = wanted.neverBlock;
    const settings = new Map(wanted.lists.map((setting) => [setting.id, setting]));
    const gone = await letGo(kept, settings, doors.refresher);
    const stayed = [...kept.values()];
    const moved = stayed.filter((list) => adopt(list, settings.get(list.setting.id) as ListSetting));
    const fresh = [...settings.values()].filter(({ id }) => !kept.has(id));
    for (const setting of fresh)
      kept.set(setting.id, await loadList(setting, doors.folder, { ...doors, neverBlock }));
    await doors.keeper.follow();
    for (const { files } of gone) await removeFiles(files);
    for (const { id } of fresh) doors.refresher.schedule(kept.get(id) as KeptList);
    for (const list of moved) refreshSoon(list, doors);
    if (lintAnew) await lintAgain(stayed, neverBlock, doors);
  };

  return {
    configure: (lists, names) => {
      following = following
        .then(() => follow({ lists, neverBlock: names }))
        .catch((cause: Error) => {
          if (!doors.closing.aborted)
            doors.log.warn(`The lists could not follow the settings: ${cause.message}`);
        });
    },
    lists: () => [...kept.values()],
    neverBlock: () => neverBlock,
    settled: () => following,
    repair: async () => {
      for (const list of kept.values()) {
        list.lost = list.state.content !== null;
        await recover(list, undefined, { ...doors, neverBlock });
      }
    },
  };
}

/** Takes lists that are no longer wanted out of `kept`. */
async function letGo(
  kept: Map<string, KeptList>,
  wanted: ReadonlyMap<string, ListSetting>,
  refresher: Refresher,
): Promise<KeptList[]> {
  const gone = [...kept.values()].filter(({ setting }) => !wanted.has(setting.id));
  for (const list of gone) {
    kept.delete(list.setting.id);
    await refresher.cancel(list);
  }
  return gone;
}

/** Gives `list` its new setting. @returns whether its content has to be fetched from elsewhere now */
function adopt(list: KeptList, setting: ListSetting): boolean {
  const before = list.setting;
  list.setting = setting;
  return isElsewhere(before, setting);
}

function refreshSoon(list: KeptList, { refresher, log }: RosterDoors): void {
  refresher.refresh(list).catch((cause: Error) => log.warn(`A list update failed: ${cause.message}`));
}

/** Warnings say what a list would do to the never-block list as it is now. */
async function lintAgain(
  lists: readonly KeptList[],
  neverBlock: readonly string[],
  { compiler }: RosterDoors,
): Promise<void> {
  for (const list of lists) {
    if (list.ending.signal.aborted || list.state.content === null) continue;
    const { format } = list.state;
    const warnings = await compiler.lint({ kind: 'lint', source: list.files.raw, format, neverBlock });
    list.state = { ...list.state, warnings };
    await keepState(list);
  }
}
