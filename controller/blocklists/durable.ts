import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The name of the file a write goes to until it is whole. */
export function partOf(path: string): string {
  return `${path}.part`;
}

/** Writes `parts` one after the other to the part file of `path` and waits until the disk has them. */
export async function writePart(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const part = partOf(path);
  try {
    await using file = await open(part, 'w');
    for (const octets of parts) await file.writeFile(octets);
    await file.sync();
  } catch (cause) {
    // Nothing half-written stays behind; the reader of this room's folder never looks at a part anyway.
    await rm(part, { force: true }).catch(() => undefined);
    throw cause;
  }
}

/** Puts the part file of `path` in its place; durable once the folder is synced too. */
export async function putInPlace(path: string): Promise<void> {
  await rename(partOf(path), path);
  await syncFolder(dirname(path));
}

/** Replaces `path` whole: after a power cut there is the old file or the new one. */
export async function writeDurably(path: string, parts: readonly Uint8Array[]): Promise<void> {
  await writePart(path, parts);
  await putInPlace(path);
}

export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await syncFolder(dirname(path));
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}
