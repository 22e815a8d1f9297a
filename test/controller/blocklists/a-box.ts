import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Blocklists, openBlocklists } from '#blocklists/blocklists.ts';
import type { ListReport } from '#blocklists/refresher.ts';
import type { Clock } from '#blocklists/timetable.ts';
import type { Category } from '#contract/categories.ts';
import type { ListSetting } from '#contract/settings.ts';
import { createMatch, matchName } from '#filter/match.ts';
import { viewOf } from '#filter/name-view.ts';
import { emptyTable, openTable } from '#filter/table.ts';

/** A clock whose timers run when the test says so. */
export interface VirtualClock extends Clock {
  /** Moves on, and runs what is due on the way. */
  advance(ms: number): void;
  /** Milliseconds until each timer that waits for most of a minute or more, the nearest first. */
  waiting(): number[];
}

function virtualClock(startMs = Date.UTC(2026, 0, 5, 9)): VirtualClock {
  let nowMs = startMs;
  const timers = new Set<{ readonly dueMs: number; readonly run: () => void }>();
  const earliest = (untilMs: number) =>
    [...timers].filter(({ dueMs }) => dueMs <= untilMs).sort((x, y) => x.dueMs - y.dueMs)[0];
  return {
    nowMs: () => nowMs,
    after: (ms, run) => {
      const timer = { dueMs: nowMs + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: (ms) => {
      const untilMs = nowMs + ms;
      for (let timer = earliest(untilMs); timer; timer = earliest(untilMs)) {
        timers.delete(timer);
        nowMs = timer.dueMs;
        timer.run();
      }
      nowMs = untilMs;
    },
    waiting: () =>
      [...timers]
        .map(({ dueMs }) => dueMs - nowMs)
        .filter((ms) => ms > 45_000)
        .sort((x, y) => x - y),
  };
}

/** A box with a folder of its own; `open` is a start of the program, `crash` its end without a word. */
export function aBox() {
  const root = mkdtempSync(join(tmpdir(), 'gatehouse-lists-'));
  const folder = join(root, 'data');
  const baseFolder = join(root, 'sources');
  mkdirSync(folder);
  mkdirSync(baseFolder);
  const clock = virtualClock();
  const reports: ListReport[] = [];
  const logged: string[] = [];
  const indexes: SharedArrayBuffer[] = [];
  const opened: Blocklists[] = [];
  let random = 0;
  return {
    root,
    folder,
    clock,
    reports,
    logged,
    indexes,
    setRandom: (value: number) => {
      random = value;
    },
    source: (name: string, content: string | Uint8Array) => writeFileSync(join(baseFolder, name), content),
    open: (fetchFrom: typeof fetch = noNetwork): Blocklists => {
      const blocklists = openBlocklists({
        folder,
        baseFolder,
        starterFolder: baseFolder,
        clock,
        fetch: fetchFrom,
        random: () => random,
        log: { info: (text) => logged.push(text), warn: (text) => logged.push(text) },
        onIndex: (buffer) => indexes.push(buffer),
        onReport: (report) => reports.push(report),
      });
      opened.push(blocklists);
      return blocklists;
    },
    [Symbol.asyncDispose]: async () => {
      for (const blocklists of opened) await blocklists.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const noNetwork: typeof fetch = () =>
  Promise.reject(
    new TypeError('fetch failed', {
      cause: Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }),
    }),
  );

export function aList(id: string, category: Category, rest: Partial<ListSetting> = {}): ListSetting {
  return { id, name: `The ${id} list`, category, source: `file:${id}.txt`, format: 'domains', ...rest };
}

/** Mask of the categories that an index blocks `name` in. */
export function categoriesOf(buffer: SharedArrayBuffer, name: string): number {
  const match = createMatch();
  matchName(openTable(buffer), openTable(emptyTable()), viewOf(name), match);
  return match.categories;
}

export function namesIn(buffer: SharedArrayBuffer): number {
  return openTable(buffer).names;
}

/** `count` ordinary names that all differ. */
export function manyNames(count: number, from = 0): string {
  return Array.from({ length: count }, (_, i) => `site-${from + i}.example-${(from + i) % 97}.test`).join(
    '\n',
  );
}

/** A web server on loopback that stands for `https://lists.example.test`. */
export async function listServer(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const asked: string[] = [];
  // Only the scheme and the host change on the way: nobody signs certificates for names that do not exist.
  const fetchFrom: typeof fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    asked.push(url.href);
    return fetch(`http://127.0.0.1:${port}${url.pathname}${url.search}`, init);
  };
  return {
    asked,
    fetch: fetchFrom,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
