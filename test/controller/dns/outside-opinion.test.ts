import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Dug, digAll } from '#support/dig.ts';
import { openDoor } from '#support/dns-door.ts';
import { hasUnbound, startUnbound, type Unbound } from '#support/unbound.ts';

/** RDATA of each type that a zone of a provider, a shop or a mail service has, and of some that hardly anybody has. */
const DATA: Readonly<Record<string, readonly string[]>> = {
  A: ['192.0.2.1', '192.0.2.2', '192.0.2.3'],
  AAAA: ['2001:db8::1', '2001:db8::2'],
  TXT: ['"v=spf1 -all"', '"two" "strings"', '"\\195\\169 \\000 \\"quoted\\""'],
  MX: ['10 mail.zone.test.', '20 mail.other.test.', '0 .'],
  SRV: ['0 5 5060 sip.zone.test.', '1 0 0 .'],
  HTTPS: ['1 . alpn=h2,h3 ipv4hint=192.0.2.1', '2 svc.other.test. port=8443'],
  SVCB: ['1 svc.zone.test. alpn=dot port=853', '0 svc.other.test.'],
  CAA: ['0 issue "ca.example.org"', '128 iodef "mailto:pki@example.org"'],
  NAPTR: ['100 50 "s" "SIP+D2U" "" _sip._udp.zone.test.', '10 10 "u" "E2U+sip" "!^.*$!sip:x@zone.test!" .'],
  PTR: ['host.zone.test.'],
  NS: ['ns1.zone.test.'],
  TLSA: ['3 1 1 AB9BEB9919729F3239AF08214C1EF6CCA52D2DBAE788BB5BE834C13911292ED9'],
  SSHFP: ['4 2 DD465C09CFA51FB45020CC83316FFF21B9EC74AC3A1C3F5B8F2F5A1F3D9E0A5C'],
  LOC: ['52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m'],
  HINFO: ['"ARM64" "Debian"'],
  RP: ['admin.zone.test. text.zone.test.'],
  URI: ['10 1 "https://www.example.org/path"'],
  AFSDB: ['1 afs.zone.test.'],
  CERT: ['PGP 0 0 AQIDBA=='],
  EUI48: ['00-00-5e-00-53-2a'],
  OPENPGPKEY: ['AQIDBAUGBwg='],
  DS: ['12345 8 2 AB9BEB9919729F3239AF08214C1EF6CCA52D2DBAE788BB5BE834C13911292ED9'],
  TYPE65280: ['\\# 4 0A000001'],
  DNAME: ['elsewhere.other.test.'],
};
const TYPES = Object.keys(DATA);
/** Types that would cut the zone, or be the only ones at their name. */
const APART = ['NS', 'DS', 'DNAME'];
const TOGETHER = TYPES.filter((type) => !APART.includes(type));

/** Octets of text at one name: under and over each size at which an answer is cut. */
const SIZES = [100, 400, 470, 480, 700, 1100, 1180, 1200, 1300, 4000, 16_000, 60_000];

function txtOf(octets: number): string {
  const strings = Array.from({ length: Math.ceil(octets / 200) }, (_, i) =>
    `${i} `.padEnd(Math.min(200, octets - i * 200), 'x'),
  );
  return strings.map((text) => `"${text}"`).join(' ');
}

const SOA = '@ 3600 IN SOA ns1 hostmaster 1 3600 600 86400 300\n@ 3600 IN NS ns1\nns1 3600 IN A 192.0.2.53';
const each = (owner: string, types: readonly string[]) =>
  types.flatMap((type) => (DATA[type] ?? []).map((rdata) => `${owner} 300 IN ${type} ${rdata}`));

const ZONES = {
  'zone.test': [
    '$ORIGIN zone.test.',
    SOA,
    ...TYPES.filter((type) => type !== 'NS' && type !== 'DS').flatMap((type) =>
      each(`only-${type.toLowerCase()}`, [type]),
    ),
    ...each('all', TOGETHER),
    ...each('*.wild', TOGETHER),
    'one.wild 300 IN A 192.0.2.9',
    'mail 300 IN A 192.0.2.25',
    'mail 300 IN AAAA 2001:db8::25',
    'sip 300 IN A 192.0.2.60',
    'svc 300 IN A 192.0.2.61',
    'deep.down.below 300 IN A 192.0.2.10',
    'zero 0 IN A 192.0.2.11',
    'long-ttl 604800 IN A 192.0.2.12',
    'two-ttls 60 IN CNAME long-ttl',
    'alias 600 IN CNAME all',
    'alias-wild 300 IN CNAME any.wild',
    'alias-out 300 IN CNAME all.other.test.',
    'alias-nowhere 300 IN CNAME nowhere',
    'alias-nowhere-out 300 IN CNAME nowhere.other.test.',
    'alias-empty 300 IN CNAME below',
    'alias-dname 300 IN CNAME all.only-dname',
    ...Array.from({ length: 8 }, (_, i) => `chain-${i} 300 IN CNAME chain-${i + 1}`),
    'chain-8 300 IN CNAME all',
    'loop-a 300 IN CNAME loop-b',
    'loop-b 300 IN CNAME loop-a',
    'self 300 IN CNAME self',
    '_sip._udp 300 IN SRV 0 5 5060 sip',
    'under_score 300 IN A 192.0.2.13',
    'a\\.dot 300 IN A 192.0.2.14',
    'a\\000nul 300 IN A 192.0.2.15',
    `${'l'.repeat(63)} 300 IN A 192.0.2.16`,
    ...SIZES.map((octets) => `txt-${octets} 300 IN TXT ${txtOf(octets)}`),
    ...Array.from({ length: 120 }, (_, i) => `crowd 300 IN A 198.51.100.${i}`),
    ...Array.from({ length: 300 }, (_, i) => `mob 300 IN A 198.51.${100 - (i >> 7)}.${i & 127}`),
    '',
  ].join('\n'),
  'other.test': [
    '$ORIGIN other.test.',
    SOA,
    ...each('all', TOGETHER),
    ...each('all.elsewhere', TOGETHER),
    'mail 300 IN A 192.0.2.26',
    'svc 300 IN A 192.0.2.62',
    '',
  ].join('\n'),
};

const QUESTIONS: readonly string[] = [
  // Each type where it is the only one, where it stands beside all others, and by every way to get there.
  ...TYPES.map((type) => `only-${type.toLowerCase()}.zone.test ${type}`),
  ...TOGETHER.map((type) => `all.zone.test ${type}`),
  ...TOGETHER.map((type) => `any.wild.zone.test ${type}`),
  ...TOGETHER.map((type) => `alias.zone.test ${type}`),
  ...TOGETHER.map((type) => `alias-out.zone.test ${type}`),
  // Names that are there and do not have the type, and names that are not there.
  ...TYPES.map((type) => `mail.zone.test ${type}`),
  ...TYPES.map((type) => `nowhere.zone.test ${type}`),
  ...TYPES.map((type) => `zone.test ${type}`),
  ...['A', 'TXT', 'HTTPS', 'MX', 'CNAME'].flatMap((type) =>
    [
      ...['below', 'down.below', 'deep.down.below', 'not.deep.down.below', 'one.wild', 'a.one.wild', 'wild'],
      ...[
        'a.b.c.wild',
        '*.wild',
        'alias-wild',
        'alias-nowhere',
        'alias-nowhere-out',
        'alias-empty',
        'chain-0',
      ],
      ...['chain-5', 'loop-a', 'self', 'two-ttls', 'under_score'],
    ].map((name) => `${name}.zone.test ${type}`),
  ),
  // What octets a name may have, and how it may be spelt.
  'WwW.ZoNe.TeSt A',
  'ALL.ZONE.TEST MX',
  'aLIAS.zONE.tEST A',
  'NoWhere.Zone.Test A',
  'a\\.dot.zone.test A',
  'a\\000nul.zone.test A',
  `${'l'.repeat(63)}.zone.test A`,
  `${`${'l'.repeat(60)}.`.repeat(3)}zone.test A`,
  '_sip._udp.zone.test SRV',
  'zone.test SOA',
  'long-ttl.zone.test A',
  'zero.zone.test A',
  // What the asker can take, and what it asks for.
  ...SIZES.flatMap((octets) =>
    ['+noedns', '+bufsize=512', '+bufsize=1232', '+bufsize=4096'].map(
      (option) => `txt-${octets}.zone.test TXT ${option}`,
    ),
  ),
  ...['crowd', 'mob'].flatMap((name) =>
    ['+noedns', '+bufsize=1232', '+dnssec'].map((option) => `${name}.zone.test A ${option}`),
  ),
  ...['+dnssec', '+cdflag', '+noadflag', '+adflag', '+dnssec +cdflag', '+noedns'].flatMap((option) =>
    ['all.zone.test A', 'alias.zone.test AAAA', 'nowhere.zone.test A', 'mail.zone.test TXT'].map(
      (question) => `${question} ${option}`,
    ),
  ),
];

/** Names below a DNAME. At the turn of a second unbound itself sometimes leaves a part of such an answer out. */
const RENAMED: readonly string[] = [
  ...TOGETHER.map((type) => `all.only-dname.zone.test ${type}`),
  ...['A', 'TXT'].flatMap((type) => [`alias-dname.zone.test ${type}`, `a.b.only-dname.zone.test ${type}`]),
];

let unbound: Unbound;
let door: Awaited<ReturnType<typeof openDoor>>;

beforeAll(async () => {
  if (!hasUnbound) return;
  unbound = await startUnbound({ records: [], zones: ZONES });
  door = await openDoor({ names: [['bet.test', 'gambling']], settings: { upstreams: [unbound.url] } });
});

afterAll(async () => {
  await door?.[Symbol.asyncDispose]();
  await unbound?.stop();
});

/** What must be the same. AA says who owns a zone, and neither of the two does. */
function comparable({ rcode, flags, edns, question, answer, authority, additional }: Dug) {
  const cut = flags.includes('tc');
  // The new name that DNAME makes has the spelling in which the zone's server was asked (DECISIONS.md).
  const renamed = answer.some((record) => record.includes(' IN\tDNAME\t'));
  const spelt = (records: readonly string[]) =>
    renamed ? records.map((record) => record.toLowerCase()).sort() : records;
  const sections = cut ? 'cut' : { answer: spelt(answer), authority: spelt(authority), additional };
  return { rcode, flags: flags.filter((flag) => flag !== 'aa'), edns, question, sections };
}

function expectSame(questions: readonly string[], theirs: readonly Dug[], ours: readonly Dug[]): void {
  const asked = (all: readonly Dug[]) =>
    questions.map((question, i) => [question, comparable(all[i] as Dug)]);
  expect(asked(ours)).toEqual(asked(theirs));
  ours.forEach(({ ttls, flags }, i) => {
    if (flags.includes('tc')) return;
    for (const [record, ttl] of ttls)
      expect(ttl, record).toBeLessThanOrEqual(theirs[i]?.ttls.get(record) ?? -1);
  });
}

test('there are at least 300 questions, with every kind of answer among them', async ({ skip }) => {
  skip(!hasUnbound, 'unbound is not installed');
  expect(new Set(QUESTIONS).size).toBeGreaterThanOrEqual(300);
  const theirs = await digAll(unbound.port, QUESTIONS);
  const kinds = new Set(
    theirs.map(({ rcode, flags, answer }) => {
      const kind = flags.includes('tc') ? 'cut' : answer.length > 0 ? 'records' : 'none';
      return `${rcode} ${kind}`;
    }),
  );
  expect(kinds).toEqual(
    new Set([
      ...['NOERROR records', 'NOERROR none', 'NOERROR cut', 'NXDOMAIN records', 'NXDOMAIN none'],
      'SERVFAIL none',
    ]),
  );
});

test.for(['+notcp', '+tcp'])(
  'answers through us are those of unbound, as they come and from the cache (%s)',
  async (transport, { skip }) => {
    skip(!hasUnbound, 'unbound is not installed');
    const theirs = await digAll(unbound.port, QUESTIONS, transport);
    const came = await digAll(door.port, QUESTIONS, transport);
    expectSame(QUESTIONS, theirs, came);
    const cached = await digAll(door.port, QUESTIONS, transport);
    expectSame(QUESTIONS, came, cached);
    expectSame(QUESTIONS, theirs, cached);
  },
);

test('names below a DNAME are answered as unbound answers them', async ({ skip }) => {
  skip(!hasUnbound, 'unbound is not installed');
  await vi.waitFor(
    async () => {
      const theirs = await digAll(unbound.port, RENAMED);
      expectSame(RENAMED, theirs, await digAll(door.port, RENAMED));
    },
    { timeout: 15_000 },
  );
});
