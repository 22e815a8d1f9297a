import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { covers } from '#broker/rights.ts';
import { composePayload } from '#contract/payload.ts';
import { BUS_RIGHTS, BUS_ROLES, type BusRole, TOPICS, type TopicName } from '#contract/topics.ts';
import { openTestBus, PREFIX, type TestBus, TOKEN } from '#support/bus.ts';
import { greet, publishPacket, subscribePacket, TYPE } from '#support/mqtt-wire.ts';

const LAMP_NAMES = ['power', 'filter', 'internet', 'check', 'override'];
const under = (folder: string, names: readonly string[]) => names.map((name) => `${folder}/${name}`);
const LOOKED_AT = [
  '$state',
  'status',
  ...under('lamp', LAMP_NAMES),
  ...under('panel', [...LAMP_NAMES, 'link', 'arming']),
  ...under('override', ['active', 'kind', 'until', 'profile']),
  ...under('dns', ['queries', 'blocked', 'cached', 'errors', 'p95-ms']),
  'check/latest',
  'check/due',
  'ledger/head',
];

/** The table as people would draw it, topic by topic: written out here, so that a slip in the contract shows. */
const DRAWN: Record<BusRole, Record<'subscribe' | 'publish' | 'retain', readonly string[]>> = {
  panel: {
    subscribe: ['$state', 'screen/button', ...under('lamp', LAMP_NAMES)],
    publish: ['button/pressed', ...under('panel', [...LAMP_NAMES, 'link', 'arming'])],
    retain: under('panel', [...LAMP_NAMES, 'link']),
  },
  viewer: { subscribe: LOOKED_AT, publish: [], retain: [] },
  presser: { subscribe: LOOKED_AT, publish: ['screen/button'], retain: [] },
  local: { subscribe: Object.keys(TOPICS), publish: [], retain: [] },
};

const state = { level: 'ok', reason: 'answering' };
const steady = { colour: 'green', rhythm: 'steady' };
const SPECIAL: Partial<Record<TopicName, unknown>> = {
  $state: 'ready',
  $description: { homie: '5.0' },
  status: {
    version: '0.1.0',
    startedAt: '2026-01-07T12:00:00Z',
    filter: state,
    upstream: state,
    check: state,
    override: state,
    lamps: Object.fromEntries(LAMP_NAMES.map((name) => [name, steady])),
    index: { names: 1, lists: 1, builtAt: null },
  },
  'panel/link': 'ready',
  'panel/arming': { step: 2 },
  'button/pressed': {
    boot: 'boot-1',
    sequence: 1,
    gesture: 'short',
    heldMs: 200,
    at: '2026-01-07T12:00:00Z',
  },
  'screen/button': 'down',
  'override/active': true,
  'override/kind': 'lockdown',
  'ledger/head': { seq: 1, hash: 'aa', signature: 'bb', at: '2026-01-07T12:00:00Z' },
};
const sampleOf = (topic: TopicName): unknown =>
  SPECIAL[topic] ??
  (/^(lamp|panel)\//.test(topic) ? steady : topic.startsWith('dns/') ? 12 : '2026-01-09T16:00:00Z');

const names = Object.keys(TOPICS) as TopicName[];
let bus: TestBus;
beforeAll(async () => {
  bus = await openTestBus();
});
afterAll(async () => {
  await bus[Symbol.asyncDispose]();
});

async function enter(role: BusRole) {
  const credentials = role === 'local' ? { username: 'local', password: TOKEN } : {};
  const clientId = `${BUS_RIGHTS[role].clientId}${Math.random().toString(36).slice(2)}`;
  return greet(await bus.reach(role), { clientId, ...credentials });
}

async function maySay(role: BusRole, topic: TopicName, retained: boolean): Promise<boolean> {
  const { client } = await enter(role);
  client.send(publishPacket(`${PREFIX}/${topic}`, composePayload(topic, sampleOf(topic)), { retained }));
  const puback = await client.next(TYPE.puback);
  client.transport.destroy();
  return puback !== undefined;
}

describe.each(BUS_ROLES)('%s', (role) => {
  test('subscribes to exactly its topics, each asked for alone', async () => {
    const { client, returnCode } = await enter(role);
    expect(returnCode).toBe(0);
    const granted: string[] = [];
    for (const [at, topic] of names.entries()) {
      client.send(subscribePacket([`${PREFIX}/${topic}`], at + 1));
      const suback = await client.next(TYPE.suback);
      if (suback?.body[2] !== 0x80) granted.push(topic);
    }
    client.transport.destroy();
    expect(granted.toSorted()).toEqual(DRAWN[role].subscribe.toSorted());
  });

  test.each(['publish', 'retain'] as const)(
    '%s: exactly its topics, the rest cuts the connection',
    async (verb) => {
      const allowed: string[] = [];
      for (const topic of names) if (await maySay(role, topic, verb === 'retain')) allowed.push(topic);
      expect(allowed.toSorted()).toEqual(DRAWN[role][verb].toSorted());
    },
  );

  test.each([
    '#',
    '+/#',
    `${PREFIX}/../#`,
    '$SYS/#',
    '$SYS/+/new/clients',
    'gatehouse/5/box-2/#',
    '$share/g/#',
  ])('is refused the topic filter %s', async (topicFilter) => {
    const { client } = await enter(role);
    client.send(subscribePacket([topicFilter]));
    const suback = await client.next(TYPE.suback);
    client.transport.destroy();
    // Below the prefix nothing is hidden from the holder of the data folder's token.
    expect(suback?.body[2]).toBe(role === 'local' && topicFilter.startsWith(PREFIX) ? 1 : 0x80);
  });

  test('is cut when it publishes to $SYS', async () => {
    const { client } = await enter(role);
    client.send(publishPacket('$SYS/broker/x', 'x'));
    expect(await client.next(TYPE.puback)).toBeUndefined();
  });
});

test('a wildcard that is granted brings nothing from beside it', async () => {
  const { client } = await enter('panel');
  client.send(subscribePacket([`${PREFIX}/+/+`, `${PREFIX}/#`, `${PREFIX}/lamp/+`]));
  const suback = await client.next(TYPE.suback);
  expect([...(suback?.body.subarray(2) ?? [])]).toEqual([0x80, 0x80, 1]);
  await bus.broker.publish('status', sampleOf('status'));
  await bus.broker.publish('lamp/power', steady);
  const topics: string[] = [];
  for (let heard = ''; heard !== `${PREFIX}/lamp/power`; topics.push(heard)) {
    const { body } = (await client.next(TYPE.publish)) ?? { body: Buffer.alloc(2) };
    heard = body.subarray(2, 2 + body.readUInt16BE(0)).toString();
  }
  client.transport.destroy();
  expect(topics).not.toContain(`${PREFIX}/status`);
});

test.each([
  ['a/#', 'a/b/+', true],
  ['a/#', '#', false],
  ['a/#', 'a', true],
  ['a/#', 'a/#', true],
  ['a/+', 'a/#', false],
  ['a/+', 'a/+', true],
  ['a/+', 'a/b', true],
  ['a/+', 'a', false],
  ['a/+', 'a/b/c', false],
  ['a/b', 'a/+', false],
  ['a/+/c', 'a/+/c', true],
  ['a/+/c', 'a/#', false],
  ['#', '$SYS/x', false],
  ['+/x', '$SYS/x', false],
  ['#', 'a/#', true],
])('%s covers %s: %s', (granted, requested, want) => {
  expect(covers(granted, requested)).toBe(want);
});
