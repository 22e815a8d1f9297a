import { mkdtempDisposableSync } from 'node:fs';
import * as files from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disk } from '#settings/durable.ts';

/** An empty folder that goes away with its block. */
export const aFolder = () => mkdtempDisposableSync(join(tmpdir(), 'gatehouse-settings-'));

/** The real disk until `allowed` operations were done; then it is full and every one fails. */
export function diskThatFillsUp(allowed: number): Disk & { operations(): number } {
  let done = 0;
  const counted = <A extends unknown[], R>(work: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      if (done >= allowed) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
      done += 1;
      return work(...args);
    };
  };
  const open = counted(async (...args: Parameters<typeof files.open>) => {
    const handle = await files.open(...args);
    handle.writeFile = counted(handle.writeFile.bind(handle));
    handle.sync = counted(handle.sync.bind(handle));
    return handle;
  });
  return {
    open,
    readFile: files.readFile,
    rename: counted(files.rename),
    link: counted(files.link),
    unlink: counted(files.unlink),
    operations: () => done,
  };
}
