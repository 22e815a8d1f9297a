import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { openTable } from '#filter/table.ts';
import { writeDurably } from './durable.ts';

/**
 * The compiled index on disk: 0 magic, 4 version, 8-31 zero, 32 the lists' fingerprint, 64 SHA-256 of what follows,
 * 96 the table. A table alone could be torn inside without a sign, so it has a checksum.
 */
const MAGIC = 0x4649_4847;
const VERSION = 1;
const HEADER_OCTETS = 96;

/** A compiled index and the fingerprint of the lists it was made from (hex SHA-256). */
export interface Index {
  readonly buffer: SharedArrayBuffer;
  readonly fingerprint: string;
}

/** The file of the index is cut short, changed, or not one. */
export class IndexUnreadable extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'IndexUnreadable';
  }
}

export async function writeIndex(path: string, { buffer, fingerprint }: Index): Promise<void> {
  const table = new Uint8Array(buffer);
  const head = Buffer.alloc(HEADER_OCTETS);
  head.writeUInt32LE(MAGIC, 0);
  head.writeUInt32LE(VERSION, 4);
  head.write(fingerprint, 32, 'hex');
  head.write(createHash('sha256').update(table).digest('hex'), 64, 'hex');
  await writeDurably(path, [head, table]);
}

/**
 * Reads the index at once: nothing is filtered before it is there, so the start waits for it.
 * @returns undefined when there is no file
 * @throws IndexUnreadable, TableUnreadable
 */
export function readIndex(path: string): Index | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
  try {
    return readOpenIndex(file);
  } finally {
    closeSync(file);
  }
}

function readOpenIndex(file: number): Index {
  const { size } = fstatSync(file);
  const head = Buffer.alloc(HEADER_OCTETS);
  if (size < HEADER_OCTETS || readSync(file, head, 0, HEADER_OCTETS, 0) < HEADER_OCTETS)
    throw new IndexUnreadable(`an index file has ${HEADER_OCTETS} octets or more, got ${size}`);
  if (head.readUInt32LE(0) !== MAGIC || head.readUInt32LE(4) !== VERSION)
    throw new IndexUnreadable('not an index file, or of another version');
  const buffer = new SharedArrayBuffer(size - HEADER_OCTETS);
  const table = new Uint8Array(buffer);
  for (let at = 0; at < table.length; ) {
    const got = readSync(file, table, at, table.length - at, HEADER_OCTETS + at);
    if (got === 0)
      throw new IndexUnreadable(`the index file ended after ${HEADER_OCTETS + at} octets of ${size}`);
    at += got;
  }
  if (createHash('sha256').update(table).digest('hex') !== head.toString('hex', 64, 96))
    throw new IndexUnreadable('the checksum of the index file is wrong');
  openTable(buffer);
  return { buffer, fingerprint: head.toString('hex', 32, 64) };
}
