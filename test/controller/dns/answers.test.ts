import { expect, test } from 'vitest';
import { CATEGORIES, type Category } from '#contract/categories.ts';
import type { BlockedAnswer } from '#contract/settings.ts';
import { composeName } from '#filter/name-view.ts';
import { anOpt, aQuery, readAnswer, TYPE } from '#support/messages.ts';
import { profilesWith } from '#support/policy.ts';
import { aResolver } from '#support/resolver.ts';

const NAMES: [string, Category][] = [
  ['bet.test', 'gambling'],
  ['proxy.test', 'circumvention'],
];
const PAGE = Buffer.from([192, 0, 2, 80]);
const PAGE6 = Buffer.from('20010db8000000000000000000000080', 'hex');

function withAnswer(blockedAnswer: BlockedAnswer) {
  return aResolver({ names: NAMES, settings: { profiles: profilesWith({ learner: { blockedAnswer } }) } });
}

test.each<[BlockedAnswer, qtype: number, rcode: number, data: Buffer | undefined]>([
  ['page', TYPE.A, 0, PAGE],
  ['page', TYPE.AAAA, 0, PAGE6],
  ['page', TYPE.HTTPS, 0, undefined],
  ['page', TYPE.TXT, 0, undefined],
  ['unspecified', TYPE.A, 0, Buffer.alloc(4)],
  ['unspecified', TYPE.AAAA, 0, Buffer.alloc(16)],
  ['unspecified', TYPE.HTTPS, 0, undefined],
  ['nxdomain', TYPE.A, 3, undefined],
  ['nxdomain', TYPE.HTTPS, 3, undefined],
  ['refused', TYPE.A, 5, undefined],
])('a blocked name answered as %s, type %i, gets rcode %i', async (blockedAnswer, qtype, rcode, data) => {
  using door = withAnswer(blockedAnswer);
  const answer = await door.ask(aQuery('www.bet.test', { qtype, edns: {} }));
  expect(answer.rcode).toBe(rcode);
  const first = answer.records.find((record) => record.section === 1);
  expect(first?.data).toEqual(data);
  if (data) expect(first).toMatchObject({ type: qtype, ttl: 10 });
  // A negative answer says by its SOA that it is to be kept for a short time only.
  const soa = answer.records.find((record) => record.section === 2);
  if (!data && rcode !== 5) expect(soa).toMatchObject({ type: TYPE.SOA, ttl: 10 });
  expect(soa?.data.readUInt32BE(soa.data.length - 4) ?? 10).toBe(10);
  expect(answer.opt).toMatchObject({
    size: 1232,
    ede: { code: 15, text: `Blocked: ${CATEGORIES.gambling.title}` },
  });
});

test('a blocked answer carries no OPT and no extended error for those who sent none', async () => {
  using door = withAnswer('page');
  expect((await door.ask(aQuery('bet.test'))).counts).toEqual([1, 1, 0, 0]);
});

test('DO comes back as it was asked', async () => {
  using door = withAnswer('page');
  expect((await door.ask(aQuery('bet.test', { edns: { dnssecOk: true } }))).opt?.dnssecOk).toBe(true);
  expect((await door.ask(aQuery('bet.test', { edns: {} }))).opt?.dnssecOk).toBe(false);
});

test('the spelling of the question comes back as it was asked, and makes no difference', async () => {
  using door = withAnswer('page');
  const name = Buffer.from(composeName('wWw.BeT.tEsT'));
  const answer = await door.ask(aQuery(name));
  expect(answer.question.subarray(0, name.length)).toEqual(name);
  expect(answer.records[0]?.data).toEqual(PAGE);
});

test.each([
  [0x0000, { rd: false, cd: false }],
  [0x0100, { rd: true, cd: false }],
  [0x0110, { rd: true, cd: true }],
  [0x0130, { rd: true, cd: true }],
])('of the flags %i RD and CD are copied, RA is set, AA and AD are not', async (flags, wanted) => {
  using door = withAnswer('page');
  const answer = await door.ask(aQuery('bet.test', { flags, id: 0xbeef }));
  expect(answer.flags).toEqual({ qr: true, aa: false, tc: false, ra: true, ad: false, ...wanted });
  expect(answer.id).toBe(0xbeef);
});

test('a rule of the provider blocks and says so', async () => {
  const profiles = profilesWith({ learner: { block: [{ name: 'own.test', why: 'asked for' }] } });
  using door = aResolver({ settings: { profiles } });
  const answer = await door.ask(aQuery('a.own.test', { edns: {} }));
  expect(answer.records[0]?.data).toEqual(PAGE);
  expect(answer.opt?.ede).toEqual({ code: 15, text: 'Blocked by a rule of this network' });
});

test('each network has the verdicts of its profile', async () => {
  const networks = [{ name: 'Staff', ranges: ['127.128.0.0/9'], profile: 'staff' as const }];
  using door = aResolver({ names: NAMES, settings: { networks } });
  expect((await door.ask(aQuery('bet.test'), '127.0.0.1')).rcode).toBe(0);
  // Allowed, and there is no upstream: SERVFAIL.
  expect((await door.ask(aQuery('bet.test'), '127.128.0.1')).rcode).toBe(2);
});

test('whoever is not served is refused, whatever is asked', async () => {
  using door = withAnswer('page');
  for (const name of ['bet.test', 'localhost', 'use-application-dns.net', 'example.test']) {
    expect(await door.ask(aQuery(name), '198.51.100.7')).toMatchObject({ rcode: 5, counts: [1, 0, 0, 0] });
  }
});

test.each<[name: string, qtype: number, rcode: number, data: string | undefined]>([
  ['use-application-dns.net', TYPE.A, 3, undefined],
  ['use-application-dns.net', TYPE.AAAA, 3, undefined],
  ['mask.icloud.com', TYPE.A, 3, undefined],
  ['mask-h2.icloud.com', TYPE.HTTPS, 3, undefined],
  ['mask-canary.icloud.com', TYPE.TXT, 3, undefined],
  ['doh.dns.apple.com', TYPE.A, 3, undefined],
  ['_dns.resolver.arpa', 64, 0, undefined],
  ['resolver.arpa', TYPE.A, 0, undefined],
  ['localhost', TYPE.A, 0, '7f000001'],
  ['localhost', TYPE.AAAA, 0, '00000000000000000000000000000001'],
  ['app.localhost', TYPE.A, 0, '7f000001'],
  ['localhost', TYPE.TXT, 0, undefined],
  ['gatehouse.home.arpa', TYPE.A, 0, 'c0000250'],
  ['nonce123.check.gatehouse.home.arpa', TYPE.A, 0, 'c0000250'],
  ['nonce123.check.gatehouse.home.arpa', TYPE.TXT, 0, undefined],
  ['printer.home.arpa', TYPE.A, 3, undefined],
  ['printer.local', TYPE.A, 3, undefined],
  ['hidden.onion', TYPE.A, 3, undefined],
  ['some.invalid', TYPE.A, 3, undefined],
  ['1.0.168.192.in-addr.arpa', 12, 3, undefined],
  ['printer', TYPE.A, 3, undefined],
  ['printer', TYPE.HTTPS, 3, undefined],
])('%s, type %i, is answered here with rcode %i', async (name, qtype, rcode, data) => {
  using door = aResolver();
  const answer = await door.ask(aQuery(name, { qtype, edns: {} }));
  expect(answer.rcode).toBe(rcode);
  expect(answer.records.find((record) => record.section === 1)?.data.toString('hex')).toBe(data);
  if (!data) expect(answer.records[0]).toMatchObject({ section: 2, type: TYPE.SOA });
  expect(door.resolver.desk.counters[3]).toBe(0);
});

test('ANY gets one small record that says so', async () => {
  using door = aResolver();
  const answer = await door.ask(aQuery('example.test', { qtype: TYPE.ANY }));
  expect(answer.records).toEqual([
    { section: 1, type: TYPE.HINFO, ttl: 3600, data: Buffer.from('\x07RFC8482\0') },
  ]);
});

test('a category that is relaxed is open until its end, to the millisecond', async () => {
  const clock = { now: 1_000_000 };
  const override = {
    kind: 'relaxation',
    profiles: ['learner'],
    categories: ['gambling'],
    untilMs: 1_000_500,
  } as const;
  using door = aResolver({ names: NAMES, clock, override });
  expect((await door.ask(aQuery('bet.test'))).rcode).toBe(2);
  clock.now = 1_000_500;
  expect((await door.ask(aQuery('bet.test'))).records[0]?.data).toEqual(PAGE);
});

test('a policy that is posted is in force with the next question', async () => {
  using door = aResolver({ names: NAMES });
  expect((await door.ask(aQuery('bet.test'))).rcode).toBe(0);
  door.adopt({ profiles: profilesWith({ learner: { allow: [{ name: 'bet.test', why: 'a lesson' }] } }) });
  expect((await door.ask(aQuery('bet.test'))).rcode).toBe(2);
  // The locked core is not lifted by an own allow.
  door.adopt({ profiles: profilesWith({ learner: { allow: [{ name: 'proxy.test', why: 'a try' }] } }) });
  expect((await door.ask(aQuery('proxy.test'))).records[0]?.data).toEqual(PAGE);
});

test('a device under test has every answer reported, others none, and names of the check zone always', async () => {
  using door = aResolver({ names: NAMES });
  await door.ask(aQuery('bet.test'), '10.0.0.5');
  await door.ask(aQuery('Nonce.check.gatehouse.home.arpa'), '10.0.0.6');
  door.resolver.desk.clients.watch([{ device: '10.0.0.5', untilMs: door.clock.now + 1000 }]);
  await door.ask(aQuery('bet.test'), '10.0.0.5');
  await door.ask(aQuery('bet.test'), '10.0.0.6');
  await door.ask(aQuery('fine.test'), '10.0.0.5');
  door.clock.now += 1000;
  await door.ask(aQuery('bet.test'), '10.0.0.5');
  expect(door.watched.map(({ device, name, verdict }) => `${device} ${name} ${verdict}`)).toEqual([
    '10.0.0.6 nonce.check.gatehouse.home.arpa allowed',
    '10.0.0.5 bet.test blocked',
    '10.0.0.5 fine.test failed',
  ]);
});

test('a flood of names of the check zone is reported up to a bound', async () => {
  using door = aResolver();
  for (let i = 0; i < 300; i++) await door.ask(aQuery(`n${i}.check.gatehouse.home.arpa`));
  expect(door.watched).toHaveLength(100);
  door.resolver.desk.turn();
  await door.ask(aQuery('next.check.gatehouse.home.arpa'));
  expect(door.watched).toHaveLength(101);
});

test('blocked questions are added up by device, name and category', async () => {
  using door = aResolver({ names: NAMES });
  for (const from of ['10.0.0.5', '10.0.0.5', '10.0.0.6']) {
    await door.ask(aQuery('WWW.bet.test'), from);
    door.clock.now += 10;
  }
  await door.ask(aQuery('proxy.test'), '10.0.0.5');
  const at = door.clock.now - 30;
  const rest = { profile: 'learner', tier: 'category', category: 'gambling', name: 'www.bet.test' };
  expect(door.resolver.desk.events.take()).toEqual({
    lost: 0,
    events: [
      { device: '10.0.0.5', count: 2, firstAt: at, lastAt: at + 10, ...rest },
      { device: '10.0.0.6', count: 1, firstAt: at + 20, lastAt: at + 20, ...rest },
      {
        device: '10.0.0.5',
        profile: 'learner',
        tier: 'locked-core',
        category: 'circumvention',
        name: 'proxy.test',
        count: 1,
        firstAt: at + 30,
        lastAt: at + 30,
      },
    ],
  });
  expect(door.resolver.desk.events.take()).toBeUndefined();
});

test('a batch is bounded, and says how many questions found no room', async () => {
  using door = aResolver({ names: NAMES });
  for (let i = 0; i < 5000; i++) await door.askOctets(aQuery(`n${i}.bet.test`));
  await door.askOctets(aQuery('n0.bet.test'));
  const batch = door.resolver.desk.events.take();
  expect(batch?.events).toHaveLength(4096);
  expect(batch?.lost).toBe(5000 - 4096);
  expect(batch?.events[0]).toMatchObject({ name: 'n0.bet.test', count: 2 });
});

test('somebody who floods is not answered any more, this machine always is', async () => {
  using door = aResolver({ names: NAMES });
  const answered = async (from: string) => {
    let count = 0;
    for (let i = 0; i < 7000; i++) if (await door.askOctets(aQuery('bet.test'), from)) count += 1;
    return count;
  };
  expect(await answered('10.0.0.5')).toBe(6000);
  expect(await answered('10.0.0.6')).toBe(6000);
  expect(await answered('127.0.0.1')).toBe(7000);
  door.clock.now += 1000;
  expect(await answered('10.0.0.5')).toBe(2000);
  expect(await answered('fd00::1')).toBe(6000);
  expect(await answered('fd00::2')).toBe(0);
});

test('a message with two OPT records gets FORMERR with nothing but the question', async () => {
  using door = aResolver();
  const octets = Buffer.concat([aQuery('a.test', { edns: {} }), anOpt({})]);
  octets.writeUInt16BE(2, 10);
  const answer = await door.askOctets(octets);
  expect(readAnswer(answer as Buffer)).toMatchObject({ rcode: 1, counts: [1, 0, 0, 1] });
});
