import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { partOf } from './durable.ts';
import { SourceUnusable } from './source-unusable.ts';

/** Larger sources are refused: the whole of the largest public lists together is smaller. */
const MOST_SOURCE_OCTETS = 256 * 1024 * 1024;
const HEAD_OCTETS = 512;

/** A source as it was saved, unpacked. */
export interface Saved {
  /** Hex SHA-256 of the unpacked octets. */
  readonly sha256: string;
  readonly octets: number;
}

/**
 * Saves a source to the part file of `path`: unpacks gzip, keeps to the size limit (of what comes out, so that no small
 * file unpacks to a full disk), refuses an empty body and an HTML page.
 * @throws SourceUnusable; system errors of reading and writing. Nothing is left behind then.
 */
export async function saveSource(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  signal: AbortSignal,
): Promise<Saved> {
  const part = partOf(path);
  try {
    await using file = await open(part, 'w');
    const hash = createHash('sha256');
    const head = Buffer.alloc(HEAD_OCTETS);
    let octets = 0;
    for await (const chunk of unpacked(chunks)) {
      signal.throwIfAborted();
      if (octets < HEAD_OCTETS) head.set(chunk.subarray(0, HEAD_OCTETS - octets), octets);
      octets += chunk.length;
      if (octets > MOST_SOURCE_OCTETS)
        throw new SourceUnusable(`it is larger than ${MOST_SOURCE_OCTETS / 1024 / 1024} MB`);
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    refuseForeign(head.toString('latin1', 0, Math.min(octets, HEAD_OCTETS)));
    await file.sync();
    return { sha256: hash.digest('hex'), octets };
  } catch (cause) {
    await rm(part, { force: true }).catch(() => undefined);
    throw cause;
  }
}

/** No list starts with a tag; error pages and sign-in pages of networks do. */
function refuseForeign(head: string): void {
  const text = head.replace(/^(\xef\xbb\xbf)?\s+|^\xef\xbb\xbf/, '');
  if (text === '') throw new SourceUnusable('it is empty');
  if (text.startsWith('<')) throw new SourceUnusable('it is a web page (HTML), not a list');
}

/** The octets, unpacked when they start as gzip does (RFC 1952 section 2.3.1). */
async function* unpacked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const { done, value } = await source.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  const all = startingWith(head, source);
  if (head[0] === 0x1f && head[1] === 0x8b) yield* gunzipped(all);
  else yield* all;
}

async function* startingWith(head: Buffer, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    for (;;) {
      const { done, value } = await rest.next();
      if (done) return;
      yield value;
    }
  } finally {
    // Lets the file or the connection go when the reader gives up early.
    await rest.return?.();
  }
}

async function* gunzipped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const fed = pipeline(Readable.from(chunks, { objectMode: false }), gunzip);
  // The error comes out of the loop below too; this keeps it from being nobody's in between.
  fed.catch(() => undefined);
  yield* gunzip;
  await fed;
}
