import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MqttClient } from 'mqtt';
import mqtt from 'mqtt';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LAMPS, type LampShow } from '#contract/lamps.ts';
import { HOST_SILENT } from '#paneld/wanted-lamps.ts';
import { BUTTON_PIN, LED_PINS } from '#paneld/wiring.ts';
import { BOX, openTestBus, PREFIX, type TestBus, TOKEN } from '#support/bus.ts';
import { hasPty, serialCable } from '#support/firmata-board.ts';

const MAIN = join(import.meta.dirname, '../../../firmware/paneld/main.ts');
const green: LampShow = { colour: 'green', rhythm: 'steady' };
const amber: LampShow = { colour: 'amber', rhythm: 'new' };
const soon = { timeout: 15_000, interval: 20 };

let bus: TestBus;
let folder: string;
const children: ChildProcess[] = [];
const watchers: MqttClient[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'paneld-'));
  bus = await openBus();
});
afterEach(async () => {
  for (const watcher of watchers.splice(0)) watcher.end(true);
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
  await bus[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const openBus = () => openTestBus({ socketPath: join(folder, 'bus.sock'), clock: () => Date.now() });

function startDaemon(
  panel: string,
  more: readonly string[] = [],
  stdio: StdioOptions = ['pipe', 'ignore', 'ignore'],
) {
  const given = ['--socket', bus.socketPath, '--box', BOX, '--panel', panel, ...more];
  const child = spawn(process.execPath, [MAIN, ...given], { stdio });
  children.push(child);
  return child;
}

/** What the bus says retained, by topic below the prefix, as it changes. */
async function watch(role: 'local' | 'presser' = 'local') {
  const heard: Record<string, unknown> = {};
  const url =
    role === 'local'
      ? `mqtt://127.0.0.1:${bus.broker.tcpPort}`
      : `ws://127.0.0.1:${bus.httpPort}/mqtt?role=presser`;
  const clientId = role === 'local' ? 'local-w' : 'ui-w';
  const client = mqtt.connect(url, {
    clientId,
    protocolVersion: 4,
    reconnectPeriod: 0,
    ...(role === 'local' && { username: 'local', password: TOKEN }),
  });
  watchers.push(client);
  const all: string[] = [];
  client.on('message', (topic, payload) => {
    const name = topic.slice(PREFIX.length + 1);
    all.push(`${name} ${payload}`);
    heard[name] = name.endsWith('link') ? payload.toString() : JSON.parse(payload.toString());
  });
  await once(client as unknown as NodeJS.EventEmitter, 'connect');
  await client.subscribeAsync([`${PREFIX}/panel/+`], { qos: 1 });
  return { client, heard, all };
}
async function sayLamps(show: LampShow): Promise<void> {
  await bus.broker.publish('$state', 'ready');
  for (const lamp of LAMPS) await bus.broker.publish(`lamp/${lamp}`, show);
}
async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) await once(child, 'exit');
  return child.exitCode;
}
const shown = (show: LampShow) => Object.fromEntries(LAMPS.map((lamp) => [`panel/${lamp}`, show]));

describe('the screen panel', () => {
  test('reports what it shows, follows every change, and says goodbye at SIGTERM', async () => {
    await sayLamps(green);
    const { heard } = await watch();
    const child = startDaemon('screen');
    await vi.waitFor(() => expect(heard).toEqual({ ...shown(green), 'panel/link': 'ready' }), soon);
    await bus.broker.publish('lamp/check', amber);
    await vi.waitFor(() => expect(heard['panel/check']).toEqual(amber), soon);
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(0);
    await vi.waitFor(() => expect(heard['panel/link']).toBe('disconnected'), soon);
  });

  test('killed, it is lost', async () => {
    const { heard } = await watch();
    const child = startDaemon('screen');
    await vi.waitFor(() => expect(heard['panel/link']).toBe('ready'), soon);
    child.kill('SIGKILL');
    await vi.waitFor(() => expect(heard['panel/link']).toBe('lost'), soon);
  });

  test('turns edges from the page into arming steps and one confirmed hold', async () => {
    startDaemon('screen');
    const { client, heard, all } = await watch('presser');
    await vi.waitFor(() => expect(heard['panel/link']).toBe('ready'), soon);
    const press = (edge: 'down' | 'up') => client.publishAsync(`${PREFIX}/screen/button`, edge, { qos: 1 });
    await press('down');
    await press('up');
    await vi.waitFor(() => expect(bus.presses.length).toBe(1), soon);
    await press('down');
    await vi.waitFor(() => expect(bus.presses.length).toBe(2), soon);
    await press('up');
    const armed = () => all.filter((line) => line.startsWith('panel/arming'));
    await vi.waitFor(() => expect(armed().at(-1)).toBe('panel/arming {"step":0}'), soon);
    expect(armed()).toEqual([1, 2, 3, 4, 5, 0].map((step) => `panel/arming {"step":${step}}`));
    expect(bus.presses.map(({ gesture, sequence }) => `${gesture} ${sequence}`)).toEqual([
      'short 1',
      'hold 2',
    ]);
    expect(bus.presses[1]?.heldMs).toBeGreaterThanOrEqual(3000);
  });

  test('outlives its broker: reconnects to the next one, shows its lamps, and lets no press of the gap through', async () => {
    await sayLamps(green);
    startDaemon('screen');
    const before = await watch('presser');
    await vi.waitFor(() => expect(before.heard['panel/link']).toBe('ready'), soon);
    await before.client.publishAsync(`${PREFIX}/screen/button`, 'down', { qos: 1 });
    await bus[Symbol.asyncDispose]();
    bus = await openBus();
    const after = await watch('presser');
    await vi.waitFor(() => expect(after.heard['panel/link']).toBe('ready'), soon);
    await sayLamps(amber);
    await vi.waitFor(() => expect(after.heard).toMatchObject(shown(amber)), soon);
    await after.client.publishAsync(`${PREFIX}/screen/button`, 'up', { qos: 1 });
    await after.client.publishAsync(`${PREFIX}/screen/button`, 'down', { qos: 1 });
    await after.client.publishAsync(`${PREFIX}/screen/button`, 'up', { qos: 1 });
    await vi.waitFor(() => expect(bus.presses.length).toBe(1), soon);
    expect(bus.presses[0]).toMatchObject({ gesture: 'short', sequence: 1 });
  });

  test('shows the silent pattern when the controller says that it stopped', async () => {
    await sayLamps(green);
    const { heard } = await watch();
    startDaemon('screen');
    await vi.waitFor(() => expect(heard).toMatchObject(shown(green)), soon);
    await bus.broker.publish('$state', 'lost');
    const silent = Object.fromEntries(LAMPS.map((lamp) => [`panel/${lamp}`, HOST_SILENT[lamp]]));
    await vi.waitFor(() => expect(heard).toMatchObject(silent), soon);
  });
});

test('no panel shows nothing, and says so', async () => {
  await sayLamps(green);
  const { heard } = await watch();
  startDaemon('none');
  const dark = { colour: 'dark', rhythm: 'off' } as const;
  await vi.waitFor(() => expect(heard).toEqual({ ...shown(dark), 'panel/link': 'ready' }), soon);
});

describe.skipIf(!hasPty)('with a board', () => {
  test('lights it, hears its button, and never leaves a stale green when the broker is gone', async () => {
    await using cable = serialCable();
    await sayLamps(green);
    const { heard } = await watch();
    startDaemon(`board:${cable.path}`);
    await vi.waitFor(() => expect(heard['panel/link']).toBe('lost'), soon);
    expect(heard['panel/filter']).toEqual({ colour: 'amber', rhythm: 'unknown' });
    const board = await cable.plug();
    await vi.waitFor(() => expect(heard['panel/link']).toBe('ready'), soon);
    await vi.waitFor(() => expect(board.high()).toContain(LED_PINS['filter green']), soon);
    expect(heard['panel/filter']).toEqual(green);
    board.setInput(BUTTON_PIN, 0);
    await vi.waitFor(() => expect(bus.presses.map(({ gesture }) => gesture)).toEqual(['hold']), soon);
    board.setInput(BUTTON_PIN, 1);
    await bus.broker.close();
    await vi.waitFor(() => expect(board.high()).not.toContain(LED_PINS['check green']), soon);
    await vi.waitFor(() => expect(board.high()).toEqual([LED_PINS['filter red']]), soon);
  });
});

describe('the process', () => {
  test.each<[string, readonly string[], string]>([
    ['no arguments', [], 'wanted --socket, --box and --panel'],
    ['an unknown panel', ['--socket', '/run/x', '--box', 'b', '--panel', 'lcd'], 'got "lcd"'],
    ['a box that cannot be a topic', ['--socket', '/run/x', '--box', 'b/#', '--panel', 'none'], 'got "b/#"'],
    ['an unknown option', ['--sockets', '/run/x'], '--sockets'],
    [
      'a kernel panel without its LEDs',
      ['--socket', '/run/x', '--box', 'b', '--panel', 'kernel', '--leds', '/nonexistent'],
      '/nonexistent/gatehouse:white:power/brightness',
    ],
  ])('ends with 78 and the reason for %s', async (_name, given, reason) => {
    const child = spawn(process.execPath, [MAIN, ...given], { stdio: ['ignore', 'ignore', 'pipe'] });
    children.push(child);
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    await once(child, 'close');
    expect(child.exitCode).toBe(78);
    expect(said).toContain(reason);
  });

  test('without a broker it waits, and still ends at SIGTERM with 0', async () => {
    await bus[Symbol.asyncDispose]();
    const child = startDaemon('screen');
    bus = await openBus();
    const { heard } = await watch();
    await vi.waitFor(() => expect(heard['panel/link']).toBe('ready'), soon);
    await bus[Symbol.asyncDispose]();
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(0);
    bus = await openBus();
  });

  test.each<[string, StdioOptions, (child: ChildProcess) => void]>([
    ['the pipe on its stdin', ['pipe', 'ignore', 'ignore'], (child) => child.stdin?.end()],
    ['its IPC channel', ['ignore', 'ignore', 'ignore', 'ipc'], (child) => child.disconnect()],
  ])('ends with its parent, when %s closes', async (_name, stdio, part) => {
    const { heard } = await watch();
    const child = startDaemon('screen', [], stdio);
    await vi.waitFor(() => expect(heard['panel/link']).toBe('ready'), soon);
    part(child);
    expect(await exitOf(child)).toBe(0);
  });
});
