import { createHash } from 'node:crypto';
import * as files from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Adapter } from 'lowdb';
import type { z } from 'zod';

/** A document and its copy are both unreadable, so that nothing can be known of it; `message` names the file. */
export class SettingsUnreadable extends Error {
  readonly file: string;
  constructor(file: string, why: string, cause?: unknown) {
    super(`${file}: wanted the document or its last good copy, got neither (${why})`, { cause });
    this.name = 'SettingsUnreadable';
    this.file = file;
  }
}

/** The disk did not take a document; the one before it is still there. */
export class SettingsUnwritable extends Error {
  readonly file: string;
  constructor(file: string, cause: unknown) {
    super(`${file}: cannot be written (${(cause as Error).message})`, { cause });
    this.name = 'SettingsUnwritable';
    this.file = file;
  }
}

/** Which copy was read: `fresh` when there is none at all yet. */
export type Recovered = 'none' | 'last-good' | 'fresh';

/** A document and how often it was written. */
export interface Kept<T> {
  readonly generation: number;
  readonly document: T;
}

/** The part of node:fs/promises that a document needs. */
export type Disk = Pick<typeof files, 'open' | 'readFile' | 'rename' | 'link' | 'unlink'>;

export interface DurableAdapter<T> extends Adapter<Kept<T | undefined>> {
  recovered(): Recovered;
  /** Why the document itself was not used; undefined when it was. */
  trouble(): string | undefined;
}

const MAX_OCTETS = 1_000_000;

/**
 * A lowdb adapter that a power cut cannot surprise: after it, one whole generation is there, and never an older
 * one than the last that `write` has answered for. A file is one line of JSON with checksum and generation, then
 * the document.
 */
export function durableAdapter<T>(file: string, schema: z.ZodType<T>, disk: Disk = files): DurableAdapter<T> {
  const good = `${file}.good`;
  let recovered: Recovered = 'fresh';
  let trouble: string | undefined;
  return {
    async read() {
      const main = await load(file, schema, disk);
      if (main !== undefined && !(main instanceof Error)) {
        recovered = 'none';
        return main;
      }
      const copy = await load(good, schema, disk);
      if (copy instanceof Error || (copy === undefined && main !== undefined)) {
        throw new SettingsUnreadable(file, [main, copy].map(words).join('; '), copy ?? main);
      }
      if (copy === undefined) return null;
      recovered = 'last-good';
      trouble = `${file}: ${words(main)}; generation ${copy.generation} of ${good} is used`;
      return copy;
    },
    async write(kept) {
      const text = compose(file, kept, schema);
      try {
        await replace({ file, good, text, disk, keepGood: recovered === 'none' });
      } catch (error) {
        throw new SettingsUnwritable(file, error);
      }
      recovered = 'none';
    },
    recovered: () => recovered,
    trouble: () => trouble,
  };
}

const words = (loaded: unknown): string => (loaded instanceof Error ? loaded.message : 'it is missing');

async function load<T>(file: string, schema: z.ZodType<T>, disk: Disk): Promise<Kept<T> | Error | undefined> {
  try {
    return parse(await disk.readFile(file, 'utf8'), schema);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : (error as Error);
  }
}

function parse<T>(text: string, schema: z.ZodType<T>): Kept<T> {
  const end = text.indexOf('\n');
  const body = text.slice(end + 1);
  const header: unknown = JSON.parse(text.slice(0, Math.max(0, end)));
  const { generation, sha256 } = header as { generation?: unknown; sha256?: unknown };
  if (!Number.isSafeInteger(generation)) throw new Error('its first line names no generation');
  if (sha256 !== checksum(generation as number, body))
    throw new Error('it does not have the checksum of its first line');
  return { generation: generation as number, document: schema.parse(JSON.parse(body)) };
}

function compose<T>(
  file: string,
  { generation, document }: Kept<T | undefined>,
  schema: z.ZodType<T>,
): string {
  const body = JSON.stringify(schema.parse(document));
  const text = `${JSON.stringify({ generation, sha256: checksum(generation, body) })}\n${body}`;
  if (Buffer.byteLength(text) <= MAX_OCTETS) return text;
  throw new SettingsUnwritable(file, new Error(`wanted at most ${MAX_OCTETS} octets, got ${text.length}`));
}

interface Replacement {
  readonly file: string;
  readonly good: string;
  readonly text: string;
  readonly disk: Disk;
  /** Whether what stands in `file` is whole, and so worth keeping. */
  readonly keepGood: boolean;
}

async function replace({ file, good, text, disk, keepGood }: Replacement): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.new`);
  const handle = await disk.open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (keepGood) await keep(file, good, disk);
  await disk.rename(temporary, file);
  const folder = await disk.open(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** By hard link, so that there is no moment without either name. */
async function keep(file: string, good: string, disk: Disk): Promise<void> {
  const temporary = `${good}.new`;
  await disk.unlink(temporary).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await disk.link(file, temporary);
  await disk.rename(temporary, good);
}

/** Covers the generation too, because a repair from the record goes by it. */
function checksum(generation: number, body: string): string {
  return createHash('sha256').update(`${generation}\n${body}`).digest('hex');
}
