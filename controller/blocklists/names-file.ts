import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { BLOCKS, BLOCKS_EXACTLY } from './entries.ts';

/**
 * One list's names on disk, sorted by fingerprint.
 *
 * Layout, little-endian: 0 magic, 4 version, 8 names, 12 octets of exceptions, 16 names that block, 32 SHA-256 of the source,
 * 64 SHA-256 of all that follows, 96 the columns: high (4 octets a name), low (2), kind (1); then the
 * exceptions' own names, one a line.
 */
const MAGIC = 0x4d4e4847;
const VERSION = 1;
export const HEADER_OCTETS = 96;

export interface NameList {
  readonly high: Uint32Array;
  readonly low: Uint16Array;
  /** Bits of entries.ts: BLOCKS, BLOCKS_EXACTLY or EXCEPTS. */
  readonly kind: Uint8Array;
  /** The exceptions in words: merging has to know their parents. */
  readonly exceptions: readonly string[];
}

export interface NamesHeader {
  readonly count: number;
  /** Names that are blocked; the rest are exceptions. */
  readonly blocking: number;
  /** Hex SHA-256 of the source the names were read from. */
  readonly source: string;
  /** Hex SHA-256 of the names themselves. */
  readonly content: string;
  readonly textOctets: number;
}

/** A file of names is cut short, changed, or not one. */
export class NamesUnreadable extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NamesUnreadable';
  }
}

/** @param source hex SHA-256 of the list as it was fetched */
export function composeNames(list: NameList, source: string): { header: NamesHeader; parts: Uint8Array[] } {
  const text = Buffer.from(list.exceptions.join('\n'));
  const body = [octetsOf(list.high), octetsOf(list.low), list.kind, text];
  const hash = createHash('sha256');
  for (const part of body) hash.update(part);
  const content = hash.digest('hex');
  const blocking = list.kind.reduce((sum, kind) => sum + (kind & (BLOCKS | BLOCKS_EXACTLY) ? 1 : 0), 0);
  const octets = Buffer.alloc(HEADER_OCTETS);
  for (const [i, word] of [MAGIC, VERSION, list.high.length, text.length, blocking].entries())
    octets.writeUInt32LE(word, i * 4);
  octets.write(source, 32, 'hex');
  octets.write(content, 64, 'hex');
  const header = { count: list.high.length, blocking, source, content, textOctets: text.length };
  return { header, parts: [octets, ...body] };
}

/** @throws NamesUnreadable */
function parseNamesHeader(octets: Uint8Array, fileOctets: number): NamesHeader {
  if (octets.length < HEADER_OCTETS)
    throw new NamesUnreadable(`a file of names has ${HEADER_OCTETS} octets or more, got ${octets.length}`);
  const head = Buffer.from(octets.buffer, octets.byteOffset, HEADER_OCTETS);
  if (head.readUInt32LE(0) !== MAGIC || head.readUInt32LE(4) !== VERSION)
    throw new NamesUnreadable('not a file of names, or of another version');
  const count = head.readUInt32LE(8);
  const textOctets = head.readUInt32LE(12);
  const wanted = HEADER_OCTETS + count * 7 + textOctets;
  if (fileOctets !== wanted)
    throw new NamesUnreadable(`the file of names should have ${wanted} octets, got ${fileOctets}`);
  return {
    count,
    blocking: head.readUInt32LE(16),
    source: head.toString('hex', 32, 64),
    content: head.toString('hex', 64, 96),
    textOctets,
  };
}

/**
 * Opens the octets of a whole file, in place.
 * @throws NamesUnreadable when it is cut short or its checksum is wrong
 */
export function openNames(file: Uint8Array): { header: NamesHeader; list: NameList } {
  // The columns need aligned octets; a small file may come in a piece of a larger buffer.
  const octets = file.byteOffset % 4 === 0 ? file : new Uint8Array(file);
  const header = parseNamesHeader(octets, octets.length);
  const content = createHash('sha256').update(octets.subarray(HEADER_OCTETS)).digest('hex');
  if (content !== header.content) throw new NamesUnreadable('the checksum of the file of names is wrong');
  const { buffer } = octets;
  const at = octets.byteOffset + HEADER_OCTETS;
  const { count, textOctets } = header;
  const text = Buffer.from(buffer, at + count * 7, textOctets).toString('latin1');
  const list = {
    high: new Uint32Array(buffer, at, count),
    low: new Uint16Array(buffer, at + count * 4, count),
    kind: new Uint8Array(buffer, at + count * 6, count),
    exceptions: text === '' ? [] : text.split('\n'),
  };
  return { header, list };
}

/** The kind of a fingerprint in an opened list; 0 when it holds none. */
export function kindIn(list: NameList, high: number, low: number): number {
  const at = lowerBound(list.high, high);
  for (let i = at; i < list.high.length && list.high[i] === high; i++) {
    if (list.low[i] === low) return list.kind[i] as number;
  }
  return 0;
}

/** Position of the first value not below `wanted`. */
export function lowerBound(values: Uint32Array, wanted: number): number {
  let from = 0;
  let to = values.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((values[middle] as number) < wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}

function octetsOf(values: Uint32Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** The header of an open file. @throws NamesUnreadable */
export async function readNamesHeader(file: FileHandle): Promise<NamesHeader> {
  const { size } = await file.stat();
  const octets = new Uint8Array(HEADER_OCTETS);
  const { bytesRead } = await file.read(octets, 0, HEADER_OCTETS, 0);
  return parseNamesHeader(octets.subarray(0, bytesRead), size);
}
