import { type FileHandle, open } from 'node:fs/promises';
import type { Category } from '#contract/categories.ts';
import { blockedBy, type Suffix, suffixesOf } from './holding.ts';
import type { KeptList } from './kept-list.ts';
import { HEADER_OCTETS, lowerBound, type NamesHeader, readNamesHeader } from './names-file.ts';

/** A list that holds a name, and the entry of it that does. */
export interface Holder {
  readonly id: string;
  readonly name: string;
  readonly category: Category;
  readonly matched: string;
}

/** The lists that block `name`, each with its entry. Read from disk on demand: the index itself does not know its lists. */
export async function holdersOf(lists: readonly KeptList[], name: string): Promise<Holder[]> {
  const suffixes = suffixesOf(name);
  const holders: Holder[] = [];
  for (const list of lists) {
    const matched = await entryFor(list, suffixes);
    if (matched === undefined) continue;
    const { id, name: title, category } = list.setting;
    holders.push({ id, name: title, category, matched });
  }
  return holders;
}

async function entryFor(
  { files, state }: KeptList,
  suffixes: readonly Suffix[],
): Promise<string | undefined> {
  if (state.content === null) return undefined;
  await using file = await open(files.names, 'r');
  const header = await readNamesHeader(file);
  const kinds: number[] = [];
  for (const suffix of suffixes) kinds.push(await kindOnDisk(file, header, suffix));
  return suffixes[blockedBy(kinds)]?.text;
}

/** Names that are read at once when the search has come near. */
const NEAR = 4096;

/** The kind of a fingerprint in a file of names; 0 when it holds none. Reads a few pages, never the whole. */
async function kindOnDisk(file: FileHandle, { count }: NamesHeader, { high, low }: Suffix): Promise<number> {
  const one = new Uint32Array(1);
  let from = 0;
  let to = count;
  while (to - from > NEAR) {
    const middle = (from + to) >>> 1;
    await file.read(one, 0, 4, HEADER_OCTETS + middle * 4);
    // Equal values may stand on both sides of the middle, so an equal one stays inside.
    if ((one[0] as number) < high) from = middle + 1;
    else to = middle;
  }
  // The first equal value is at `to` at the latest; names alike in 32 bits are few.
  const highs = new Uint32Array(Math.min(count - from, NEAR + 64));
  await file.read(highs, 0, highs.byteLength, HEADER_OCTETS + from * 4);
  const lows = new Uint16Array(1);
  const kinds = new Uint8Array(1);
  for (let at = lowerBound(highs, high); at < highs.length && highs[at] === high; at++) {
    await file.read(lows, 0, 2, HEADER_OCTETS + count * 4 + (from + at) * 2);
    if (lows[0] !== low) continue;
    await file.read(kinds, 0, 1, HEADER_OCTETS + count * 6 + from + at);
    return kinds[0] as number;
  }
  return 0;
}
