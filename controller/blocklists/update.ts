import { rm } from 'node:fs/promises';
import type { Compiler } from './compiler-thread.ts';
import { partOf, putInPlace } from './durable.ts';
import { type KeptList, keepState, withContent } from './kept-list.ts';
import { type ListState, newState } from './list-state.ts';
import { saveSource } from './save.ts';
import { reasonOf, SourceUnusable } from './source-unusable.ts';
import { openSource, type SourceFolders, type Validators } from './sources.ts';
import type { Clock } from './timetable.ts';

/** A source may take this long in all. */
export const FETCH_LIMIT_MS = 5 * 60_000;
/** Below this many names a list may change by any share: small lists do. */
const SMALL_LIST = 1000;
const MOST_SHRINK = 0.2;
const MOST_GROWTH = 0.5;

export interface UpdateDoors extends SourceFolders {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly compiler: Compiler;
  readonly closing: AbortSignal;
  neverBlock(): readonly string[];
}

/** `held`: the content is well-formed, but so much smaller or larger that a person has to look. */
export type Outcome = 'updated' | 'unchanged' | 'held' | 'failed' | 'gone';

/** The change in size needs a person; the message says how large it is. */
class Held extends Error {}

/**
 * Brings one list up to date: fetch, compile, compare with the last good, put in place. Whatever fails, the last good
 * content stays in force and `state.trouble` says why.
 * @param bounded false when a person has accepted the change in size
 */
export async function updateList(list: KeptList, doors: UpdateDoors, bounded: boolean): Promise<Outcome> {
  const before = list.state;
  try {
    const next = await fetchAndCompile(list, doors, bounded);
    if (isEnding(list, doors)) return await leave(list);
    if (next === undefined) {
      await removeParts(list);
      list.state = { ...before, trouble: null, fetchedAt: now(doors.clock) };
    } else {
      await putInPlace(list.files.raw);
      await putInPlace(list.files.names);
      list.state = next;
      list.lost = false;
    }
    await keepState(list);
    return next === undefined ? 'unchanged' : 'updated';
  } catch (cause) {
    if (isEnding(list, doors)) return await leave(list);
    await removeParts(list);
    list.state = { ...list.state, trouble: troubleOf(list, cause) };
    // The words above are in force and in the report even where the disk does not take them.
    await keepState(list).catch(() => undefined);
    return cause instanceof Held ? 'held' : 'failed';
  }
}

function isEnding({ ending }: KeptList, { closing }: UpdateDoors): boolean {
  return ending.signal.aborted || closing.aborted;
}

async function leave(list: KeptList): Promise<Outcome> {
  await removeParts(list);
  return 'gone';
}

async function removeParts({ files }: KeptList): Promise<void> {
  for (const path of [files.raw, files.names]) await rm(partOf(path), { force: true }).catch(() => undefined);
}

/** @returns the new state, its files written beside the old ones; undefined when the source has not changed */
async function fetchAndCompile(
  { setting, files, state, ending }: KeptList,
  doors: UpdateDoors,
  bounded: boolean,
): Promise<ListState | undefined> {
  const same = state.source === setting.source && state.format === setting.format && state.content !== null;
  const from = { source: setting.source, validators: same ? state : NO_VALIDATORS };
  const fetched = await fetchSource(from, files.raw, doors, ending.signal);
  if (fetched === undefined || (same && fetched.sha256 === state.sha256)) return undefined;
  const { sha256, etag, lastModified } = fetched;
  const compiled = await doors.compiler.compile({
    kind: 'compile',
    source: partOf(files.raw),
    sha256,
    format: setting.format,
    names: files.names,
    neverBlock: doors.neverBlock(),
  });
  if (bounded && same) holdIfFarOff(state.names, compiled.names);
  const next = {
    ...newState(setting.source, setting.format),
    etag,
    lastModified,
    fetchedAt: now(doors.clock),
  };
  return withContent(next, sha256, compiled);
}

const NO_VALIDATORS = { etag: null, lastModified: null };

async function fetchSource(
  { source, validators }: { readonly source: string; readonly validators: Validators },
  path: string,
  doors: UpdateDoors,
  ending: AbortSignal,
) {
  const limit = new AbortController();
  const stop = doors.clock.after(FETCH_LIMIT_MS, () => {
    limit.abort(new SourceUnusable(`it took longer than ${FETCH_LIMIT_MS / 60_000} minutes`));
  });
  const signal = AbortSignal.any([limit.signal, doors.closing, ending]);
  try {
    const opened = await openSource(source, validators, { ...doors, signal });
    if (opened.kind === 'unchanged') return undefined;
    const saved = await saveSource(opened.chunks, path, signal);
    return { ...saved, etag: opened.etag, lastModified: opened.lastModified };
  } catch (cause) {
    throw limit.signal.aborted ? limit.signal.reason : cause;
  } finally {
    stop();
  }
}

function holdIfFarOff(before: number, after: number): void {
  if (before < SMALL_LIST) return;
  const change = after / before - 1;
  if (change >= -MOST_SHRINK && change <= MOST_GROWTH) return;
  const share = `${Math.round(Math.abs(change) * 100)} % ${change < 0 ? 'fewer' : 'more'} names`;
  throw new Held(
    `it has ${share} than before (${after} instead of ${before}), so a person has to look at it`,
  );
}

function troubleOf({ setting, state }: KeptList, cause: unknown): string {
  const reason = cause instanceof Held ? cause.message : reasonOf(cause);
  return state.content === null
    ? `“${setting.name}” is not in force: ${reason}.`
    : `“${setting.name}” was not updated: ${reason}. The last good list stays in force.`;
}

function now(clock: Clock): string {
  return new Date(clock.nowMs()).toISOString();
}
