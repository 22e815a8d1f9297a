import { expect, test } from 'vitest';
import { composeName } from '#filter/name-view.ts';
import { aQuery, aRecord, aSoa, TYPE } from '#support/messages.ts';
import { aResolver } from '#support/resolver.ts';
import { type Asked, type Script, startScripted } from '#support/scripted-upstream.ts';

const START = 1_700_000_000_000;
const DAY = 86_400_000;

async function setUp(script: (asked: Asked) => Script | undefined, cacheOctets?: number) {
  const upstream = await startScripted(script);
  const clock = { now: START };
  const door = aResolver({
    clock,
    settings: { upstreams: [upstream.url] },
    ...(cacheOctets ? { cacheOctets } : {}),
  });
  return {
    upstream,
    door,
    clock,
    async [Symbol.asyncDispose]() {
      door[Symbol.dispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

const address = (ttl: number): Script => ({ answers: [aRecord(TYPE.A, Buffer.from([192, 0, 2, 7]), ttl)] });

test('TTLs count down, and at their end the upstream is asked again', async () => {
  await using at = await setUp(() => address(60));
  const ttlAfter = async (ms: number) => {
    at.clock.now = START + ms;
    return (await at.door.ask(aQuery('fine.test'))).records[0]?.ttl;
  };
  expect(await ttlAfter(0)).toBe(60);
  expect(await ttlAfter(1000)).toBe(59);
  expect(await ttlAfter(59_999)).toBe(1);
  expect(at.upstream.asked).toHaveLength(1);
  expect(await ttlAfter(60_000)).toBe(60);
  expect(at.upstream.asked).toHaveLength(2);
});

test('the shortest TTL of any record decides, and each counts down by itself', async () => {
  const answers = [
    aRecord(TYPE.CNAME, composeName('x.test'), 500),
    aRecord(TYPE.A, Buffer.from([192, 0, 2, 7]), 30),
  ];
  await using at = await setUp(() => ({ answers }));
  await at.door.ask(aQuery('fine.test'));
  at.clock.now += 10_000;
  expect((await at.door.ask(aQuery('fine.test'))).records.map(({ ttl }) => ttl)).toEqual([490, 20]);
  at.clock.now += 20_000;
  await at.door.ask(aQuery('fine.test'));
  expect(at.upstream.asked).toHaveLength(2);
});

test.each<[what: string, script: Script, keptSeconds: number]>([
  ['a TTL of nothing', address(0), 0],
  ['a TTL with the top bit set', address(0x80000001), 0],
  ['NXDOMAIN, by its SOA', { rcode: 3, authority: [aSoa(20)] }, 20],
  ['NXDOMAIN, by the TTL of its SOA when that is less', { rcode: 3, authority: [aSoa(900, 15)] }, 15],
  ['NODATA, by its SOA', { authority: [aSoa(20)] }, 20],
  ['NXDOMAIN without a SOA', { rcode: 3 }, 0],
  ['NODATA without a SOA', {}, 0],
  ['SERVFAIL', { rcode: 2 }, 5],
  ['REFUSED', { rcode: 5 }, 0],
])('%s is kept as long as it may be', async (_what, script, keptSeconds) => {
  await using at = await setUp(() => script);
  await at.door.ask(aQuery('fine.test'));
  const asks = async () => {
    const before = at.upstream.asked.length;
    await at.door.ask(aQuery('fine.test'));
    return at.upstream.asked.length > before;
  };
  if (keptSeconds > 0) {
    at.clock.now = START + keptSeconds * 1000 - 1;
    expect(await asks()).toBe(false);
  }
  at.clock.now = START + keptSeconds * 1000;
  expect(await asks()).toBe(true);
});

test('nothing is kept for longer than a day', async () => {
  await using at = await setUp(() => address(7 * 86_400));
  await at.door.ask(aQuery('fine.test'));
  at.clock.now = START + DAY - 1;
  await at.door.ask(aQuery('fine.test'));
  expect(at.upstream.asked).toHaveLength(1);
  at.clock.now = START + DAY;
  await at.door.ask(aQuery('fine.test'));
  expect(at.upstream.asked).toHaveLength(2);
});

test('answers are kept apart by type, DO and CD, not by spelling, and not by who asks', async () => {
  await using at = await setUp(() => address(60));
  const shapes = [{}, { qtype: TYPE.TXT }, { edns: { dnssecOk: true } }, { flags: 0x0110 }];
  for (const shape of shapes) await at.door.ask(aQuery('fine.test', shape));
  expect(at.upstream.asked).toHaveLength(4);
  for (const shape of shapes) await at.door.ask(aQuery('FINE.test', shape), '10.0.0.9');
  expect(at.upstream.asked).toHaveLength(4);
});

test('a stale answer is given for a day when no upstream answers, marked as stale', async () => {
  let rcode = 0;
  await using at = await setUp(() => (rcode === 0 ? address(60) : { rcode }));
  await at.door.ask(aQuery('fine.test'));
  rcode = 2;
  at.clock.now = START + 61_000;
  expect(await at.door.ask(aQuery('fine.test', { edns: {} }))).toMatchObject({
    rcode: 0,
    records: [{ ttl: 30, data: Buffer.from([192, 0, 2, 7]) }],
    opt: { ede: { code: 3 } },
  });
  at.clock.now = START + 60_000 + DAY;
  expect((await at.door.ask(aQuery('fine.test'))).rcode).toBe(2);
});

test('a clock that is set back forgets, and never gives a TTL above the upstream’s', async () => {
  await using at = await setUp(() => address(60));
  await at.door.ask(aQuery('fine.test'));
  at.clock.now = START - 3_600_000;
  expect((await at.door.ask(aQuery('fine.test'))).records[0]?.ttl).toBe(60);
  expect(at.upstream.asked).toHaveLength(2);
});

test('the cache is bounded: names push others out, and those that are asked for stay', async () => {
  await using at = await setUp(() => address(600), 64 << 10);
  const asks = async (name: string) => {
    const before = at.upstream.asked.length;
    expect((await at.door.ask(aQuery(name))).records[0]?.data).toEqual(Buffer.from([192, 0, 2, 7]));
    return at.upstream.asked.length > before;
  };
  await asks('first.test');
  for (let i = 0; i < 3000; i++) {
    await asks(`name${i}.test`);
    if (i % 20 === 0) expect(await asks('popular.test')).toBe(i === 0);
  }
  expect(await asks('first.test')).toBe(true);
  expect(await asks('name2999.test')).toBe(false);
});
