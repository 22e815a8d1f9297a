import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** One answer as dig reads it. */
export interface Dug {
  readonly rcode: string;
  readonly flags: readonly string[];
  /** EDNS version, flags and size; undefined without an OPT record. */
  readonly edns: string | undefined;
  readonly question: string;
  /** Records of each section as dig writes them, sorted, without their TTL. */
  readonly answer: readonly string[];
  readonly authority: readonly string[];
  readonly additional: readonly string[];
  /** By record in lower case, its section in front of it. */
  readonly ttls: ReadonlyMap<string, number>;
}

/** Asks all `questions` (such as `www.example.org MX +dnssec`), one after the other, in one run of Debian's dig. */
export async function digAll(port: number, questions: readonly string[], ...options: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-dig-'));
  const file = join(folder, 'questions');
  // From another address: dig shares ports, and now and then would take the server's and hear its own question.
  const way = `@127.0.0.1 -p ${port} -b 127.0.0.2`;
  const each = ['+ignore', '+nocookie', '+tries=1', '+time=5', '+nostats', '+nocmd', ...options].join(' ');
  writeFileSync(file, questions.map((question) => `${way} ${each} ${question}\n`).join(''));
  try {
    const { stdout } = await promisify(execFile)('dig', ['-f', file], { maxBuffer: 64 << 20 });
    const answers = stdout.split(/^(?=;; ->>HEADER<<-|;; communications error|;; no servers)/m).slice(1);
    if (answers.length !== questions.length) throw new Error(`dig got no answer to some:\n${stdout}`);
    return answers.map(readDug);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readDug(text: string): Dug {
  const ttls = new Map<string, number>();
  const section = (title: string) => {
    const lines = new RegExp(`^;; ${title} SECTION:\\n((?:.+\\n)*)`, 'm').exec(text)?.[1] ?? '';
    const records = lines.split('\n').filter((line) => line !== '');
    return records.map((line) => withoutTtl(line, title, ttls)).sort();
  };
  return {
    rcode: /status: (\w+)/.exec(text)?.[1] ?? text,
    flags: /^;; flags: ([a-z ]*);/m.exec(text)?.[1]?.split(' ').sort() ?? [],
    edns: /^; (EDNS: .*)$/m.exec(text)?.[1],
    question: /^;; QUESTION SECTION:\n(.*)$/m.exec(text)?.[1] ?? '',
    answer: section('ANSWER'),
    authority: section('AUTHORITY'),
    additional: section('ADDITIONAL'),
    ttls,
  };
}

function withoutTtl(line: string, title: string, ttls: Map<string, number>): string {
  const [, owner, ttl, rest] = /^(\S+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
  if (owner === undefined) throw new Error(`no record as dig writes one: ${line}`);
  ttls.set(`${title} ${owner} ${rest}`.toLowerCase(), Number(ttl));
  return `${owner} ${rest}`;
}
