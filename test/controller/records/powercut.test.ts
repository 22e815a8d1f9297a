import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { verifyLedger } from '#records/verify.ts';
import { aFolder, NOON, open } from './opened.ts';

interface Writer {
  readonly child: ChildProcess;
  readonly lines: string[];
  /** Answers the first line after this moment for which `wanted` holds. */
  until(wanted: (line: string) => boolean): Promise<string>;
}

function startWriter(folder: string): Writer {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'writer.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  reader.on('line', (line) => lines.push(line));
  return {
    child,
    lines,
    until: (wanted) =>
      new Promise((resolve, reject) => {
        reader.on('line', (line) => wanted(line) && resolve(line));
        reader.on('close', () => reject(new Error(`the writer ended after ${lines.length} lines`)));
      }),
  };
}

async function kill(writer: Writer): Promise<void> {
  writer.child.kill('SIGKILL');
  await once(writer.child, 'close');
}

const isAppend = (line: string): boolean => /^\d+ [0-9a-f]{64}$/.test(line);

test('whenever the process is killed, every acknowledged entry is there and the chain holds', async () => {
  using folder = aFolder();
  for (const enough of [1, 7, 30]) {
    const writer = startWriter(folder.path);
    await writer.until(() => writer.lines.length >= enough);
    await kill(writer);
    const [seq, hash] = writer.lines.findLast(isAppend)?.split(' ') ?? [];
    expect(verifyLedger(folder.path, { seq: Number(seq), hash: hash ?? '' })).toMatchObject({ ok: true });
    await using records = await open(folder.path);
    expect(records.head().seq).toBeGreaterThanOrEqual(Number(seq));
    expect((await records.entries({ limit: 1, beforeSeq: Number(seq) + 1 }))[0]?.hash).toBe(hash);
  }
}, 60_000);

test('a folder in use by another process is refused by name, and free once that process is killed', async () => {
  using folder = aFolder();
  const writer = startWriter(folder.path);
  await writer.until(isAppend);
  await expect(open(folder.path)).rejects.toMatchObject({ name: 'RecordsInUse' });
  await kill(writer);
  await using records = await open(folder.path);
  expect(records.head().seq).toBeGreaterThan(2);
});

test('a disk that takes no more is said by name, loses nothing, and is written to again when it can be', async () => {
  using folder = aFolder();
  const writer = startWriter(folder.path);
  await writer.until(isAppend);
  const limit = (octets: string) =>
    execFileSync('prlimit', ['--pid', String(writer.child.pid), `--fsize=${octets}:unlimited`]);
  limit('300000');
  const refused = await writer.until((line) => line.startsWith('refused'));
  expect(refused).toMatch(/^refused (unreachable|disk-full) .*ledger\.db: /);
  limit('4096');
  if (!writer.lines.includes('events failing')) await writer.until((line) => line === 'events failing');
  await writer.until((line) => line.startsWith('refused'));
  const acknowledged = writer.lines.findLast(isAppend)?.split(' ')[0];
  limit('unlimited');
  const next = await writer.until(isAppend);
  expect(Number(next.split(' ')[0])).toBe(Number(acknowledged) + 2);
  if (!writer.lines.includes('events recovered')) await writer.until((line) => line === 'events recovered');
  await kill(writer);
  expect(verifyLedger(folder.path)).toMatchObject({ ok: true });
  await using records = await open(folder.path);
  expect((await records.blockEvents({ sinceMs: NOON / 2, untilMs: NOON * 2, limit: 1 })).length).toBe(1);
}, 60_000);
