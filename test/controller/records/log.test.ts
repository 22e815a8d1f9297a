import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { type Db, openDb } from '#records/db.ts';
import { aBlock, aFolder, anAlert, NOON, open } from './opened.ts';

const DAY = 86_400_000;
const always = { sinceMs: 0, untilMs: NOON * 2, limit: 1000 };

const openLog = (folder: string): Promise<Db> =>
  openDb({ path: join(folder, 'log.db'), synchronous: 'NORMAL', migrations: ['-'] });

test('events posted by another thread are found, newest first', async () => {
  using folder = aFolder();
  await using records = await open(folder.path);
  const port = records.eventPort();
  const workerData = { port, events: [aBlock(), aBlock({ name: 'b.example.org', lastAt: NOON + 900 })] };
  const sender = new Worker(
    `const { workerData } = require('node:worker_threads');
     workerData.port.postMessage({ events: workerData.events, lost: 2 });
     workerData.port.close();`,
    { eval: true, workerData, transferList: [port] },
  );
  await new Promise((resolve) => sender.once('exit', resolve));
  const events = await records.blockEvents(always);
  expect(events.map((event) => event.name)).toEqual(['b.example.org', 'casino.example.org']);
  expect(events[1]).toEqual(aBlock());
  expect(await records.eventTotals()).toEqual({ written: 2, lost: 2 });
});

test('an event without a category comes back without one', async () => {
  using folder = aFolder();
  await using records = await open(folder.path);
  records.eventPort().postMessage({ events: [aBlock({ category: undefined, tier: 'own-block' })], lost: 0 });
  expect(await records.blockEvents(always)).toEqual([aBlock({ category: undefined, tier: 'own-block' })]);
});

test('events are asked for by time and at most as many as wanted', async () => {
  using folder = aFolder();
  await using records = await open(folder.path);
  const at = (ms: number) => aBlock({ firstAt: ms, lastAt: ms });
  records.eventPort().postMessage({ events: [1, 2, 3, 4, 5].map((n) => at(NOON + n)), lost: 0 });
  const times = async (sinceMs: number, untilMs: number, limit: number) =>
    (await records.blockEvents({ sinceMs, untilMs, limit })).map((event) => event.lastAt - NOON);
  expect(await times(NOON + 2, NOON + 4, 10)).toEqual([4, 3, 2]);
  expect(await times(0, NOON * 2, 2)).toEqual([5, 4]);
});

test('events are written without being asked for, and what waits is written at closing', async () => {
  using folder = aFolder();
  const first = await open(folder.path);
  const port = first.eventPort();
  port.postMessage({ events: [aBlock()], lost: 0 });
  for (let n = 0; n < 200 && (await first.eventTotals()).written === 0; n += 1) await pause(10);
  expect((await first.eventTotals()).written).toBe(1);
  await first.close();
  const second = await open(folder.path, { flushMs: 60_000 });
  second.eventPort().postMessage({ events: [aBlock({ name: 'late.example.org' })], lost: 0 });
  await second.close();
  await using third = await open(folder.path);
  expect((await third.blockEvents(always)).map((event) => event.name).toSorted()).toEqual([
    'casino.example.org',
    'late.example.org',
  ]);
});

test('every event is grouped exactly once, over restarts and purges', async () => {
  using folder = aFolder();
  const first = await open(folder.path);
  const events = Array.from({ length: 5 }, (_, n) => aBlock({ count: n + 1 }));
  first.eventPort().postMessage({ events, lost: 0 });
  const taken = await first.takeUngrouped(3);
  expect(taken.events.map((event) => event.count)).toEqual([1, 2, 3]);
  expect((await first.takeUngrouped(3)).watermark).toBe(taken.watermark);
  await first.saveAlerts([anAlert()], { watermark: taken.watermark, grouping: { pending: [1] } });
  await first.close();
  const second = await open(folder.path);
  const rest = await second.takeUngrouped(10);
  expect(rest.events.map((event) => event.count)).toEqual([4, 5]);
  await second.saveAlerts([], { watermark: rest.watermark });
  await second.saveAlerts([], { watermark: taken.watermark });
  expect(await second.purgeBlockEvents({ beforeMs: NOON + DAY, limit: 100 })).toBe(5);
  await second.close();
  await using third = await open(folder.path);
  expect((await third.takeUngrouped(10)).events).toEqual([]);
  third.eventPort().postMessage({ events: [aBlock({ count: 6 })], lost: 0 });
  expect((await third.takeUngrouped(10)).events.map((event) => event.count)).toEqual([6]);
});

test('alerts and watermark are saved together or not at all', async () => {
  using folder = aFolder();
  await using records = await open(folder.path);
  records.eventPort().postMessage({ events: [aBlock()], lost: 0 });
  const { watermark } = await records.takeUngrouped(10);
  const broken = anAlert({ id: 'a-2', attempts: 'many' as unknown as number });
  await expect(records.saveAlerts([anAlert(), broken], { watermark })).rejects.toThrow('log.db');
  expect(await records.alerts()).toEqual([]);
  expect((await records.takeUngrouped(10)).events.length).toBe(1);
});

test('alerts are kept by id and found by state, newest first', async () => {
  using folder = aFolder();
  await using records = await open(folder.path);
  const older = anAlert({ id: 'a-0', lastAt: new Date(NOON - 1000).toISOString() });
  await records.saveAlerts([older, anAlert()]);
  await records.saveAlerts([anAlert({ attempts: 9, names: ['a.example.org', 'b.example.org'] })]);
  expect((await records.alerts()).map((alert) => alert.id)).toEqual(['a-1', 'a-0']);
  expect(await records.alert('a-1')).toEqual(
    anAlert({ attempts: 9, names: ['a.example.org', 'b.example.org'] }),
  );
  expect(await records.alert('nobody')).toBeUndefined();
  expect(await records.alerts('incident')).toEqual([]);
  expect((await records.openAlerts()).length).toBe(2);
  expect((await records.alerts(undefined, 1)).length).toBe(1);
});

test('a decided alert is not opened again by a late grouping', async () => {
  using folder = aFolder();
  await using records = await open(folder.path);
  await records.saveAlerts([anAlert()]);
  await records.saveAlerts([anAlert({ state: 'false-positive' })]);
  await records.saveAlerts([anAlert({ attempts: 20 })]);
  expect(await records.alert('a-1')).toMatchObject({ state: 'false-positive', attempts: 20 });
});

test('devices are counted once a local day, also after their events were purged', async () => {
  using folder = aFolder();
  await using records = await open(folder.path);
  const summer = Date.UTC(2026, 5, 10, 23, 30);
  const at = (device: string, ms: number) => aBlock({ device, firstAt: ms, lastAt: ms });
  const events = [
    at('192.0.2.1', summer - DAY),
    at('192.0.2.1', summer),
    at('192.0.2.1', summer + 1),
    at('192.0.2.2', summer),
    at('192.0.2.3', summer - 3_600_000),
  ];
  records.eventPort().postMessage({ events, lost: 0 });
  const days = [
    { day: '2026-06-10', devices: 2 },
    { day: '2026-06-11', devices: 2 },
  ];
  expect(await records.deviceDays({ sinceMs: summer - DAY })).toEqual(days);
  expect(await records.deviceDays({ sinceMs: summer })).toEqual(days.slice(1));
  await records.purgeBlockEvents({ beforeMs: summer + 10 * DAY, limit: 100 });
  expect(await records.blockEvents(always)).toEqual([]);
  expect(await records.deviceDays({ sinceMs: summer - DAY })).toEqual(days);
});

test('purged days keep counts and no devices', async () => {
  using folder = aFolder();
  const records = await open(folder.path);
  records.eventPort().postMessage({ events: [aBlock()], lost: 0 });
  await records.deviceDays({ sinceMs: 0 });
  await records.purgeBlockEvents({ beforeMs: NOON + 2 * DAY, limit: 100 });
  await records.close();
  const db = await openLog(folder.path);
  expect(db.all('select * from device_day')).toEqual([]);
  db.close();
});

test('a purge takes no more than it may at once and only what is old enough', async () => {
  using folder = aFolder();
  await using records = await open(folder.path);
  const old = Array.from({ length: 7 }, () => aBlock({ firstAt: NOON - 40 * DAY, lastAt: NOON - 40 * DAY }));
  records.eventPort().postMessage({ events: [...old, aBlock()], lost: 0 });
  await records.blockEvents(always);
  const purge = { beforeMs: NOON - 30 * DAY, limit: 5 };
  expect(await records.purgeBlockEvents(purge)).toBe(5);
  expect(await records.purgeBlockEvents(purge)).toBe(2);
  expect(await records.blockEvents(always)).toEqual([aBlock()]);
});

test('sessions are kept until deleted, by the hash of their token', async () => {
  using folder = aFolder();
  const session = { tokenHash: 'a'.repeat(64), person: 'p-1', openedAt: NOON, seenAt: NOON };
  const first = await open(folder.path);
  await first.saveSession(session);
  await first.saveSession({ ...session, tokenHash: 'b'.repeat(64) });
  await first.saveSession({ ...session, seenAt: NOON + 60_000 });
  await first.deleteSession('b'.repeat(64));
  await first.close();
  await using second = await open(folder.path);
  expect(await second.sessions()).toEqual([{ ...session, seenAt: NOON + 60_000 }]);
});

test('while another holds the log, events wait; the trouble is told once, and they are written later', async () => {
  using folder = aFolder();
  await using records = await open(folder.path, { busyMs: 1, room: 3 });
  const port = records.eventPort();
  const holder = await openLog(folder.path);
  holder.get('begin immediate');
  port.postMessage({ events: [aBlock(), aBlock()], lost: 0 });
  await records.blockEvents(always);
  port.postMessage({ events: [aBlock(), aBlock({ count: 4 }), aBlock()], lost: 0 });
  expect(await records.blockEvents(always)).toEqual([]);
  expect(records.troubles).toEqual([
    { state: 'failing', reason: expect.stringContaining('log.db'), lost: 0 },
  ]);
  expect((await records.eventTotals()).lost).toBe(5);
  await records.append([{ kind: 'button.pressed', by: 'box', body: {} }]);
  holder.get('rollback');
  holder.close();
  expect((await records.blockEvents(always)).length).toBe(3);
  expect(records.troubles.at(-1)).toMatchObject({ state: 'recovered', lost: 5 });
  expect(await records.eventTotals()).toEqual({ written: 3, lost: 5 });
});

test('events that no log can hold are counted as lost and do not stop the next ones', async () => {
  using folder = aFolder();
  await using records = await open(folder.path);
  const port = records.eventPort();
  port.postMessage({ events: [aBlock({ name: null as unknown as string, count: 3 })], lost: 0 });
  expect(await records.blockEvents(always)).toEqual([]);
  port.postMessage({ events: [aBlock({ firstAt: Number.NaN }), null], lost: 0 });
  expect(await records.blockEvents(always)).toEqual([]);
  for (const noBatch of [undefined, { events: 7, lost: 0 }]) port.postMessage(noBatch);
  port.postMessage({ events: [aBlock()], lost: 0 });
  expect(await records.blockEvents(always)).toEqual([aBlock()]);
  expect(await records.eventTotals()).toEqual({ written: 1, lost: 7 });
  expect(records.troubles.map((trouble) => trouble.state)).toEqual(['failing', 'recovered']);
});
