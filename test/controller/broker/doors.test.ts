import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { openTestBus, PREFIX, type TestBus, TOKEN } from '#support/bus.ts';
import { cut, greet } from '#support/mqtt-wire.ts';

let bus: TestBus;
const clients: MqttClient[] = [];
beforeEach(async () => {
  bus = await openTestBus();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.end(true);
  await bus[Symbol.asyncDispose]();
});

const steady = { colour: 'green', rhythm: 'steady' };

/** Connects with mqtt.js. @returns the client, or the reason why not */
async function reachWith(url: string, options: IClientOptions): Promise<MqttClient | string> {
  const client = mqtt.connect(url, { reconnectPeriod: 0, protocolVersion: 4, ...options });
  clients.push(client);
  const { promise, resolve } = Promise.withResolvers<MqttClient | string>();
  client.on('connect', () => resolve(client));
  client.on('error', (error) => resolve(error.message));
  client.on('close', () => resolve('closed'));
  return promise;
}
const local = { clientId: 'local-js', username: 'local', password: TOKEN };
const tcpUrl = () => `mqtt://127.0.0.1:${bus.broker.tcpPort}`;

async function heardBy(client: MqttClient | string, topicFilter: string): Promise<string> {
  if (typeof client === 'string') return client;
  const message = once(client as unknown as NodeJS.EventEmitter, 'message');
  await client.subscribeAsync(topicFilter, { qos: 1 });
  const [topic, payload] = (await message) as [string, Buffer];
  return `${topic.slice(PREFIX.length + 1)} ${payload}`;
}

describe('mqtt.js', () => {
  test.each([
    ['over loopback TCP', () => reachWith(tcpUrl(), local)],
    ['over the unix socket', () => reachWith(`mqtt+unix://${bus.socketPath}`, { clientId: 'panel-js' })],
    [
      'over WebSocket',
      () => reachWith(`ws://127.0.0.1:${bus.httpPort}/mqtt?role=viewer`, { clientId: 'ui-js' }),
    ],
  ])('%s hears what was retained before it came, as the contract says it', async (_name, reach) => {
    await bus.broker.publish('lamp/filter', steady);
    await bus.broker.publish('$state', 'ready');
    const client = await reach();
    expect(await heardBy(client, `${PREFIX}/lamp/+`)).toBe(`lamp/filter ${JSON.stringify(steady)}`);
    expect(await heardBy(client, `${PREFIX}/$state`)).toBe('$state ready');
  });

  test.each([3, 4] as const)('version %i of the protocol is spoken', async (protocolVersion) => {
    const protocolId = protocolVersion === 3 ? 'MQIsdp' : 'MQTT';
    const client = await reachWith(tcpUrl(), { ...local, protocolVersion, protocolId });
    expect(typeof client).not.toBe('string');
  });

  test('version 5 is refused with a reason, and the broker goes on', async () => {
    const refused = await reachWith(tcpUrl(), { ...local, protocolVersion: 5 });
    expect(refused).toMatch(/unsupported protocol|unacceptable protocol/i);
    expect(typeof (await reachWith(tcpUrl(), local))).not.toBe('string');
  });

  test('a page with the button sends its edges; going away while it is down lets go', async () => {
    const panel = await reachWith(`mqtt+unix://${bus.socketPath}`, { clientId: 'panel-js' });
    const page = await reachWith(`ws://127.0.0.1:${bus.httpPort}/mqtt?role=presser`, { clientId: 'ui-p' });
    if (typeof panel === 'string' || typeof page === 'string') throw new Error(`${panel} ${page}`);
    const heard: string[] = [];
    panel.on('message', (_topic, payload) => heard.push(payload.toString()));
    await panel.subscribeAsync(`${PREFIX}/screen/button`, { qos: 1 });
    for (const edge of ['down', 'up', 'down']) {
      await page.publishAsync(`${PREFIX}/screen/button`, edge, { qos: 1 });
    }
    page.stream.destroy();
    await vi.waitUntil(() => heard.length === 4);
    expect(heard).toEqual(['down', 'up', 'down', 'up']);
    expect(bus.edges).toEqual(heard);
  });
});

describe('the WebSocket door', () => {
  test('refuses an upgrade without the subprotocol mqtt', async () => {
    const webSocket = new WebSocket(`ws://127.0.0.1:${bus.httpPort}/mqtt`, 'chat');
    const [error] = await once(webSocket, 'error');
    expect(error.message).toContain('400');
    expect(bus.broker.connections().web).toBe(0);
  });

  test('closes on a text frame', async () => {
    const webSocket = new WebSocket(`ws://127.0.0.1:${bus.httpPort}/mqtt`, 'mqtt');
    webSocket.on('error', () => webSocket.terminate());
    await once(webSocket, 'open');
    webSocket.send('hello');
    await once(webSocket, 'close');
    await vi.waitUntil(() => bus.broker.connections().web === 0);
  });

  test('at sign-out cuts that session and no other', async () => {
    const mine = await greet(await bus.reach('viewer', 'session-1'), { clientId: 'ui-1' });
    const other = await greet(await bus.reach('viewer', 'session-2'), { clientId: 'ui-2' });
    bus.broker.closePrincipal('session-1');
    await cut(mine.client.transport);
    expect(bus.broker.connections().web).toBe(1);
    other.client.transport.destroy();
  });
});

describe('the unix socket', () => {
  test('can be opened by its owner and group only', () => {
    expect((statSync(bus.socketPath).mode & 0o777).toString(8)).toBe('660');
  });

  test('left behind by a killed process is replaced', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stale-'));
    const socketPath = join(folder, 'bus.sock');
    const script = `require('node:net').createServer().listen(${JSON.stringify(socketPath)}, () => console.log('up'))`;
    const killed = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(existsSync(socketPath)).toBe(true);
    await using again = await openTestBus({ socketPath, tcp: undefined });
    expect(typeof (await reachWith(`mqtt+unix://${socketPath}`, { clientId: 'panel-1' }))).not.toBe('string');
    expect(again.broker.tcpPort).toBeUndefined();
    rmSync(folder, { recursive: true });
  });

  test('that another process listens on is left alone', async () => {
    const opening = openTestBus({ socketPath: bus.socketPath, tcp: undefined });
    await expect(opening).rejects.toMatchObject({ name: 'BrokerError', kind: 'socket taken' });
    expect(typeof (await reachWith(`mqtt+unix://${bus.socketPath}`, { clientId: 'panel-1' }))).not.toBe(
      'string',
    );
  });

  test('is never put in the place of a file that is no socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'file-'));
    const socketPath = join(folder, 'bus.sock');
    writeFileSync(socketPath, 'precious');
    await expect(openTestBus({ socketPath })).rejects.toThrow(socketPath);
    expect(existsSync(socketPath)).toBe(true);
    rmSync(folder, { recursive: true });
  });

  test('with a path longer than the kernel takes is refused by name', async () => {
    const socketPath = join(tmpdir(), 'x'.repeat(120));
    await expect(openTestBus({ socketPath })).rejects.toThrow('at most 107 octets');
  });
});

describe('the loopback port', () => {
  test('that is taken is named, and the socket is given back', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const address = holder.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const folder = mkdtempSync(join(tmpdir(), 'taken-'));
    const socketPath = join(folder, 'bus.sock');
    const opening = openTestBus({ socketPath, tcp: { address: '127.0.0.1', port } });
    await expect(opening).rejects.toThrow(`GATEHOUSE_MQTT 127.0.0.1 port ${port}: already taken`);
    expect(existsSync(socketPath)).toBe(false);
    holder.close();
    rmSync(folder, { recursive: true });
  });

  test('is refused on an address that others can reach', async () => {
    const opening = openTestBus({ tcp: { address: '0.0.0.0', port: 0 } });
    await expect(opening).rejects.toThrow('wanted a loopback address, got 0.0.0.0');
  });
});

test('closing cuts everybody and gives socket and port back', async () => {
  const { client } = await greet(await bus.reach('panel'), { clientId: 'panel-1' });
  const silent = await bus.reach('local');
  await vi.waitUntil(() => bus.broker.connections().local === 1);
  await bus.broker.close();
  await Promise.all([cut(client.transport), cut(silent.resume())]);
  expect(existsSync(bus.socketPath)).toBe(false);
  await expect(bus.reach('local')).rejects.toThrow('ECONNREFUSED');
});

const hasMosquitto = spawnSync('mosquitto_sub', ['--help']).error === undefined;
describe.skipIf(!hasMosquitto)("Debian's mosquitto clients", () => {
  const account = () => ['-h', '127.0.0.1', '-p', `${bus.broker.tcpPort}`, '-u', 'local', '-P', TOKEN];
  async function run(command: string, parts: readonly string[]) {
    const child = spawn(command, parts, { stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (text) => {
      said.stdout += text;
    });
    child.stderr.on('data', (text) => {
      said.stderr += text;
    });
    const [code] = await once(child, 'close');
    return { code, ...said };
  }

  test('hear retained lamps and states', async () => {
    await bus.broker.publish('lamp/filter', steady);
    await bus.broker.publish('dns/queries', 42);
    const topics = ['-t', `${PREFIX}/lamp/+`, '-t', `${PREFIX}/dns/#`];
    const heard = await run('mosquitto_sub', [...account(), '-i', 'local-sub', ...topics, '-C', '2', '-v']);
    expect(heard.code).toBe(0);
    expect(heard.stdout.trim().split('\n').toSorted()).toEqual([
      `${PREFIX}/dns/queries 42`,
      `${PREFIX}/lamp/filter ${JSON.stringify(steady)}`,
    ]);
  });

  test('are told that they may not subscribe to everything', async () => {
    const heard = await run('mosquitto_sub', [...account(), '-i', 'local-sub', '-t', '#', '-C', '1']);
    expect(heard.stderr).toContain('All subscription requests were denied');
  });

  test.each([
    ['a wrong token', ['-P', 'wrong', '-i', 'local-pub'], 'bad user name or password'],
    ['a client id of another role', ['-i', 'panel-pub'], 'identifier rejected'],
    ['version 5', ['-V', 'mqttv5', '-i', 'local-pub'], 'Unsupported|unacceptable|Protocol error|protocol'],
  ])('are refused with %s, in words', async (_name, more, words) => {
    const told = await run('mosquitto_pub', [...account(), ...more, '-t', `${PREFIX}/x`, '-m', 'x']);
    expect(told.code).not.toBe(0);
    expect(told.stderr).toMatch(new RegExp(words, 'i'));
  });

  test('cannot publish with the token of the data folder', async () => {
    const parts = ['-i', 'local-pub', '-t', `${PREFIX}/lamp/filter`, '-m', JSON.stringify(steady), '-q', '1'];
    const told = await run('mosquitto_pub', [...account(), ...parts]);
    expect(told.code).not.toBe(0);
    expect(bus.logged.join()).toContain('local may not publish');
  });
});
