import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createInspection, walkAnswer } from '#dns/inspect.ts';
import { LATER } from '#dns/resolver.ts';
import { anOpt, aQuery, readAnswer, TYPE, words } from '#support/messages.ts';
import { aResolver } from '#support/resolver.ts';

const FORMERR = 1;
const NOTIMP = 4;
const REFUSED = 5;
const BADVERS = 16;

let door: ReturnType<typeof aResolver>;
beforeEach(() => {
  door = aResolver({ names: [['bet.test', 'gambling']] });
});
afterEach(() => {
  door[Symbol.dispose]();
});

/** What comes back: an rcode, or silence. */
async function rcodeOf(octets: Buffer, from?: string): Promise<number | 'silence'> {
  const answer = await door.askOctets(octets, from);
  return answer === undefined ? 'silence' : readAnswer(answer).rcode;
}

async function expectGoodQueryAnswered(): Promise<void> {
  const answer = await door.ask(aQuery('bet.test'));
  expect(answer.records[0]?.data).toEqual(Buffer.from([192, 0, 2, 80]));
  expect(door.faults).toEqual([]);
}

const typical = aQuery('www.example.test', { edns: { dnssecOk: true } });
const questionEnd = 12 + 18 + 4;

test.each(Array.from({ length: typical.length }, (_, length) => length))(
  'a query cut off after %i octets is dropped or called malformed',
  async (length) => {
    const cut = typical.subarray(0, length);
    expect(await rcodeOf(Buffer.from(cut))).toBe(length < 12 ? 'silence' : FORMERR);
    await expectGoodQueryAnswered();
  },
);

const label63 = Buffer.concat([Buffer.from([63]), Buffer.alloc(63, 'a')]);
const longest = Buffer.concat([
  label63,
  label63,
  label63,
  Buffer.from([61]),
  Buffer.alloc(61, 'b'),
  Buffer.alloc(1),
]);
const tooLong = Buffer.concat([
  label63,
  label63,
  label63,
  Buffer.from([62]),
  Buffer.alloc(62, 'b'),
  Buffer.alloc(1),
]);

function with16(octets: Buffer, at: number, value: number): Buffer {
  const changed = Buffer.from(octets);
  changed.writeUInt16BE(value, at);
  return changed;
}

const plain = aQuery('www.example.test');
const opt = anOpt({});

test.each<[what: string, octets: Buffer, wanted: number | 'silence']>([
  ['an answer (QR=1)', with16(plain, 2, 0x8180), 'silence'],
  ['an answer of another opcode', with16(plain, 2, 0xa800), 'silence'],
  ['no question', with16(plain, 4, 0), FORMERR],
  ['two questions said, one there', with16(plain, 4, 2), FORMERR],
  ['two questions', Buffer.concat([with16(plain, 4, 2), plain.subarray(12)]), FORMERR],
  ['65535 questions', with16(plain, 4, 0xffff), FORMERR],
  ['an answer count', with16(plain, 6, 1), FORMERR],
  ['an authority count', with16(plain, 8, 1), FORMERR],
  ['an additional count of 65535', with16(plain, 10, 0xffff), FORMERR],
  ['an additional count without a record', with16(plain, 10, 1), FORMERR],
  ['a record that no count announces', Buffer.concat([plain, opt]), FORMERR],
  ['one octet too many', Buffer.concat([plain, Buffer.alloc(1)]), FORMERR],
  ['two OPT records', Buffer.concat([with16(plain, 10, 2), opt, opt]), FORMERR],
  ['an OPT record in the authority section', Buffer.concat([with16(plain, 8, 1), opt]), FORMERR],
  [
    'an OPT record with a name',
    Buffer.concat([with16(plain, 10, 1), words(0xc00c), opt.subarray(1)]),
    FORMERR,
  ],
  [
    'an option that is longer than the record',
    aQuery('a.test', { edns: { options: words(10, 9) } }),
    FORMERR,
  ],
  ['an option without its length', aQuery('a.test', { edns: { options: words(10) } }), FORMERR],
  [
    'a cookie of seven octets',
    aQuery('a.test', { edns: { options: Buffer.concat([words(10, 7), Buffer.alloc(7)]) } }),
    FORMERR,
  ],
  ['EDNS version 1', aQuery('a.test', { edns: { version: 1 } }), BADVERS],
  ['EDNS version 255', aQuery('a.test', { edns: { version: 255 } }), BADVERS],
  ['a pointer as the question', aQuery(words(0xc00c)), FORMERR],
  ['a pointer to the header', aQuery(words(0xc000)), FORMERR],
  ['a pointer forwards', aQuery(words(0xc0ff)), FORMERR],
  ['a label and then a pointer', aQuery(Buffer.from([1, 97, 0xc0, 12])), FORMERR],
  [
    'a label of 64 octets',
    aQuery(Buffer.concat([Buffer.from([64]), Buffer.alloc(64, 'a'), Buffer.alloc(1)])),
    FORMERR,
  ],
  [
    'a label of 191 octets',
    aQuery(Buffer.concat([Buffer.from([191]), Buffer.alloc(191, 'a'), Buffer.alloc(1)])),
    FORMERR,
  ],
  ['a name of 256 octets', aQuery(tooLong), FORMERR],
  ['a name without an end', aQuery(Buffer.concat([label63, label63])), FORMERR],
  ['QTYPE 0', aQuery('a.test', { qtype: 0 }), FORMERR],
  ['QTYPE OPT', aQuery('a.test', { qtype: 41 }), FORMERR],
  ['class CHAOS', aQuery('version.bind', { qtype: TYPE.TXT, qclass: 3 }), REFUSED],
  ['class HESIOD', aQuery('a.test', { qclass: 4 }), REFUSED],
  ['class ANY', aQuery('a.test', { qclass: 255 }), REFUSED],
  ['AXFR', aQuery('a.test', { qtype: 252 }), REFUSED],
  ['IXFR', aQuery('a.test', { qtype: 251 }), REFUSED],
  [
    'IXFR with its SOA',
    Buffer.concat([
      with16(aQuery('a.test', { qtype: 251 }), 8, 1),
      Buffer.from([0]),
      words(6, 1, 0, 0, 22),
      Buffer.alloc(22),
    ]),
    REFUSED,
  ],
])(
  '%s is answered with the right rcode, and the next good query is answered',
  async (_what, octets, wanted) => {
    expect(await rcodeOf(octets)).toBe(wanted);
    await expectGoodQueryAnswered();
  },
);

test.each(Array.from({ length: 15 }, (_, i) => i + 1))('opcode %i is not implemented', async (opcode) => {
  const answer = await door.ask(with16(plain, 2, (opcode << 11) | 0x100));
  expect(answer).toMatchObject({ rcode: NOTIMP, opcode, id: 0x4747, flags: { qr: true, rd: true } });
  await expectGoodQueryAnswered();
});

test('the longest name there is can be asked, in labels of any octets', async () => {
  expect(longest.length).toBe(255);
  const octets = Buffer.from(longest);
  octets[5] = 0;
  octets[6] = 46;
  octets[7] = 0xff;
  expect(await rcodeOf(aQuery(octets))).toBe(2);
  await expectGoodQueryAnswered();
});

test('a dot inside a label is no break between labels', async () => {
  const sly = Buffer.concat([Buffer.from([8]), Buffer.from('bet.test'), Buffer.from([0])]);
  expect(await rcodeOf(aQuery(sly))).toBe(3);
  const slyBelow = Buffer.concat([
    Buffer.from([5]),
    Buffer.from('a.bet'),
    Buffer.from([4]),
    Buffer.from('test'),
    Buffer.alloc(1),
  ]);
  expect(await rcodeOf(aQuery(slyBelow))).toBe(2);
  expect(door.resolver.desk.counters[1]).toBe(0);
});

test('a query that was cut within its question is answered without a question', async () => {
  const answer = await door.ask(Buffer.from(plain.subarray(0, questionEnd - 1)));
  expect(answer.counts).toEqual([0, 0, 0, 0]);
});

test('no octets whatever make the resolver throw, and a good query is answered after them', async () => {
  const anyOctets = fc.uint8Array({ maxLength: 600 });
  const nearlyGood = fc
    .tuple(
      fc.array(fc.tuple(fc.nat(typical.length - 1), fc.nat(255)), { maxLength: 6 }),
      fc.nat(typical.length),
      anyOctets,
    )
    .map(([changes, length, tail]) => {
      const octets = Buffer.from(typical);
      for (const [at, octet] of changes) octets[at] = octet;
      return Buffer.concat([octets.subarray(0, length), tail]);
    });
  const origin = { address: '127.0.0.1', stream: false, keep: () => () => {} };
  fc.assert(
    fc.property(fc.oneof(anyOctets, nearlyGood), (octets) => {
      // Octets behind the message that must not be read: a reader that leaves it meets a second, blocked question.
      const around = Buffer.concat([octets, aQuery('bet.test')]);
      const length = door.resolver.answer(around.subarray(0, octets.length), origin);
      expect(door.faults).toEqual([]);
      if (length === 0 || length === LATER) return;
      const answer = readAnswer(Buffer.from(door.resolver.desk.out.subarray(0, length)));
      expect(answer.id).toBe(Buffer.from(octets).readUInt16BE(0));
      expect(answer.flags.qr).toBe(true);
    }),
    { numRuns: 3000 },
  );
  await expectGoodQueryAnswered();
});

test('no answer of an upstream makes the inspection throw or find something outside of it', () => {
  const found = createInspection();
  const head = Buffer.concat([with16(with16(plain, 2, 0x8180), 6, 3)]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(20), (tail, additional) => {
      const octets = with16(Buffer.concat([head, tail]), 10, additional);
      if (!walkAnswer(octets, plain.length, found)) return;
      expect(found.length).toBeLessThanOrEqual(octets.length);
      for (let i = 0; i < found.ttlCount; i++) expect(found.ttls[i]).toBeLessThanOrEqual(found.length - 4);
      for (let i = 0; i < found.targetCount; i++) expect(found.targets[i]).toBeLessThan(found.length);
    }),
    { numRuns: 3000 },
  );
});

test.each(Array.from({ length: 12 }, (_, at) => at))(
  'a name that points into the header, at %i, is no name',
  (at) => {
    // The counts behind it change on the way: what was walked as the root would go out as something else.
    const head = with16(with16(plain, 2, 0x8180), 6, 1);
    const record = Buffer.concat([words(0xc000 | at, TYPE.A, 1, 0, 60, 4), Buffer.from([192, 0, 2, 7])]);
    expect(walkAnswer(Buffer.concat([head, record]), plain.length, createInspection())).toBe(false);
  },
);

test('a name that runs through a TTL is not kept: counted down, it would be another name', () => {
  const head = with16(with16(plain, 2, 0x8180), 6, 2);
  // The last octet of this TTL and what follows reads as a label of three octets and the root.
  const aged = Buffer.concat([words(0xc00c, TYPE.A, 1, 0, 3, 4), Buffer.from([192, 0, 2, 7])]);
  const pointsAt = (at: number) => words(0xc00c, 5, 1, 0, 60, 2, 0xc000 | at);
  const found = createInspection();
  const intoTtl = Buffer.concat([head, aged, pointsAt(plain.length + 9)]);
  intoTtl[plain.length + 13] = 0;
  expect(walkAnswer(intoTtl, plain.length, found)).toBe(true);
  expect(found.crowded).toBe(true);
  expect(walkAnswer(Buffer.concat([head, aged, pointsAt(12)]), plain.length, found)).toBe(true);
  expect(found.crowded).toBe(false);
});

test('thousands of records with chains of pointers cost a bounded number of steps', () => {
  // Each owner points to the one before: followed without a bound, the work would grow with the square.
  const records = 4000;
  const octets = Buffer.alloc(plain.length + records * 12);
  with16(with16(plain, 2, 0x8180), 6, records).copy(octets);
  for (let i = 0; i < records; i++) {
    const at = plain.length + i * 12;
    octets.writeUInt16BE(0xc000 | (i === 0 ? 12 : Math.min(0x3fff, at - 12)), at);
    octets.writeUInt16BE(16, at + 2);
    octets.writeUInt16BE(1, at + 4);
  }
  expect(walkAnswer(octets, plain.length, createInspection())).toBe(false);
});
