import { mkdirSync } from 'node:fs';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Alert } from '#contract/incidents.ts';
import type { LedgerHead, NewEntry, SealedEntry } from '#contract/ledger.ts';
import type { GroupingMark } from './alerts.ts';
import type { Calls, FromThread, ThreadOptions } from './calls.ts';
import { EntryRefused, type EventTrouble, RecordsUnavailable, receiveError } from './trouble.ts';

type Asked<K extends keyof Calls> = (...args: Parameters<Calls[K]>) => Promise<ReturnType<Calls[K]>>;

/** What happened, on disk. Every promise may be rejected with `RecordsUnavailable`; then nothing was written. */
export interface Records
  extends Readonly<{
    [K in Exclude<keyof Calls, 'append' | 'alerts' | 'saveAlerts'>]: Asked<K>;
  }> {
  /** This box's name, `gh-` and 8 hex digits. */
  readonly box: string;
  /** Base64 of the box's Ed25519 public key in DER (SPKI). */
  readonly publicKey: string;
  /**
   * Adds entries to the chain, all or none; on disk when it answers, whatever happens to the power after.
   * @throws EntryRefused
   */
  append(entries: readonly NewEntry[]): Promise<readonly SealedEntry[]>;
  /** The newest entry that `append` has answered for. */
  head(): LedgerHead;
  alerts(state?: Alert['state'], limit?: number): Promise<readonly Alert[]>;
  openAlerts(): Promise<readonly Alert[]>;
  saveAlerts(alerts: readonly Alert[], mark?: GroupingMark): Promise<void>;
  /** A port for one DNS worker, to be transferred to it; it posts `EventBatch` there and waits for nothing. */
  eventPort(): MessagePort;
  /** Writes what waits and lets go of the data folder. */
  close(): Promise<void>;
}

export interface RecordsOptions {
  readonly folder: string;
  /** The software's version, for the genesis entry. */
  readonly version: string;
  /** The machine's clock, milliseconds since 1970. It may step back: the order is the sequence's, not the clock's. */
  readonly now: () => number;
  /** Where days begin and end, such as Europe/London. */
  readonly timeZone: string;
  readonly onEventTrouble: (trouble: EventTrouble) => void;
  /** The thread ended by itself, which it never should: nothing can be recorded any more. */
  readonly onEnded: (error: Error) => void;
  readonly flushMs?: number;
  readonly room?: number;
  readonly busyMs?: number;
}

const MAX_WAITING = 10_000;

/**
 * Opens the records of a data folder in a thread of their own, making folder, box key and genesis entry at the
 * first start.
 * @throws RecordsInUse, RecordsUnavailable
 */
export async function openRecords(options: RecordsOptions): Promise<Records> {
  makeFolder(options.folder);
  const { now } = options;
  const workerData: ThreadOptions = {
    folder: options.folder,
    version: options.version,
    atMs: now(),
    timeZone: options.timeZone,
    flushMs: options.flushMs ?? 1000,
    room: options.room ?? 20_000,
    busyMs: options.busyMs ?? 5000,
  };
  const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData });
  const { ready, ask } = await connect(worker, options);
  let newest = ready.head;
  let closed: Promise<void> | undefined;
  return {
    box: ready.box,
    publicKey: ready.publicKey,
    head: () => newest,
    async append(entries) {
      const sealed = await ask('append', entries, now());
      const last = sealed.at(-1);
      if (last && last.seq > newest.seq) {
        newest = { seq: last.seq, hash: last.hash, signature: last.signature, at: last.at };
      }
      return sealed;
    },
    entries: (query) => ask('entries', query),
    blockEvents: (query) => ask('blockEvents', query),
    takeUngrouped: (limit) => ask('takeUngrouped', limit),
    purgeBlockEvents: (purge) => ask('purgeBlockEvents', purge),
    deviceDays: (query) => ask('deviceDays', query),
    eventTotals: () => ask('eventTotals'),
    alerts: (state, limit) => ask('alerts', state, limit),
    openAlerts: () => ask('alerts', 'open', undefined),
    alert: (id) => ask('alert', id),
    saveAlerts: (alerts, mark) => ask('saveAlerts', alerts, mark),
    grouping: () => ask('grouping'),
    sessions: () => ask('sessions'),
    saveSession: (session) => ask('saveSession', session),
    deleteSession: (tokenHash) => ask('deleteSession', tokenHash),
    eventPort: () => openEventPort(worker),
    close() {
      closed ??= closeThread(worker, ask);
      return closed;
    },
  };
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const why = (error as Error).message;
    throw new RecordsUnavailable(`${folder}: wanted a data folder (${why})`, 'unreachable', error);
  }
}

function openEventPort(worker: Worker): MessagePort {
  const { port1, port2 } = new MessageChannel();
  worker.postMessage({ eventPort: port2 }, [port2]);
  return port1;
}

async function closeThread(worker: Worker, ask: Ask): Promise<void> {
  if (worker.threadId < 0) return;
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  await ask('close');
  await ended;
}

type Ask = <K extends keyof Calls>(call: K, ...args: Parameters<Calls[K]>) => Promise<ReturnType<Calls[K]>>;
type Ready = Extract<FromThread, { ready: unknown }>['ready'];
interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

function connect(worker: Worker, options: RecordsOptions): Promise<{ ready: Ready; ask: Ask }> {
  const questions = openQuestions(worker);
  return new Promise((resolve, reject) => {
    let started = false;
    const end = (cause?: unknown) => {
      const error = questions.end(cause);
      reject(error);
      if (started && error.reason !== 'closed') options.onEnded(error);
      started = false;
    };
    worker.on('message', (message: FromThread) => {
      if ('ready' in message) {
        started = true;
        resolve({ ready: message.ready, ask: questions.ask });
      } else if ('failed' in message) reject(receiveError(message.failed));
      else if ('trouble' in message) options.onEventTrouble(message.trouble);
      else questions.settle(message);
    });
    worker.on('error', end);
    worker.on('exit', () => end());
  });
}

/** Questions to the thread that wait for their answers. */
function openQuestions(worker: Worker) {
  const waiting = new Map<number, Waiting>();
  let calls = 0;
  let refusal: RecordsUnavailable | undefined;

  const ask = (call: keyof Calls, ...args: readonly unknown[]): Promise<unknown> => {
    if (refusal) return Promise.reject(refusal);
    if (waiting.size >= MAX_WAITING) {
      return Promise.reject(new RecordsUnavailable(`${MAX_WAITING} questions wait for the disk`, 'busy'));
    }
    if (call === 'close') refusal = new RecordsUnavailable('the records are closed', 'closed');
    calls += 1;
    const id = calls;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      try {
        worker.postMessage({ id, call, args });
      } catch (error) {
        waiting.delete(id);
        reject(new EntryRefused(`${call}: wanted JSON values (${(error as Error).message})`, error));
      }
    });
  };
  return {
    ask: ask as Ask,
    settle(message: Extract<FromThread, { id: number }>): void {
      const caller = waiting.get(message.id);
      waiting.delete(message.id);
      if ('error' in message) caller?.reject(receiveError(message.error));
      else caller?.resolve(message.value);
    },
    /** No answer comes any more. */
    end(cause: unknown): RecordsUnavailable {
      const why = cause instanceof Error ? cause.message : 'without a word';
      refusal ??= new RecordsUnavailable(`the records thread ended: ${why}`, 'other', cause);
      for (const { reject } of waiting.values()) reject(refusal);
      waiting.clear();
      return refusal;
    },
  };
}
