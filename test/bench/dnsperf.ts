import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where dnsperf sends its questions. */
export interface Target {
  readonly name: string;
  readonly port: number;
}

/** Answers a second that `target` gives to one dnsperf of 8 clients on loopback. */
export async function measure(target: Target, queries: string, seconds: number): Promise<number> {
  const { stdout } = await run('dnsperf', [
    ...['-s', '127.0.0.1', '-p', String(target.port), '-d', queries],
    ...['-l', String(seconds), '-c', '8', '-q', '200', '-T', '1', '-t', '2'],
  ]);
  const rate = Number(/Queries per second:\s+([\d.]+)/.exec(stdout)?.[1]);
  const lost = Number(/Queries lost:\s+(\d+)/.exec(stdout)?.[1]);
  const sent = Number(/Queries sent:\s+(\d+)/.exec(stdout)?.[1]);
  if (!(rate > 0) || lost > sent / 100)
    throw new Error(`${target.name}: dnsperf lost ${lost} of ${sent}\n${stdout}`);
  return rate;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
