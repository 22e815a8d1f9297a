import { expect, test, vi } from 'vitest';
import { composeName } from '#filter/name-view.ts';
import { aQuery, aRecord, aSoa, TYPE, words } from '#support/messages.ts';
import { profilesWith } from '#support/policy.ts';
import { aResolver } from '#support/resolver.ts';
import { type Asked, deadPort, type Script, startScripted } from '#support/scripted-upstream.ts';

const ADDRESS = Buffer.from([192, 0, 2, 7]);
const OTHER = Buffer.from([192, 0, 2, 8]);
const address = (data = ADDRESS, ttl = 300): Script => ({ answers: [aRecord(TYPE.A, data, ttl)] });
const cname = (target: string): Buffer => aRecord(TYPE.CNAME, composeName(target));

async function setUp(
  script: (asked: Asked) => Script | undefined,
  shape: Parameters<typeof aResolver>[0] = {},
) {
  const upstream = await startScripted(script);
  const door = aResolver({ ...shape, settings: { upstreams: [upstream.url], ...shape.settings } });
  return {
    upstream,
    door,
    async [Symbol.asyncDispose]() {
      door[Symbol.dispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

test('an ordinary name is answered as the upstream answers it, under the ID and spelling of the asker', async () => {
  await using at = await setUp(() => address());
  const name = Buffer.from(composeName('WwW.Fine.Test'));
  const answer = await at.door.ask(aQuery(name, { id: 0x1234, edns: {} }));
  expect(answer).toMatchObject({
    id: 0x1234,
    rcode: 0,
    records: [{ type: TYPE.A, ttl: 300, data: ADDRESS }],
  });
  expect(answer.question.subarray(0, name.length)).toEqual(name);
  expect(answer.opt).toEqual({ size: 1232, dnssecOk: false, ede: undefined });
});

test('of a client’s message nothing but its question goes up: no client subnet, no cookie, our own OPT', async () => {
  await using at = await setUp(() => address());
  const options = Buffer.concat([
    words(8, 7, 1, 0x1800),
    Buffer.from([192, 0, 2]),
    words(10, 8),
    Buffer.alloc(8, 1),
  ]);
  await at.door.ask(aQuery('fine.test', { edns: { size: 4096, options } }));
  const message = at.upstream.asked[0]?.message as unknown as {
    additionals: { class: number; rdata: unknown[] }[];
  };
  expect(message.additionals).toHaveLength(1);
  expect(message.additionals[0]?.class).toBe(1232);
  expect(message.additionals[0]?.rdata).toEqual([]);
});

test('IDs, source ports and spellings change from question to question', async () => {
  const spellings = new Set<string>();
  await using at = await setUp((asked) => {
    spellings.add((asked.message.questions[0]?.name ?? '').replace(/\d+/, ''));
    return address();
  });
  for (let i = 0; i < 40; i++) await at.door.ask(aQuery(`name${i}.spelling.test`));
  expect(new Set(at.upstream.asked.map(({ message }) => message.header.id)).size).toBeGreaterThan(35);
  expect(new Set(at.upstream.asked.map(({ port }) => port)).size).toBeGreaterThan(5);
  expect(spellings.size).toBeGreaterThan(30);
});

test('equal questions in flight are asked once, and each asker is answered', async () => {
  const open = Promise.withResolvers<void>();
  await using at = await setUp(() => ({ ...address(), after: open.promise }));
  const asked = [1, 2, 3].map((id) => at.door.ask(aQuery(id === 2 ? 'FINE.test' : 'fine.test', { id })));
  expect(at.door.resolver.forwarder.inFlight()).toBe(1);
  open.resolve();
  expect((await Promise.all(asked)).map(({ id, records }) => [id, records[0]?.data])).toEqual([
    [1, ADDRESS],
    [2, ADDRESS],
    [3, ADDRESS],
  ]);
  expect(at.upstream.asked).toHaveLength(1);
});

test('a truncated answer is asked for over TCP', async () => {
  const long = Array.from({ length: 100 }, (_, i) => aRecord(TYPE.A, Buffer.from([192, 0, 2, i])));
  await using at = await setUp(({ protocol }) =>
    protocol === 'udp' ? { truncated: true } : { answers: long },
  );
  const whole = await at.door.ask(aQuery('long.test'), undefined, true);
  expect(whole.records).toHaveLength(100);
  // An asker over UDP gets TC with question and OPT, also from the cache.
  const short = await at.door.ask(aQuery('long.test', { edns: { size: 4096 } }));
  expect(short.flags.tc).toBe(true);
  expect(short.counts).toEqual([1, 0, 0, 1]);
  expect(at.upstream.asked.map(({ protocol }) => protocol)).toEqual(['udp', 'tcp']);
});

test('an asker without EDNS gets 512 octets at most', async () => {
  const records = Array.from({ length: 32 }, (_, i) => aRecord(TYPE.A, Buffer.from([192, 0, 2, i])));
  await using at = await setUp(() => ({ answers: records }));
  expect((await at.door.ask(aQuery('long.test'))).flags.tc).toBe(true);
  expect((await at.door.ask(aQuery('long.test', { edns: { size: 512 } }))).flags.tc).toBe(true);
  expect((await at.door.ask(aQuery('long.test', { edns: { size: 1000 } }))).records).toHaveLength(32);
});

/** `octets` with the ones at `at` replaced. */
function patched(octets: Buffer, at: number, ...values: readonly number[]): Buffer {
  const changed = Buffer.from(octets);
  changed.set(values, at);
  return changed;
}

test.each<[what: string, spoil: (octets: Buffer) => Buffer]>([
  ['another ID', (octets) => patched(octets, 1, octets.readUInt8(1) ^ 1)],
  ['another name', (octets) => patched(octets, 13, 122)],
  ['another type', (octets) => patched(octets, 24, 99)],
  ['QR=0', (octets) => patched(octets, 2, 1)],
  ['a header alone', (octets) => octets.subarray(0, 12)],
  ['one octet', (octets) => octets.subarray(0, 1)],
])('an answer with %s is taken for nobody’s; the right one behind it is taken', async (_what, spoil) => {
  let count = 0;
  await using at = await setUp(() => (++count === 1 ? { ...address(OTHER), spoil } : address()));
  expect((await at.door.ask(aQuery('fine.test'))).records[0]?.data).toEqual(ADDRESS);
  expect(count).toBe(2);
});

test('an answer in another spelling than the question’s is believed over TCP only, and the upstream is then asked plainly', async () => {
  const lower = (octets: Buffer) => {
    const end = 12 + octets.subarray(12).indexOf(0);
    return Buffer.concat([
      octets.subarray(0, 12),
      Buffer.from(octets.subarray(12, end).toString('latin1').toLowerCase(), 'latin1'),
      octets.subarray(end),
    ]);
  };
  await using at = await setUp(({ protocol }) =>
    protocol === 'udp' ? { ...address(OTHER), spoil: lower } : address(),
  );
  for (let i = 0; i < 3; i++) {
    expect(
      (await at.door.ask(aQuery(`a-long-name-with-letters-${i}.spelling.test`))).records[0]?.data,
    ).toEqual(ADDRESS);
  }
  const plain = await at.door.ask(aQuery('a-long-name-with-letters-9.spelling.test'));
  expect(plain.records[0]?.data).toEqual(OTHER);
});

test.each<[what: string, script: Script]>([
  ['an address of three octets', { answers: [aRecord(TYPE.A, Buffer.alloc(3))] }],
  ['a record that is cut short', { ...address(), spoil: (octets) => octets.subarray(0, -1) }],
  ['a count that lies', { ...address(), spoil: (octets) => patched(octets, 7, 2) }],
  ['a CNAME that points to itself', { answers: [aRecord(TYPE.CNAME, words(0xc000 | 39))] }],
  ['a CNAME of a pointer forwards', { answers: [aRecord(TYPE.CNAME, words(0xffff))] }],
  ['a CNAME with octets behind its name', { answers: [aRecord(TYPE.CNAME, Buffer.from([0, 0]))] }],
  ['an OPT record among the answers', { answers: [aRecord(41, Buffer.alloc(0))] }],
])('an answer with %s is never passed on: the next upstream is asked', async (_what, script) => {
  await using bad = await startScripted(() => script);
  await using good = await startScripted(() => address());
  using door = aResolver({ settings: { upstreams: [bad.url, good.url] } });
  expect((await door.ask(aQuery('fine.test'))).records[0]?.data).toEqual(ADDRESS);
  using alone = aResolver({ settings: { upstreams: [bad.url] } });
  expect(await alone.ask(aQuery('fine.test', { edns: {} }))).toMatchObject({
    rcode: 2,
    opt: { ede: { code: 22 } },
  });
});

test.each([2, 5, 4, 1])(
  'an upstream that answers rcode %i is passed over when another one answers',
  async (rcode) => {
    await using bad = await startScripted(() => ({ rcode }));
    await using good = await startScripted(() => address());
    using door = aResolver({ settings: { upstreams: [bad.url, good.url] } });
    expect((await door.ask(aQuery('fine.test'))).records[0]?.data).toEqual(ADDRESS);
    expect(door.health(bad.url).state).toBe('up');
  },
);

test('NXDOMAIN is an answer: no second upstream is asked', async () => {
  await using first = await startScripted(() => ({ rcode: 3, authority: [aSoa(60)] }));
  await using second = await startScripted(() => address());
  using door = aResolver({ settings: { upstreams: [first.url, second.url] } });
  expect(await door.ask(aQuery('nowhere.test'))).toMatchObject({ rcode: 3, counts: [1, 0, 1, 0] });
  expect(second.asked).toHaveLength(0);
});

test('where nobody listens the next upstream is asked at once, and the dead one is known as down', async () => {
  await using good = await startScripted(() => address());
  const dead = `udp://127.0.0.1:${await deadPort()}`;
  using door = aResolver({ settings: { upstreams: [dead, good.url] } });
  for (let i = 0; i < 4; i++) expect((await door.ask(aQuery(`n${i}.test`))).rcode).toBe(0);
  expect(door.health(dead).state).toBe('down');
  expect(door.health(good.url)).toMatchObject({ state: 'up' });
});

test('a silent upstream is passed over, and is asked again when it is back', async () => {
  let silent = true;
  await using first = await startScripted(() => (silent ? undefined : address()));
  await using second = await startScripted(() => address(OTHER));
  using door = aResolver({ settings: { upstreams: [first.url, second.url] } });
  const answers = await Promise.all([0, 1, 2, 3].map((i) => door.ask(aQuery(`n${i}.test`))));
  for (const answer of answers) expect(answer.records[0]?.data).toEqual(OTHER);
  expect(door.health(first.url).state).toBe('down');
  const before = first.asked.length;
  await door.ask(aQuery('while-down.test'));
  expect(first.asked.filter(({ name }) => name === 'while-down.test')).toEqual([]);
  expect(first.asked.length).toBe(before);
  silent = false;
  await vi.waitFor(() => expect(door.health(first.url).state).not.toBe('down'), 6000);
  expect((await door.ask(aQuery('back.test'))).records[0]?.data).toEqual(ADDRESS);
});

test('without any upstream the answer is SERVFAIL, and says why', async () => {
  using none = aResolver();
  expect(await none.ask(aQuery('fine.test', { edns: {} }))).toMatchObject({
    rcode: 2,
    opt: { ede: { code: 23 } },
  });
  const dead = `udp://127.0.0.1:${await deadPort()}`;
  using door = aResolver({ settings: { upstreams: [dead] } });
  expect(await door.ask(aQuery('fine.test', { edns: {} }))).toMatchObject({
    rcode: 2,
    opt: { ede: { code: 22 } },
  });
  for (let i = 0; i < 2; i++) await door.ask(aQuery('fine.test'));
  expect(await door.ask(aQuery('fine.test', { edns: {} }))).toMatchObject({
    rcode: 2,
    opt: { ede: { code: 23 } },
  });
});

test('more different questions in flight than there is room for get SERVFAIL, not memory', async () => {
  await using at = await setUp(() => undefined);
  const waiting: Promise<unknown>[] = [];
  for (let i = 0; i < 4096; i++) waiting.push(at.door.ask(aQuery(`n${i}.test`)));
  const answer = await at.door.ask(aQuery('one-more.test', { edns: {} }));
  expect(answer).toMatchObject({ rcode: 2, opt: { ede: { code: 0, text: 'too many questions in flight' } } });
  at.door.resolver.forwarder.close();
  await Promise.all(waiting);
  expect(at.door.resolver.forwarder.inFlight()).toBe(0);
});

test('an upstream that is no address is left out and told of', () => {
  using door = aResolver({ settings: { upstreams: ['udp://192.0.2.53:99999'] } });
  expect(door.unusable).toEqual([
    'udp://192.0.2.53:99999: wanted an upstream such as udp://192.0.2.53:53, got "udp://192.0.2.53:99999"',
  ]);
});

test('AD is passed on from an upstream on this machine, to those who ask for it', async () => {
  await using at = await setUp(() => ({ ...address(), authenticData: true }));
  expect((await at.door.ask(aQuery('fine.test'))).flags.ad).toBe(false);
  expect((await at.door.ask(aQuery('fine.test', { flags: 0x0120 }))).flags.ad).toBe(true);
  expect((await at.door.ask(aQuery('fine.test', { edns: { dnssecOk: true } }))).flags.ad).toBe(true);
});

const GAMBLING = [['bet.test', 'gambling']] as const;

test('a name whose CNAME leads to a blocked one is blocked, from the upstream and from the cache, and it is recorded', async () => {
  const script = () => ({
    answers: [cname('edge.cdn.test'), cname('www.bet.test'), aRecord(TYPE.A, ADDRESS)],
  });
  await using at = await setUp(script, { names: GAMBLING });
  for (let round = 0; round < 3; round++) {
    const answer = await at.door.ask(aQuery('innocent.test', { edns: {} }));
    expect(answer.records).toMatchObject([{ type: TYPE.A, data: Buffer.from([192, 0, 2, 80]) }]);
    expect(answer.opt?.ede?.text).toBe('Blocked: Gambling');
  }
  expect(at.upstream.asked).toHaveLength(1);
  expect(at.door.resolver.desk.events.take()?.events).toMatchObject([
    { name: 'innocent.test', category: 'gambling', count: 3 },
  ]);
});

test('what one profile may have and another may not is told apart when it comes from the cache', async () => {
  const networks = [{ name: 'Staff', ranges: ['127.128.0.0/9'], profile: 'staff' as const }];
  const script = () => ({ answers: [cname('www.bet.test'), aRecord(TYPE.A, ADDRESS)] });
  await using at = await setUp(script, { names: GAMBLING, settings: { networks } });
  at.door.adopt({ networks, upstreams: [at.upstream.url] });
  expect((await at.door.ask(aQuery('innocent.test'), '127.128.0.1')).counts[1]).toBe(2);
  expect((await at.door.ask(aQuery('innocent.test'), '127.0.0.1')).records[0]?.data).toEqual(
    Buffer.from([192, 0, 2, 80]),
  );
  expect((await at.door.ask(aQuery('innocent.test'), '127.128.0.1')).counts[1]).toBe(2);
  expect(at.upstream.asked).toHaveLength(1);
});

test('an own allow of the first name covers its chain, but not into the locked core', async () => {
  const script = ({ name }: Asked) => ({
    answers: [cname(name === 'lesson.test' ? 'bet.test' : 'proxy.test')],
  });
  const allow = ['lesson.test', 'sly.test'].map((name) => ({ name, why: 'for a lesson' }));
  await using at = await setUp(script, {
    names: [...GAMBLING, ['proxy.test', 'circumvention']],
    settings: { profiles: profilesWith({ learner: { allow } }) },
  });
  at.door.adopt({ profiles: profilesWith({ learner: { allow } }), upstreams: [at.upstream.url] });
  expect((await at.door.ask(aQuery('lesson.test'))).records[0]?.type).toBe(TYPE.CNAME);
  expect((await at.door.ask(aQuery('sly.test', { edns: {} }))).opt?.ede?.code).toBe(15);
});

test('a policy that changes makes the cache look again', async () => {
  await using at = await setUp(() => ({ answers: [cname('edge.cdn.test'), aRecord(TYPE.A, ADDRESS)] }));
  expect((await at.door.ask(aQuery('fine.test'))).counts[1]).toBe(2);
  const block = [{ name: 'cdn.test', why: 'found out' }];
  at.door.adopt({ profiles: profilesWith({ learner: { block } }), upstreams: [at.upstream.url] });
  expect((await at.door.ask(aQuery('fine.test', { edns: {} }))).opt?.ede?.code).toBe(15);
  expect(at.upstream.asked).toHaveLength(1);
});

test('TargetName of an HTTPS record is asked of the filter', async () => {
  const https = (target: string) => aRecord(TYPE.HTTPS, Buffer.concat([words(1), composeName(target)]));
  await using at = await setUp(({ name }) => ({ answers: [https(name === 'sly.test' ? 'bet.test' : '')] }), {
    names: GAMBLING,
  });
  expect((await at.door.ask(aQuery('sly.test', { qtype: TYPE.HTTPS }))).counts.slice(1, 3)).toEqual([0, 1]);
  expect((await at.door.ask(aQuery('fine.test', { qtype: TYPE.HTTPS }))).counts[1]).toBe(1);
});

test.each([
  ['127.0.0.1', '7f000001'],
  ['10.1.2.3', '0a010203'],
  ['192.168.1.1', 'c0a80101'],
  ['172.20.0.1', 'ac140001'],
  ['169.254.169.254', 'a9fea9fe'],
  ['100.64.0.1', '64400001'],
  ['0.0.0.0', '00000000'],
  ['::1', '00000000000000000000000000000001'],
  ['fd00::1', 'fd000000000000000000000000000001'],
  ['fe80::1', 'fe800000000000000000000000000001'],
  ['::ffff:10.0.0.1', '00000000000000000000ffff0a000001'],
  ['64:ff9b::10.0.0.1', '0064ff9b00000000000000000a000001'],
])('a public name with the private address %s gets NODATA, each time', async (_address, hex) => {
  const data = Buffer.from(hex, 'hex');
  const qtype = data.length === 4 ? TYPE.A : TYPE.AAAA;
  await using at = await setUp(() => ({ answers: [aRecord(qtype, data)] }));
  for (let round = 0; round < 2; round++) {
    const answer = await at.door.ask(aQuery('rebind.test', { qtype, edns: {} }));
    expect(answer).toMatchObject({ rcode: 0, opt: { ede: { code: 15 } } });
    expect(answer.counts[1]).toBe(0);
  }
});

test('a private address under a name that the provider allows or never blocks is passed on', async () => {
  const neverBlock = [{ name: 'intranet.test', why: 'ours' }];
  await using at = await setUp(() => address(Buffer.from([10, 0, 0, 1])), { settings: { neverBlock } });
  at.door.adopt({ neverBlock, upstreams: [at.upstream.url] });
  expect((await at.door.ask(aQuery('www.intranet.test'))).counts[1]).toBe(1);
});

test('the upstream’s OPT record and what follows it is cut off', async () => {
  const opt = Buffer.concat([Buffer.alloc(1), words(41, 4096, 0, 0, 0)]);
  const extra = aRecord(TYPE.TXT, Buffer.from('\x02hi'));
  await using at = await setUp(() => ({ ...address(), additional: [extra, opt, extra] }));
  for (let round = 0; round < 2; round++) {
    expect(await at.door.ask(aQuery('fine.test', { edns: {} }))).toMatchObject({
      counts: [1, 1, 0, 2],
      opt: { size: 1232 },
    });
    expect((await at.door.ask(aQuery('fine.test'))).counts).toEqual([1, 1, 0, 1]);
  }
});
