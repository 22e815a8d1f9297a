import { fingerprintOf } from '#filter/fingerprint.ts';
import { BLOCKS, BLOCKS_EXACTLY, BLOCKS_FIRMLY, EXCEPTS, EXCEPTS_FIRMLY } from './entries.ts';
import type { Gathered } from './gather.ts';
import { kindIn, type NameList } from './names-file.ts';
import { type NameColumns, sortNames } from './sort.ts';

/**
 * Sorts what a list said, brings each name to one meaning, and settles the list's own exceptions:
 * for one name an exception wins over a block (its publisher took the block back), a firm block over an exception,
 * a firm exception over all; and no exception stands below a firm block unless it is firm itself.
 */
export function compileList(gathered: Gathered): NameList {
  sortNames(gathered);
  const said = mergeAlike(gathered);
  const standing = [...gathered.exceptions]
    .filter(([name, { firmly }]) => firmly || !isBelowFirmBlock(said, name))
    .map(([name]) => name);
  return settle(said, standing);
}

/** One row a name, with the bits of all its rows. */
function mergeAlike({ high, rest }: NameColumns): NameList {
  let count = -1;
  for (let i = 0; i < high.length; i++) {
    const alike =
      count >= 0 && high[count] === high[i] && (rest[count] as number) >>> 16 === (rest[i] as number) >>> 16;
    if (alike) rest[count] = (rest[count] as number) | (rest[i] as number);
    else {
      count += 1;
      high[count] = high[i] as number;
      rest[count] = rest[i] as number;
    }
  }
  count += 1;
  const low = new Uint16Array(count);
  const kind = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    low[i] = (rest[i] as number) >>> 16;
    kind[i] = (rest[i] as number) & 0xff;
  }
  return { high: high.slice(0, count), low, kind, exceptions: [] };
}

function isBelowFirmBlock(list: NameList, name: string): boolean {
  for (let at = name.indexOf('.'); at >= 0; at = name.indexOf('.', at + 1)) {
    const { high, low } = fingerprintOf(name.slice(at + 1));
    const kind = kindIn(list, high, low);
    if ((kind & BLOCKS_FIRMLY) !== 0 && (kind & BLOCKS) !== 0) return true;
  }
  return false;
}

/** Leaves BLOCKS, BLOCKS_EXACTLY or EXCEPTS; drops names that say nothing any more. */
function settle(said: NameList, standing: readonly string[]): NameList {
  if (standing.length === 0 && !said.kind.some((kind) => kind > (BLOCKS | BLOCKS_EXACTLY))) return said;
  const excepted = new Set(standing.map((name) => keyOf(fingerprintOf(name))));
  const kind = said.kind.map((bits, i) => {
    const key = keyOf({ high: said.high[i] as number, low: said.low[i] as number });
    return settledKind(bits, (bits & EXCEPTS) !== 0 && excepted.has(key));
  });
  const kept = Uint32Array.from(kind.keys().filter((i) => kind[i] !== 0));
  const inForce = new Set<number>();
  for (const i of kept) {
    if (kind[i] === EXCEPTS) inForce.add(keyOf({ high: said.high[i] as number, low: said.low[i] as number }));
  }
  return {
    high: kept.map((i) => said.high[i] as number),
    low: Uint16Array.from(kept, (i) => said.low[i] as number),
    kind: Uint8Array.from(kept, (i) => kind[i] as number),
    exceptions: standing.filter((name) => inForce.has(keyOf(fingerprintOf(name)))),
  };
}

function settledKind(bits: number, excepted: boolean): number {
  const blocks = bits & (BLOCKS | BLOCKS_EXACTLY);
  if (!excepted) return blocks;
  const firmBlock = (bits & BLOCKS_FIRMLY) !== 0 && (bits & EXCEPTS_FIRMLY) === 0;
  return firmBlock ? blocks : EXCEPTS;
}

function keyOf({ high, low }: { readonly high: number; readonly low: number }): number {
  return high * 0x10000 + low;
}
