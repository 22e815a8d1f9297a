import { Low } from 'lowdb';
import type { z } from 'zod';
import { type Disk, durableAdapter, type Kept, type Recovered } from './durable.ts';

/** One JSON document on disk with a schema. What `write` has answered for survives a power cut. */
export interface StoredDocument<T> {
  /** Undefined when it was never written. */
  current(): T | undefined;
  /** 0 when it was never written. */
  generation(): number;
  recovered(): Recovered;
  /** Why a last good copy is used in its place; undefined when it is not. */
  trouble(): string | undefined;
  /**
   * Replaces the document, as the next generation unless another is given. Writes are done in the order asked.
   * @throws SettingsUnwritable, and then the document before it still stands.
   */
  write(document: T, generation?: number): Promise<void>;
}

/**
 * Opens the document in `file`; its folder must exist.
 * @throws SettingsUnreadable
 */
export async function openDocument<T>(
  file: string,
  schema: z.ZodType<T>,
  disk?: Disk,
): Promise<StoredDocument<T>> {
  const adapter = durableAdapter(file, schema, disk);
  const low = new Low<Kept<T | undefined>>(adapter, { generation: 0, document: undefined });
  await low.read();
  let last: Promise<unknown> = Promise.resolve();

  const writeNow = async (kept: Kept<T>) => {
    const before = low.data;
    low.data = kept;
    try {
      await low.write();
    } catch (error) {
      low.data = before;
      throw error;
    }
  };
  return {
    current: () => low.data.document,
    generation: () => low.data.generation,
    recovered: adapter.recovered,
    trouble: adapter.trouble,
    write(document, generation) {
      const copy = structuredClone(document);
      const writing = last.then(() =>
        writeNow({ generation: generation ?? low.data.generation + 1, document: copy }),
      );
      last = writing.catch(() => undefined);
      return writing;
    },
  };
}
