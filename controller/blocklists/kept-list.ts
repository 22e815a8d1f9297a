import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ListView } from '#contract/http.ts';
import type { ListSetting } from '#contract/settings.ts';
import type { Compiler } from './compiler-thread.ts';
import { partOf, putInPlace, writeDurably } from './durable.ts';
import type { CompiledList } from './jobs.ts';
import { type ListState, newState, parseState } from './list-state.ts';
import { type NamesHeader, readNamesHeader } from './names-file.ts';

/** A list's three files. `raw` is the last good source, unpacked; `names` what was read from it. */
export interface ListFiles {
  readonly raw: string;
  readonly names: string;
  readonly state: string;
}

/** A list as it is kept: its setting, its files, and what is known of its content in force. */
export interface KeptList {
  setting: ListSetting;
  readonly files: ListFiles;
  state: ListState;
  /**
   * Its files are there and none of them can be read: the index of the last run still knows its names, so that is kept
   * until the list has come again.
   */
  lost: boolean;
  /** Aborted when the list is taken off the settings: an update under way must not bring it back. */
  readonly ending: AbortController;
}

function filesOf(folder: string, id: string): ListFiles {
  const base = join(folder, 'lists', id);
  return { raw: `${base}.raw`, names: `${base}.names`, state: `${base}.json` };
}

/**
 * Finds a list's last good content again. The three files are replaced one after the other, so a power cut can leave
 * them of two ages: then the names are read again from the last good source.
 */
export async function loadList(
  setting: ListSetting,
  folder: string,
  doors: { readonly compiler: Compiler; readonly neverBlock: readonly string[] },
): Promise<KeptList> {
  const files = filesOf(folder, setting.id);
  for (const path of Object.values(files)) await rm(partOf(path), { force: true, recursive: true });
  const text = await readFile(files.state, 'utf8').catch(() => undefined);
  const known = parseState(text ?? '');
  const header = await headerOf(files.names);
  const list = {
    setting,
    files,
    state: known ?? newState(setting.source, setting.format),
    lost: text !== undefined && known?.content !== null,
    ending: new AbortController(),
  };
  const agree = header !== undefined && header.source === known?.sha256 && header.content === known.content;
  if (agree) list.lost = false;
  else await recover(list, header, doors);
  return list;
}

/** Reads the names again from the last good source; without one, the names found stay in force, if any were. */
export async function recover(
  list: KeptList,
  header: NamesHeader | undefined,
  doors: { readonly compiler: Compiler; readonly neverBlock: readonly string[] },
): Promise<void> {
  const { files } = list;
  const fresh = { ...newState(list.state.source, list.state.format), trouble: list.state.trouble };
  try {
    const sha256 = await hashOf(files.raw);
    const job = {
      kind: 'compile',
      source: files.raw,
      sha256,
      format: fresh.format,
      names: files.names,
    } as const;
    const compiled = await doors.compiler.compile({ ...job, neverBlock: doors.neverBlock });
    await putInPlace(files.names);
    list.state = withContent(fresh, sha256, compiled);
    list.lost = false;
    await keepState(list);
  } catch {
    // Nothing to read it from: the caller sees a list without content and fetches it.
    const left = header && { sha256: header.source, content: header.content, names: header.blocking };
    list.state = { ...fresh, ...left };
    list.lost &&= left === undefined;
  }
}

/** `state` with what was read from a source. */
export function withContent(state: ListState, sha256: string, compiled: CompiledList): ListState {
  return {
    ...state,
    sha256,
    content: compiled.content,
    names: compiled.names,
    notUnderstood: Object.values(compiled.skipped).reduce((sum, count) => sum + count, 0),
    skipped: { ...compiled.skipped },
    examples: [...compiled.examples],
    warnings: [...compiled.warnings],
    fixed: compiled.fixed ?? null,
  };
}

export async function keepState({ files, state }: KeptList): Promise<void> {
  await writeDurably(files.state, [Buffer.from(`${JSON.stringify(state, undefined, 2)}\n`)]);
}

export async function removeFiles(files: ListFiles): Promise<void> {
  for (const path of Object.values(files)) {
    await rm(path, { force: true });
    await rm(partOf(path), { force: true });
  }
}

/** A list as people see it. */
export function viewOfList({ setting, state }: KeptList): ListView {
  const { names, notUnderstood, fetchedAt, trouble, warnings } = state;
  return { ...setting, names, notUnderstood, fetchedAt, trouble, warnings };
}

async function headerOf(path: string): Promise<NamesHeader | undefined> {
  try {
    await using file = await open(path, 'r');
    return await readNamesHeader(file);
  } catch {
    // Missing, torn or foreign are all one here: the names are read again.
    return undefined;
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}
