import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { EventBatch } from '#contract/events.ts';
import { readAlert, readAlerts, readGrouping, saveAlerts } from './alerts.ts';
import type { Calls, FromThread, ThreadOptions, ToThread } from './calls.ts';
import { type Db, lockFolder } from './db.ts';
import { dayTeller, purgeEvents, readDeviceDays, readEvents, readUngrouped, writeEvents } from './events.ts';
import { type Intake, openIntake } from './intake.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { openLog } from './log.ts';
import { readSessions, removeSession, writeSession } from './sessions.ts';
import { postError } from './trouble.ts';

interface Stores {
  readonly ledger: Ledger;
  readonly log: Db;
  readonly intake: Intake;
  readonly ports: Set<MessagePort>;
  readonly dayOf: (ms: number) => string;
  readonly release: () => void;
}

const post = (message: FromThread): void => parentPort?.postMessage(message);

async function openStores(options: ThreadOptions): Promise<Stores> {
  const lock = lockFolder(options.folder);
  let ledger: Ledger | undefined;
  try {
    ledger = await openLedger(options.folder, options.version, options.atMs);
    const log = await openLog(options.folder, options.busyMs);
    const dayOf = dayTeller(options.timeZone);
    const intake = openIntake({
      write: (events) => writeEvents(log, events, dayOf),
      onTrouble: (trouble) => post({ trouble }),
      later: (work, ms) => setTimeout(work, ms).unref(),
      flushMs: options.flushMs,
      room: options.room,
    });
    return { ledger, log, intake, ports: new Set(), dayOf, release: lock.release };
  } catch (error) {
    ledger?.close();
    lock.release();
    throw error;
  }
}

/** What was posted before a question is part of its answer, even when this thread has not come round to it yet. */
function takeIn({ intake, ports }: Stores): void {
  for (const port of ports) {
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
      intake.add(next.message as EventBatch);
    }
  }
  intake.flush();
}

function answersOf(stores: Stores): Calls {
  const { ledger, log, intake, dayOf } = stores;
  return {
    append: (entries, atMs) => ledger.append(entries, atMs),
    entries: (query) => ledger.entries(query),
    blockEvents(query) {
      takeIn(stores);
      return readEvents(log, query);
    },
    takeUngrouped(limit) {
      takeIn(stores);
      return readUngrouped(log, limit);
    },
    purgeBlockEvents: (purge) => purgeEvents(log, purge, dayOf),
    deviceDays({ sinceMs }) {
      takeIn(stores);
      return readDeviceDays(log, sinceMs, dayOf);
    },
    eventTotals: () => intake.totals(),
    alerts: (state, limit) => readAlerts(log, state, limit),
    alert: (id) => readAlert(log, id),
    saveAlerts: (alerts, mark) => saveAlerts(log, alerts, mark),
    grouping: () => readGrouping(log),
    sessions: () => readSessions(log),
    saveSession: (session) => writeSession(log, session),
    deleteSession: (tokenHash) => removeSession(log, tokenHash),
    close: () => closeStores(stores),
  };
}

function closeStores(stores: Stores): void {
  takeIn(stores);
  for (const port of stores.ports) port.close();
  stores.ledger.close();
  stores.log.close();
  stores.release();
}

function listen(stores: Stores): void {
  const answers = answersOf(stores);
  parentPort?.on('message', (message: ToThread) => {
    if ('eventPort' in message) {
      receiveEvents(stores, message.eventPort);
      return;
    }
    const { id, call, args } = message;
    try {
      const answer = answers[call] as (...given: readonly unknown[]) => unknown;
      post({ id, value: answer(...args) });
    } catch (error) {
      post({ id, error: postError(error) });
    }
    if (call === 'close') parentPort?.close();
  });
  const { box, publicKey } = stores.ledger.identity;
  post({ ready: { box, publicKey, head: stores.ledger.head() } });
}

function receiveEvents(stores: Stores, port: MessagePort): void {
  stores.ports.add(port);
  port.on('message', (batch: EventBatch) => stores.intake.add(batch));
  port.on('close', () => stores.ports.delete(port));
}

try {
  listen(await openStores(workerData as ThreadOptions));
} catch (error) {
  post({ failed: postError(error) });
}
