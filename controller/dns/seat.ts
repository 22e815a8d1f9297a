import { type MessagePort, Worker } from 'node:worker_threads';
import type { Endpoint } from '#contract/environment.ts';
import type { WatchedAnswer } from '#contract/events.ts';
import { createCounters } from './counters.ts';
import { ListenFailed } from './listening.ts';
import type { FromWorker, NewClient, ToWorker, WorkerStart } from './messages.ts';
import { createFigures } from './upstream-set.ts';

/** Milliseconds that a worker gets to close. */
const CLOSE_MS = 1000;
/** Milliseconds before a worker that died is started again: twice as long each time, until it lived for a while. */
const RESTART_MS = 50;
const MOST_RESTART_MS = 5000;
const LIVED_MS = 30_000;

/** What a worker starts with, apart from the buffers of its seat. */
export type SeatStart = Omit<WorkerStart, 'counters' | 'figures'>;

export interface SeatParts {
  readonly number: number;
  /** What is in force now: asked for at each start. */
  readonly begin: () => SeatStart;
  readonly eventPort: MessagePort;
  readonly onWatched: (answer: WatchedAnswer) => void;
  readonly onClient?: (client: NewClient) => void;
  readonly log: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
}

/** The place of one worker. Its counters and its way to the records outlive a worker that dies. */
export interface Seat {
  /** What the first worker listens on. Rejected with `ListenFailed` when it cannot. */
  readonly ready: Promise<readonly Endpoint[]>;
  readonly counters: Float64Array;
  readonly figures: SharedArrayBuffer;
  tell(message: ToWorker): void;
  close(): Promise<void>;
}

export function createSeat(parts: SeatParts): Seat {
  const counters = createCounters();
  const figures = createFigures();
  const ready = Promise.withResolvers<readonly Endpoint[]>();
  let closing = false;
  let restartMs = RESTART_MS;
  let worker: Worker;
  let restart: NodeJS.Timeout | undefined;

  const start = () => {
    const startedAt = performance.now();
    worker = new Worker(new URL('./worker.ts', import.meta.url), {
      name: `dns-${parts.number}`,
      workerData: { ...parts.begin(), counters: counters.buffer, figures } satisfies WorkerStart,
    });
    worker.on('message', (message: FromWorker) => hear(message, parts, ready));
    worker.on('error', (error) => {
      parts.log('dns: a worker failed', { worker: parts.number, error: String(error) });
      ready.reject(error);
    });
    worker.on('exit', (code) => {
      if (closing) return;
      if (performance.now() - startedAt > LIVED_MS) restartMs = RESTART_MS;
      parts.log('dns: a worker ended and is started again', { worker: parts.number, code, inMs: restartMs });
      restart = setTimeout(start, restartMs);
      restartMs = Math.min(MOST_RESTART_MS, restartMs * 2);
    });
  };
  start();

  const close = async () => {
    closing = true;
    clearTimeout(restart);
    const ended = new Promise<void>((done) => worker.once('exit', () => done()));
    worker.postMessage({ kind: 'close' } satisfies ToWorker);
    const late = setTimeout(() => void worker.terminate(), CLOSE_MS);
    if (worker.threadId !== -1) await ended;
    clearTimeout(late);
  };

  return {
    ready: ready.promise,
    counters,
    figures,
    tell: (message) => worker.postMessage(message),
    close,
  };
}

function hear(message: FromWorker, parts: SeatParts, ready: PromiseWithResolvers<readonly Endpoint[]>): void {
  switch (message.kind) {
    case 'ready':
      ready.resolve(message.endpoints);
      return;
    case 'unable':
      ready.reject(new ListenFailed(message.protocol, message.endpoint, message.code));
      return;
    case 'watched':
      parts.onWatched(message.answer);
      return;
    case 'events':
      parts.eventPort.postMessage(message.batch);
      return;
    case 'clients':
      for (const client of message.clients) parts.onClient?.(client);
      return;
    case 'log':
      parts.log(message.message, { worker: parts.number, ...message.fields });
  }
}
