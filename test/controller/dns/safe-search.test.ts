import { expect, test } from 'vitest';
import { composeName } from '#filter/name-view.ts';
import { type Answer, aQuery, aRecord, aSoa, TYPE } from '#support/messages.ts';
import { profilesWith } from '#support/policy.ts';
import { aResolver } from '#support/resolver.ts';
import { type Asked, type Script, startScripted } from '#support/scripted-upstream.ts';

const START = 1_700_000_000_000;
const GOOGLE = 'forcesafesearch.google.com';
const LEARNER = '127.0.0.1';
const STAFF = '127.128.0.1';
const networks = [
  { name: 'Learners', ranges: ['127.0.0.0/9'], profile: 'learner' as const },
  { name: 'Staff', ranges: ['127.128.0.0/9'], profile: 'staff' as const },
];
const SAFE = Buffer.from([192, 0, 2, 7]);
const PLAIN = Buffer.from([192, 0, 2, 66]);

const address = (data: Buffer, ttl = 300): Buffer => aRecord(TYPE.A, data, ttl);
const cname = (target: string, ttl = 300): Buffer => aRecord(TYPE.CNAME, composeName(target), ttl);

/** Safe addresses for targets, plain ones for all other names. */
const search = ({ name }: Asked): Script => ({
  answers: [address(/^(forcesafe|strict|restrict)/.test(name) ? SAFE : PLAIN)],
});

async function setUp(
  script: (asked: Asked) => Script | undefined = search,
  shape: Parameters<typeof aResolver>[0] = {},
) {
  const upstream = await startScripted(script);
  const clock = { now: START };
  const settings = { upstreams: [upstream.url], networks, ...shape.settings };
  const door = aResolver({ ...shape, clock, settings });
  return {
    upstream,
    door,
    clock,
    settings,
    names: () => upstream.asked.map(({ name }) => name),
    async [Symbol.asyncDispose]() {
      door[Symbol.dispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

const dataOf = (answer: Answer) =>
  answer.records.filter(({ section }) => section === 1).map(({ data }) => data);
const rewritten = (target: string, ...addresses: Buffer[]) => [
  Buffer.from(composeName(target)),
  ...addresses,
];

test('a learner’s search is led to safe search, under the ID and spelling of the asker, and is told so', async () => {
  await using at = await setUp();
  const name = Buffer.from(composeName('WwW.GooGle.Co.UK'));
  const answer = await at.door.ask(aQuery(name, { id: 0x1234, edns: {} }), LEARNER);
  expect(answer).toMatchObject({
    id: 0x1234,
    rcode: 0,
    counts: [1, 2, 0, 1],
    records: [
      { type: TYPE.CNAME, ttl: 10 },
      { type: TYPE.A, ttl: 300 },
    ],
    opt: { ede: { code: 4, text: 'Safe search' } },
  });
  expect(dataOf(answer)).toEqual(rewritten(GOOGLE, SAFE));
  expect(answer.question.subarray(0, name.length)).toEqual(name);
  expect(at.names()).toEqual([GOOGLE]);
});

test('an asker without OPT gets none, and the addresses are those of the target’s name', async () => {
  await using at = await setUp();
  const octets = await at.door.askOctets(aQuery('www.google.com'), LEARNER);
  const answer = await at.door.ask(aQuery('www.google.com'), LEARNER);
  expect(answer.opt).toBeUndefined();
  expect(answer.counts).toEqual([1, 2, 0, 0]);
  // The CNAME's RDATA stands 12 octets behind the question; the address record's owner points to it.
  const target = 12 + composeName('www.google.com').length + 4 + 12;
  expect(octets?.readUInt16BE(target + composeName(GOOGLE).length)).toBe(0xc000 | target);
});

test('staff get the plain answer and learners the safe one, whoever asks first, also from the cache', async () => {
  for (const order of [
    [STAFF, LEARNER],
    [LEARNER, STAFF],
  ]) {
    await using at = await setUp();
    for (let round = 0; round < 3; round++) {
      for (const from of order) {
        const answer = await at.door.ask(aQuery('www.google.com'), from);
        expect(dataOf(answer)).toEqual(from === STAFF ? [PLAIN] : rewritten(GOOGLE, SAFE));
      }
    }
    expect(at.names().toSorted()).toEqual([GOOGLE, 'www.google.com']);
  }
});

test.each([
  ['strict', 'restrict.youtube.com'],
  ['moderate', 'restrictmoderate.youtube.com'],
] as const)('YouTube is held to its %s mode', async (youtube, target) => {
  const profiles = profilesWith({ learner: { youtube, safeSearch: false } });
  await using at = await setUp(search, { settings: { profiles } });
  expect(dataOf(await at.door.ask(aQuery('m.youtube.com'), LEARNER))).toEqual(rewritten(target, SAFE));
});

test('TTLs count down, the CNAME’s stays, and the shortest of the target’s own chain holds', async () => {
  const answers = [cname('any.google.test', 40), address(SAFE, 90)];
  await using at = await setUp(() => ({ answers }));
  const ttls = async () =>
    (await at.door.ask(aQuery('www.google.com'), LEARNER)).records.map(({ ttl }) => ttl);
  expect(await ttls()).toEqual([10, 40]);
  at.clock.now += 15_000;
  expect(await ttls()).toEqual([10, 25]);
  expect(at.names()).toHaveLength(1);
  at.clock.now += 25_000;
  expect(await ttls()).toEqual([10, 40]);
  expect(at.names()).toHaveLength(2);
});

test.each([
  ['NODATA', 0],
  ['NXDOMAIN', 3],
])('%s of the target comes with the CNAME and may be kept briefly', async (_what, rcode) => {
  await using at = await setUp(() => ({ rcode, authority: [aSoa(60)] }));
  for (let round = 0; round < 2; round++) {
    const answer = await at.door.ask(aQuery('www.google.com', { qtype: TYPE.AAAA, edns: {} }), LEARNER);
    expect(answer).toMatchObject({ rcode, counts: [1, 1, 1, 1], opt: { ede: { code: 4 } } });
    expect(answer.records.map(({ type, ttl }) => [type, ttl])).toEqual([
      [TYPE.CNAME, 10],
      [TYPE.SOA, 10],
    ]);
  }
  expect(at.names()).toEqual([GOOGLE]);
});

test.each([TYPE.HTTPS, TYPE.TXT, TYPE.SRV])(
  'type %i of a rewritten name is NODATA, and nobody is asked',
  async (qtype) => {
    await using at = await setUp();
    const answer = await at.door.ask(aQuery('www.google.com', { qtype, edns: {} }), LEARNER);
    expect(answer).toMatchObject({ rcode: 0, counts: [1, 0, 1, 1], opt: { ede: { code: 4 } } });
    await at.door.ask(aQuery('www.google.com', { qtype }), STAFF);
    expect((await at.door.ask(aQuery('www.google.com', { qtype }), LEARNER)).counts).toEqual([1, 0, 1, 0]);
    expect(at.names()).toEqual(['www.google.com']);
  },
);

test('who asks for the CNAME gets it, without an upstream', async () => {
  await using at = await setUp();
  const answer = await at.door.ask(aQuery('bing.com', { qtype: TYPE.CNAME, edns: {} }), LEARNER);
  expect(dataOf(answer)).toEqual(rewritten('strict.bing.com'));
  expect(at.names()).toEqual([]);
});

test.each([
  ['says SERVFAIL', { rcode: 2 }],
  ['refuses', { rcode: 5 }],
  ['sends what nobody can read', { answers: [aRecord(TYPE.A, Buffer.alloc(3))] }],
])(
  'when the upstream %s for the target the answer is SERVFAIL, never the plain one',
  async (_what, failure) => {
    await using at = await setUp((asked) => (asked.name === GOOGLE ? failure : search(asked)));
    expect(dataOf(await at.door.ask(aQuery('www.google.com'), STAFF))).toEqual([PLAIN]);
    for (let round = 0; round < 3; round++) {
      const answer = await at.door.ask(aQuery('www.google.com', { edns: {} }), LEARNER);
      expect([answer.rcode, answer.counts[1]]).toEqual([2, 0]);
      at.clock.now += 400_000;
    }
  },
);

test('a stale answer of the target is better than none', async () => {
  let broken = false;
  await using at = await setUp((asked) => (broken ? { rcode: 2 } : search(asked)));
  await at.door.ask(aQuery('www.google.com'), LEARNER);
  broken = true;
  at.clock.now += 301_000;
  const answer = await at.door.ask(aQuery('www.google.com', { edns: {} }), LEARNER);
  expect(answer.records.map(({ ttl }) => ttl)).toEqual([10, 30]);
  expect(answer.opt?.ede?.code).toBe(4);
});

test('searches of many domains, and who asks for the target itself, share one question in flight', async () => {
  const open = Promise.withResolvers<void>();
  await using at = await setUp((asked) => ({ ...search(asked), after: open.promise }));
  const names = ['www.google.com', 'www.google.fr', GOOGLE];
  const asked = names.map((name) => at.door.ask(aQuery(name), LEARNER));
  expect(at.door.resolver.forwarder.inFlight()).toBe(1);
  open.resolve();
  const answers = await Promise.all(asked);
  expect(answers.map(dataOf)).toEqual([rewritten(GOOGLE, SAFE), rewritten(GOOGLE, SAFE), [SAFE]]);
  expect(at.names()).toEqual([GOOGLE]);
});

test.each([
  ['switched on', false],
  ['switched off', true],
])(
  'safe search that is %s while an answer is on its way never gets the other answer',
  async (_what, before) => {
    const open = Promise.withResolvers<void>();
    const withSearch = (safeSearch: boolean) => ({ profiles: profilesWith({ learner: { safeSearch } }) });
    await using at = await setUp((asked) => ({ ...search(asked), after: open.promise }), {
      settings: withSearch(before),
    });
    const waiting = at.door.ask(aQuery('www.google.com', { edns: {} }), LEARNER);
    at.door.adopt({ ...at.settings, ...withSearch(!before) });
    open.resolve();
    expect(await waiting).toMatchObject({ rcode: 2, counts: [1, 0, 0, 1], opt: { ede: { code: 0 } } });
    const again = await at.door.ask(aQuery('www.google.com'), LEARNER);
    expect(dataOf(again)).toEqual(before ? [PLAIN] : rewritten(GOOGLE, SAFE));
  },
);

test('a target that a rule of the provider blocks is blocked', async () => {
  const block = [{ name: 'bing.com', why: 'no Bing here' }];
  const allow = [{ name: 'www.bing.com', why: 'never reached' }];
  const targets = [{ name: 'strict.bing.com', why: 'no safe Bing either' }];
  for (const rules of [{ block, allow }, { block: targets }]) {
    const settings = { profiles: profilesWith({ learner: rules }) };
    await using at = await setUp(search, { settings });
    expect((await at.door.ask(aQuery('www.bing.com', { edns: {} }), LEARNER)).opt?.ede?.code).toBe(15);
    expect(at.names()).toEqual([]);
  }
});

test('a target with a private address is not passed on', async () => {
  await using at = await setUp(() => ({ answers: [address(Buffer.from([10, 0, 0, 1]))] }));
  for (let round = 0; round < 2; round++) {
    const answer = await at.door.ask(aQuery('www.google.com', { edns: {} }), LEARNER);
    expect([answer.counts[1], answer.opt?.ede?.code]).toEqual([0, 15]);
  }
});

test('more addresses than a datagram holds are asked for over TCP', async () => {
  const answers = Array.from({ length: 60 }, (_, i) => address(Buffer.from([192, 0, 2, i])));
  await using at = await setUp(() => ({ answers }));
  const whole = await at.door.ask(aQuery('www.google.com', { edns: {} }), LEARNER, true);
  expect(whole.counts[1]).toBe(61);
  const short = await at.door.ask(aQuery('www.google.com'), LEARNER);
  expect([short.flags.tc, ...short.counts]).toEqual([true, 1, 0, 0, 0]);
});

test('AD is never said of a rewritten name', async () => {
  await using at = await setUp((asked) => ({ ...search(asked), authenticData: true }));
  const shape = { edns: { dnssecOk: true } };
  expect((await at.door.ask(aQuery('www.google.com', shape), LEARNER)).flags.ad).toBe(false);
  expect((await at.door.ask(aQuery('www.google.com', shape), STAFF)).flags.ad).toBe(true);
});

test('a name that leads to a search engine by CNAME is not rewritten', async () => {
  await using at = await setUp(() => ({ answers: [cname('www.google.com'), address(PLAIN)] }));
  const answer = await at.door.ask(aQuery('find.test', { edns: {} }), LEARNER);
  expect(dataOf(answer)).toEqual(rewritten('www.google.com', PLAIN));
  expect(answer.opt?.ede).toBeUndefined();
});

test('a name that leads to an engine without safe search is blocked, also from what staff were answered', async () => {
  await using at = await setUp(() => ({ answers: [cname('eu.search.yahoo.com'), address(PLAIN)] }));
  expect(dataOf(await at.door.ask(aQuery('find.test'), STAFF))).toHaveLength(2);
  for (let round = 0; round < 2; round++) {
    expect((await at.door.ask(aQuery('find.test', { edns: {} }), LEARNER)).opt?.ede?.code).toBe(15);
  }
  expect(dataOf(await at.door.ask(aQuery('find.test'), STAFF))).toHaveLength(2);
});

test('an engine without safe search is blocked for learners, told so, and recorded', async () => {
  await using at = await setUp();
  const answer = await at.door.ask(aQuery('uk.search.yahoo.com', { edns: {} }), LEARNER);
  expect(answer.opt?.ede).toEqual({ code: 15, text: 'Blocked: a search engine without safe search' });
  expect(at.door.resolver.desk.events.take()?.events).toMatchObject([
    { name: 'uk.search.yahoo.com', tier: 'safe-search', profile: 'learner', count: 1 },
  ]);
  expect(dataOf(await at.door.ask(aQuery('uk.search.yahoo.com'), STAFF))).toEqual([PLAIN]);
});
