/**
 * A compiled set of names in one buffer that all threads share: 8 octets a slot, 85 % full, sorted, so that a search
 * that passes its place ends at once. Nothing in it is ever changed; a new table replaces it whole.
 *
 * Layout, little-endian 32-bit words:
 *   0 magic   1 version   2 capacity   3 slots   4 names   5 sets   6 built at (seconds since 1970)   7 lists   8-15 zero
 *   16 ... 2 words a slot: high fingerprint; low fingerprint << 16 | set number (0: an empty slot)
 *   then 4 words a set, set 0 first (unused)
 */
const MAGIC = 0x58494847;
const VERSION = 1;
const HEADER_WORDS = 16;
const FILL = 0.85;
export const SET_WORDS = 4;
export const MAX_SETS = 0xffff;

export interface Table {
  readonly words: Uint32Array;
  readonly sets: Int32Array;
  readonly names: number;
  readonly lists: number;
  /** Seconds since 1970. */
  readonly builtAt: number;
  /** Places per unit of the high fingerprint. */
  readonly scale: number;
}

/** Names to compile: sorted by high, then low; no two alike. `set` numbers count from 1. */
export interface SortedNames {
  readonly count: number;
  readonly high: Uint32Array;
  readonly low: Uint16Array;
  readonly set: Uint16Array;
}

/** What the table says of itself beside its names. */
export interface TableFacts {
  readonly lists: number;
  /** Seconds since 1970. */
  readonly builtAt: number;
}

/** A table's octets are not what the header says: a torn or foreign file. */
export class TableUnreadable extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TableUnreadable';
  }
}

/** Lays sorted names out as a table. `sets` holds `SET_WORDS` words a set, from set 1 on. */
export function composeTable(sorted: SortedNames, sets: Int32Array, facts: TableFacts): SharedArrayBuffer {
  const capacity = Math.max(1, Math.ceil(sorted.count / FILL));
  const slots = slotsNeeded(sorted, capacity);
  const setCount = sets.length / SET_WORDS + 1;
  const buffer = new SharedArrayBuffer((HEADER_WORDS + slots * 2 + setCount * SET_WORDS) * 4);
  const words = new Uint32Array(buffer);
  words.set([MAGIC, VERSION, capacity, slots, sorted.count, setCount, facts.builtAt, facts.lists]);
  const scale = capacity / 2 ** 32;
  let next = 0;
  for (let i = 0; i < sorted.count; i++) {
    const high = sorted.high[i] as number;
    const place = Math.max(next, Math.floor(high * scale));
    words[HEADER_WORDS + place * 2] = high;
    words[HEADER_WORDS + place * 2 + 1] = ((sorted.low[i] as number) << 16) | (sorted.set[i] as number);
    next = place + 1;
  }
  new Int32Array(buffer, (HEADER_WORDS + slots * 2 + SET_WORDS) * 4).set(sets);
  return buffer;
}

/** One slot more than the last name takes: a search always meets an empty slot and needs no bound. */
function slotsNeeded(sorted: SortedNames, capacity: number): number {
  const scale = capacity / 2 ** 32;
  let next = 0;
  for (let i = 0; i < sorted.count; i++) {
    next = Math.max(next, Math.floor((sorted.high[i] as number) * scale)) + 1;
  }
  return Math.max(next, capacity) + 1;
}

/**
 * Opens a compiled table.
 * @throws TableUnreadable when the octets are cut short or not a table
 */
export function openTable(buffer: SharedArrayBuffer | ArrayBuffer): Table {
  if (buffer.byteLength < HEADER_WORDS * 4)
    throw new TableUnreadable(`a table has 64 octets or more, got ${buffer.byteLength}`);
  const header = new Uint32Array(buffer, 0, HEADER_WORDS);
  const [magic, version, capacity = 0, slots = 0, names = 0, setCount = 0, builtAt = 0, lists = 0] = header;
  if (magic !== MAGIC || version !== VERSION)
    throw new TableUnreadable('not a table of names, or of another version');
  const wanted = (HEADER_WORDS + slots * 2 + setCount * SET_WORDS) * 4;
  if (buffer.byteLength !== wanted)
    throw new TableUnreadable(`the table should have ${wanted} octets, got ${buffer.byteLength}`);
  const words = new Uint32Array(buffer, HEADER_WORDS * 4, slots * 2);
  // A search has no other bound than this: it starts before the last slot, and the last slot is empty.
  if (capacity >= slots || words[slots * 2 - 1] !== 0)
    throw new TableUnreadable('the table does not end in an empty slot');
  return {
    words,
    sets: new Int32Array(buffer, (HEADER_WORDS + slots * 2) * 4, setCount * SET_WORDS),
    names,
    lists,
    builtAt,
    scale: capacity / 2 ** 32,
  };
}

/**
 * The set number of a fingerprint; 0 when the table does not hold it.
 * On the path of every packet: no allocation, a few neighbouring words read.
 */
export function findSet(table: Table, high: number, low: number): number {
  const words = table.words;
  let at = Math.floor(high * table.scale) * 2;
  for (;;) {
    const rest = words[at + 1] as number;
    if (rest === 0) return 0;
    const found = words[at] as number;
    if (found === high && rest >>> 16 === low) return rest & 0xffff;
    if (found > high) return 0;
    at += 2;
  }
}

/** A table without names. */
export function emptyTable(): SharedArrayBuffer {
  const none = { count: 0, high: new Uint32Array(0), low: new Uint16Array(0), set: new Uint16Array(0) };
  return composeTable(none, new Int32Array(0), { lists: 0, builtAt: 0 });
}
