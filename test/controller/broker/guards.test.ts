import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NOON, openTestBus, PREFIX, type TestBus, TOKEN } from '#support/bus.ts';
import {
  connectPacket,
  cut,
  greet,
  packet,
  publishPacket,
  subscribePacket,
  TYPE,
  wireClient,
} from '#support/mqtt-wire.ts';

let bus: TestBus;
beforeEach(async () => {
  bus = await openTestBus();
});
afterEach(async () => {
  vi.useRealTimers();
  await bus[Symbol.asyncDispose]();
});

const local = { clientId: 'local-1', username: 'local', password: TOKEN };
const steady = { colour: 'green', rhythm: 'steady' };

describe('before CONNECT', () => {
  test.each([
    ['a packet that is no CONNECT', Buffer.from([0xc0, 0])],
    ['a CONNECT that announces 256 MB', Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f, 0, 4])],
    ['a CONNECT of 2049 octets', packet(0x10, Buffer.alloc(0), 2049)],
    ['a remaining length of five octets', Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80, 0x01])],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('%s cuts the connection', async (_name, octets) => {
    const client = wireClient(await bus.reach('panel'));
    client.send(octets);
    expect(await client.next(TYPE.connack)).toBeUndefined();
    expect(bus.broker.connections().panel).toBe(0);
  });

  test('a connection that stays silent, or drips its CONNECT, is cut after 5 s', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const silent = await bus.reach('local');
    const dripping = await bus.reach('local');
    dripping.write(connectPacket(local).subarray(0, 10));
    await vi.waitUntil(() => bus.broker.connections().local === 2);
    await vi.advanceTimersByTimeAsync(4900);
    expect(bus.broker.connections().local).toBe(2);
    await vi.advanceTimersByTimeAsync(200);
    await Promise.all([cut(silent), cut(dripping)]);
    expect(bus.broker.connections().local).toBe(0);
  });
});

describe('CONNECT', () => {
  test.each([
    ['no user name', { clientId: 'local-1' }, 4],
    ['a wrong token', { ...local, password: `${TOKEN}x` }, 4],
    ['an empty token', { ...local, password: '' }, 4],
    ['another user name', { ...local, username: 'panel' }, 4],
    ["another role's client id", { ...local, clientId: 'panel-1' }, 2],
    ['a client id with odd characters', { ...local, clientId: 'local-/#' }, 2],
    ['an empty client id and no clean session', { ...local, clientId: '', clean: false }, 2],
    ['no clean session', { ...local, clean: false }, 5],
    ['no keepalive', { ...local, keepalive: 0 }, 5],
    ['a keepalive of 301 s', { ...local, keepalive: 301 }, 5],
    ['a will', { ...local, will: { topic: `${PREFIX}/panel/link`, payload: 'lost' } }, 5],
    ['version 5 of the protocol', { ...local, version: 5 }, 1],
  ])('with %s is answered by its return code and cut', async (_name, connect, want) => {
    const { client, returnCode } = await greet(await bus.reach('local'), connect);
    expect(returnCode).toBe(want);
    await cut(client.transport);
  });

  test.each([
    ['the token', local],
    ['an empty client id in a clean session', { ...local, clientId: '' }],
    ['a keepalive of 300 s', { ...local, keepalive: 300 }],
  ])('with %s is welcome', async (_name, connect) => {
    const { client, returnCode } = await greet(await bus.reach('local'), connect);
    expect(returnCode).toBe(0);
    client.transport.destroy();
  });

  test.each([
    ['a will topic with a wildcard', { will: { topic: `${PREFIX}/panel/+`, payload: 'lost' } }],
    ['a will topic that is no UTF-8', { will: { topic: Buffer.from([0x67, 0xff, 0xfe]), payload: 'lost' } }],
    ['a will topic with NUL', { will: { topic: `${PREFIX}/panel/\0`, payload: 'lost' } }],
    ['a client id with NUL', { clientId: 'panel-\0' }],
  ])('of the panel with %s is cut', async (_name, fault) => {
    const { returnCode } = await greet(await bus.reach('panel'), { clientId: 'panel-1', ...fault });
    expect(returnCode).toBeUndefined();
  });

  test.each([
    ['on another topic', { topic: `${PREFIX}/panel/power`, payload: '{}' }],
    ["on another box's topic", { topic: 'gatehouse/5/box-2/panel/link', payload: 'lost' }],
    ['that its schema does not allow', { topic: `${PREFIX}/panel/link`, payload: 'well' }],
  ])('of the panel with a will %s is refused', async (_name, will) => {
    const { returnCode } = await greet(await bus.reach('panel'), { clientId: 'panel-1', will });
    expect(returnCode).toBe(5);
  });

  test("cannot take over another session's client id; its own it can", async () => {
    const connect = { clientId: 'ui-abc' };
    const first = await greet(await bus.reach('viewer', 'session-1'), connect);
    const thief = await greet(await bus.reach('viewer', 'session-2'), connect);
    expect([first.returnCode, thief.returnCode]).toEqual([0, 2]);
    first.client.send(Buffer.from([0xc0, 0]));
    expect(await first.client.next(TYPE.pingresp)).toBeDefined();
    const again = await greet(await bus.reach('viewer', 'session-1'), connect);
    expect(again.returnCode).toBe(0);
    await cut(first.client.transport);
    again.client.transport.destroy();
  });
});

describe('a connected panel', () => {
  async function panel() {
    const { client } = await greet(await bus.reach('panel'), { clientId: 'panel-1' });
    return client;
  }

  test.each([
    ['a payload that is no JSON', publishPacket(`${PREFIX}/panel/power`, '{')],
    ['a colour that no lamp has', publishPacket(`${PREFIX}/panel/power`, '{"colour":"blue","rhythm":"off"}')],
    ['a payload that is no UTF-8', publishPacket(`${PREFIX}/panel/link`, Buffer.from([0xff, 0xfe]))],
    ['an empty payload', publishPacket(`${PREFIX}/panel/link`, '')],
    [
      'a payload of 40 KB',
      publishPacket(`${PREFIX}/panel/power`, `${JSON.stringify(steady)}${' '.repeat(40_000)}`),
    ],
    ['QoS 2', publishPacket(`${PREFIX}/panel/link`, 'ready', { qos: 2 })],
    ['a lamp that does not exist', publishPacket(`${PREFIX}/panel/nothing`, 'x')],
    ['an inherited name', publishPacket(`${PREFIX}/panel/constructor`, 'x')],
    ['a wildcard as topic', publishPacket(`${PREFIX}/panel/+`, 'x')],
    ['a topic that is no UTF-8', publishPacket(Buffer.from([0x67, 0xff]), 'x')],
    ['a topic of 101 levels', publishPacket('a/'.repeat(100), 'x')],
    ['a packet of more than 64 KB', packet(0x30, Buffer.alloc(0), 65_537)],
  ])('is cut when it publishes %s', async (_name, octets) => {
    const client = await panel();
    client.send(octets);
    expect(await client.next(TYPE.puback, 5)).toBeUndefined();
    expect(bus.presses).toEqual([]);
  });

  test.each([
    ['lamp+/x', 'a wildcard within a level'],
    [`${PREFIX}/#/x`, '# in the middle'],
    ['a/'.repeat(20), '21 levels'],
    ['x'.repeat(300), '300 characters'],
  ])('is cut when it subscribes to %s (%s)', async (topicFilter) => {
    const client = await panel();
    client.send(subscribePacket([topicFilter]));
    expect(await client.next(TYPE.suback)).toBeUndefined();
  });

  test('hands in a press once, and only a fresh one', async () => {
    const { client: watcher } = await greet(await bus.reach('local'), local);
    watcher.send(subscribePacket([`${PREFIX}/button/pressed`, `${PREFIX}/panel/link`]));
    await watcher.next(TYPE.suback);
    const client = await panel();
    const press = (sequence: number, ageMs: number, boot = 'boot-1') => {
      const at = new Date(NOON - ageMs).toISOString();
      return JSON.stringify({ boot, sequence, gesture: 'hold', heldMs: 3000, at });
    };
    const sent = [
      press(1, 0),
      press(1, 0),
      press(2, 5001),
      press(3, 4999),
      press(2, 0),
      press(4, -60_000),
      press(1, 0, 'boot-2'),
    ];
    for (const [at, octets] of sent.entries()) {
      client.send(publishPacket(`${PREFIX}/button/pressed`, octets, { id: at + 1 }));
      expect((await client.next(TYPE.puback))?.body.readUInt16BE(0)).toBe(at + 1);
    }
    client.send(publishPacket(`${PREFIX}/panel/link`, 'ready', { id: 99 }));
    const heard: string[] = [];
    for (let body = ''; !body.includes('panel/link'); ) {
      body = (await watcher.next(TYPE.publish))?.body.toString() ?? 'panel/link';
      heard.push(body);
    }
    const accepted = ['boot-1 1', 'boot-1 3', 'boot-2 1'];
    expect(bus.presses.map(({ boot, sequence }) => `${boot} ${sequence}`)).toEqual(accepted);
    expect(heard.length).toBe(accepted.length + 1);
    watcher.transport.destroy();
    client.transport.destroy();
  });

  test('that is lost leaves its will, retained; one that says goodbye does not', async () => {
    const will = { topic: `${PREFIX}/panel/link`, payload: 'lost' };
    const first = await greet(await bus.reach('panel'), { clientId: 'panel-1', will });
    first.client.send(publishPacket(will.topic, 'ready', { retained: true }));
    await first.client.next(TYPE.puback);
    const { client: watcher } = await greet(await bus.reach('local'), local);
    watcher.send(subscribePacket([will.topic]));
    expect((await watcher.next(TYPE.publish))?.body.toString()).toContain('ready');
    first.client.transport.destroy();
    expect((await watcher.next(TYPE.publish))?.body.toString()).toContain('lost');

    const second = await greet(await bus.reach('panel'), { clientId: 'panel-2', will });
    second.client.send(publishPacket(will.topic, 'ready', { retained: true }));
    expect((await watcher.next(TYPE.publish))?.body.toString()).toContain('ready');
    second.client.send(Buffer.from([0xe0, 0]));
    await cut(second.client.transport);
    await bus.broker.publish('panel/link', 'disconnected');
    expect((await watcher.next(TYPE.publish))?.body.toString()).toContain('disconnected');
    watcher.transport.destroy();
  });

  test('taking over its own session, it stays ready: the old will does not come after', async () => {
    const connect = { clientId: 'panel-1', will: { topic: `${PREFIX}/panel/link`, payload: 'lost' } };
    const first = await greet(await bus.reach('panel'), connect);
    const second = await greet(await bus.reach('panel'), connect);
    second.client.send(publishPacket(connect.will.topic, 'ready', { retained: true }));
    await second.client.next(TYPE.puback);
    await cut(first.client.transport);
    await bus.broker.publish('lamp/power', steady);
    const { client: watcher } = await greet(await bus.reach('local'), local);
    watcher.send(subscribePacket([connect.will.topic]));
    expect((await watcher.next(TYPE.publish))?.body.toString()).toContain('ready');
    watcher.transport.destroy();
    second.client.transport.destroy();
  });
});

test('each listener and each address has its own limit of connections', async () => {
  const clients = await Promise.all(Array.from({ length: 20 }, () => bus.reach('local')));
  await vi.waitUntil(() => bus.broker.connections().local === 20);
  await cut((await bus.reach('local')).resume());
  const { client, returnCode } = await greet(await bus.reach('panel'), { clientId: 'panel-1' });
  expect(returnCode).toBe(0);
  expect(bus.broker.connections()).toEqual({ panel: 1, local: 20, web: 0 });
  client.transport.destroy();
  for (const one of clients) one.destroy();
  await vi.waitUntil(() => bus.broker.connections().local === 0);
  const late = await greet(await bus.reach('local'), local);
  expect(late.returnCode).toBe(0);
  late.client.transport.destroy();
});

test('a client has at most 64 subscriptions, and gets a place back by unsubscribing', async () => {
  const { client } = await greet(await bus.reach('local'), local);
  const filters = Array.from({ length: 70 }, (_, at) => `${PREFIX}/${at}`);
  client.send(subscribePacket(filters));
  const suback = await client.next(TYPE.suback);
  expect([...(suback?.body.subarray(2) ?? [])].filter((code) => code === 1).length).toBe(64);
  const name = Buffer.from(`${PREFIX}/0`);
  client.send(packet(0xa2, Buffer.concat([Buffer.from([0, 9, 0, name.length]), name])));
  await client.next(TYPE.unsuback);
  client.send(subscribePacket([`${PREFIX}/69`, `${PREFIX}/68`]));
  expect([...((await client.next(TYPE.suback))?.body.subarray(2) ?? [])]).toEqual([1, 0x80]);
  client.transport.destroy();
});

test.each(['local', 'viewer'] as const)(
  'a frozen %s is cut at its limit, and nobody else loses a message or waits for it',
  async (role) => {
    const credentials = role === 'local' ? local : { clientId: 'ui-frozen' };
    const { client: frozen } = await greet(await bus.reach(role), credentials);
    const { client: healthy } = await greet(await bus.reach('local'), { ...local, clientId: 'local-2' });
    for (const client of [frozen, healthy]) {
      client.send(subscribePacket([`${PREFIX}/check/latest`, `${PREFIX}/check/due`]));
      await client.next(TYPE.suback);
    }
    frozen.transport.pause();
    const count = 1000;
    const padding = 'x'.repeat(20_000);
    const heard = (async () => {
      const numbers: number[] = [];
      while (numbers.length < count) {
        const body = (await healthy.next(TYPE.publish))?.body;
        if (!body) break;
        numbers.push(Number(/latest[\s\S]{2}(\d+) /.exec(body.toString('latin1'))?.[1]));
        healthy.send(packet(0x40, body.subarray(2 + body.readUInt16BE(0)).subarray(0, 2)));
      }
      return numbers;
    })();
    for (let at = 0; at < count; at++) await bus.broker.publish('check/latest', `${at} ${padding}`);
    expect(await heard).toEqual(Array.from({ length: count }, (_, at) => at));
    expect(bus.logged.filter((line) => line.includes('slow consumer')).length).toBe(1);
    healthy.transport.destroy();
    frozen.transport.destroy();
  },
);

test('messages of many publishers at once arrive whole and in order for each', async () => {
  const { client: watcher } = await greet(await bus.reach('local'), local);
  watcher.send(subscribePacket([`${PREFIX}/dns/queries`, `${PREFIX}/check/latest`]));
  await watcher.next(TYPE.suback);
  const said = Promise.all(
    Array.from({ length: 300 }, (_, at) => [
      bus.broker.publish('dns/queries', at),
      bus.broker.publish('check/latest', `n${at}`),
    ]).flat(),
  );
  const heard: string[] = [];
  while (heard.length < 600) {
    const body = (await watcher.next(TYPE.publish))?.body ?? Buffer.alloc(2);
    heard.push(body.toString());
  }
  await said;
  const counts = heard
    .filter((one) => one.includes('dns/queries'))
    .map((one) => /queries(\d+)$/.exec(one)?.[1]);
  expect(counts.map(Number)).toEqual(Array.from({ length: 300 }, (_, at) => at));
  watcher.transport.destroy();
});

test('what the contract does not allow is never said', async () => {
  await expect(bus.broker.publish('$state', 'splendid')).rejects.toThrow('$state');
  await expect(bus.broker.publish('dns/queries', 'many')).rejects.toThrow('dns/queries');
});

test('a clean goodbye leaves no connection and no held client id', async () => {
  const transport = await bus.reach('viewer', 'session-1');
  const { client } = await greet(transport, { clientId: 'ui-x' });
  client.send(Buffer.from([0xe0, 0]));
  transport.end();
  if (!transport.destroyed) await once(transport, 'close');
  await vi.waitUntil(() => bus.broker.connections().web === 0);
  const other = await greet(await bus.reach('viewer', 'session-2'), { clientId: 'ui-x' });
  expect(other.returnCode).toBe(0);
  other.client.transport.destroy();
});
