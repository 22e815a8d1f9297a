import { type FileHandle, open } from 'node:fs/promises';
import { toDomainName } from '#contract/names.ts';
import { BLOCKS, BLOCKS_EXACTLY } from './entries.ts';
import type { KeptList } from './kept-list.ts';
import { createLineSplitter, MAX_LINE_OCTETS } from './lines.ts';
import { holdersOf } from './look-up.ts';
import { LINE_READERS } from './read-list.ts';

/** Tries for each name wanted: a list may hold many lines that are no plain names. */
const TRIES = 20;
const WINDOW_OCTETS = MAX_LINE_OCTETS * 2;

/**
 * Up to `count` different names that the lists block, drawn from their last good sources: real names, not made up.
 * Larger lists are drawn from more often.
 * @param random from 0 up to 1; the same draws from the same lists with the same `random`
 */
export async function drawNames(
  lists: readonly KeptList[],
  count: number,
  random: () => number,
): Promise<string[]> {
  const sources = lists
    .filter(({ state }) => state.content !== null)
    .sort((x, y) => (x.setting.id < y.setting.id ? -1 : 1));
  const drawn = new Set<string>();
  for (let tries = count * TRIES; tries > 0 && drawn.size < count && sources.length > 0; tries--) {
    const list = pick(sources, random());
    const name = await nameNear(list, random()).catch(() => undefined);
    // A later exception of the list may have taken the name back.
    if (name !== undefined && (await holdersOf([list], name)).length > 0) drawn.add(name);
  }
  return [...drawn];
}

/** One list, each with a chance as large as its share of the names. */
function pick(lists: readonly KeptList[], at: number): KeptList {
  let left = at * lists.reduce((sum, { state }) => sum + state.names, 0);
  for (const list of lists) {
    left -= list.state.names;
    if (left < 0) return list;
  }
  return lists.at(-1) as KeptList;
}

/**
 * The first plain name of a line that starts at or after `at` (a share of the file) of the list's source.
 * Rejects when the source is gone or cannot be read: the list is then not drawn from.
 */
async function nameNear({ files, state }: KeptList, at: number): Promise<string | undefined> {
  await using file = await open(files.raw, 'r');
  const { size } = await file.stat();
  const offset = Math.floor(at * size);
  const octets = await readWindow(file, Math.max(0, offset - 1));
  // Unless it starts the file, the window starts within a line: the next line feed begins a whole one.
  const start = offset === 0 ? 0 : octets.indexOf(10) + 1;
  if (offset > 0 && start === 0) return undefined;
  const end = octets.lastIndexOf(10);
  const lines = octets.subarray(start, octets.length < WINDOW_OCTETS ? octets.length : end);
  return firstPlainName(lines, state.format);
}

async function readWindow(file: FileHandle, from: number): Promise<Buffer> {
  const octets = Buffer.alloc(WINDOW_OCTETS);
  const { bytesRead } = await file.read(octets, 0, WINDOW_OCTETS, from);
  return octets.subarray(0, bytesRead);
}

function firstPlainName(lines: Buffer, format: KeptList['state']['format']): string | undefined {
  let name: string | undefined;
  const sink = {
    entry: (octets: Buffer, start: number, end: number, kind: number) => {
      if (name !== undefined || (kind & (BLOCKS | BLOCKS_EXACTLY)) === 0) return;
      const text = octets.toString('latin1', start, end);
      if (toDomainName(text) === text && text.includes('.') && !text.includes('_')) name = text;
    },
    skip: () => undefined,
  };
  const splitter = createLineSplitter({
    line: (octets, start, end) => {
      if (name === undefined) LINE_READERS[format](octets, start, end, sink);
    },
    tooLong: () => undefined,
  });
  splitter.push(lines);
  splitter.end();
  return name;
}
