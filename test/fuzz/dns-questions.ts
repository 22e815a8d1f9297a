import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createQuestion, READ_DROP, READ_OK, readQuestion } from '#dns/question.ts';
import { LATER } from '#dns/resolver.ts';
import { composeName } from '#filter/name-view.ts';
import { anOpt, aQuery, type QueryShape, words } from '#support/messages.ts';
import { aWorker } from './dns-worker.ts';
import { between, changed, changes, octet, word } from './octets.ts';
import { askedQuestion, readStrictly } from './strict-message.ts';
import { targetOf } from './target.ts';
import { watched } from './watched.ts';

const READS_AN_OCTET = 16;

/** Names of each kind that the chain tells apart. */
export const NAMES = [
  'fine.test',
  'www.bet.test',
  'a.proxy.test',
  'own.test',
  'localhost',
  'printer',
  'nonce.check.gatehouse.home.arpa',
  'use-application-dns.net',
  '1.0.168.192.in-addr.arpa',
  `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(55)}.test`,
  '',
] as const;

const label = fc
  .uint8Array({ maxLength: 70 })
  .map((text) => Buffer.concat([Buffer.from([text.length]), text]));
const wildName = fc
  .tuple(fc.array(label, { maxLength: 5 }), fc.constantFrom(Buffer.alloc(1), words(0xc00c), Buffer.alloc(0)))
  .map(([labels, end]) => Buffer.concat([...labels, end]));
const knownName = fc.constantFrom(...NAMES).map((name) => Buffer.from(composeName(name)));

const option = fc
  .tuple(
    fc.oneof(fc.constantFrom(3, 8, 10, 12, 15), word),
    fc.uint8Array({ maxLength: 44, size: 'max' }),
    fc.nat(20),
  )
  .map(([code, text, lie]) => Buffer.concat([words(code, text.length + (lie === 1 ? 1 : 0)), text]));

export const queryShape: fc.Arbitrary<QueryShape> = fc.record(
  {
    qtype: fc.oneof(fc.constantFrom(1, 28, 2, 5, 6, 16, 65, 43, 255, 251, 252, 41, 0), word),
    qclass: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: word }),
    id: word,
    flags: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(0, 0x100, 0x110, 0x120) },
      { weight: 1, arbitrary: word },
    ),
    edns: fc.record(
      {
        size: word,
        dnssecOk: fc.boolean(),
        version: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: octet }),
        options: fc.array(option, { maxLength: 3 }).map((list) => Buffer.concat(list)),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

const real = fc
  .tuple(fc.oneof(knownName, wildName), queryShape, fc.constantFrom('', 'second OPT', 'IXFR', 'counts'))
  .map(([name, shape, extra]) => withExtra(aQuery(name, shape), extra));

function withExtra(query: Buffer, extra: string): Buffer {
  const octets = Buffer.from(query);
  if (extra === 'counts') octets.writeUInt16BE(0xffff, 8);
  if (extra === 'IXFR') octets.writeUInt16BE(1, 8);
  if (extra !== 'second OPT') return octets;
  octets.writeUInt16BE(2, 10);
  return Buffer.concat([octets, anOpt({})]);
}

const someOctets = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 600, size: 'max' }).map((random) => Buffer.from(random)),
  },
  { weight: 5, arbitrary: fc.tuple(real, changes).map(([octets, list]) => changed(octets, list)) },
);

/** The reader of questions: in place, within its view, in a bounded number of reads, right about what it found. */
export const questionReader = targetOf('dns question reader', () => ({
  cases: someOctets,
  check: (octets) => {
    const question = createQuestion();
    const read = readQuestion(watched(octets, READS_AN_OCTET * octets.length + 64), question);
    if (octets.length < 12 || (octets[2] as number) >= 0x80) assert.equal(read, READ_DROP);
    if (read !== READ_OK) return;
    assert.deepEqual(octets.subarray(12, question.end), askedQuestion(octets));
    assert.equal(question.qtype, octets.readUInt16BE(question.end - 4));
  },
}));

const ADDRESSES = ['127.0.0.1', '10.0.0.5', '::1', '198.51.100.7', 'fe80::1%eth0', '', 'no address'] as const;

/** A worker's answers to whatever octets come: well formed, to the one who asked, alike whatever lies around them. */
export const workerAnswers = targetOf('dns worker', () => ({
  cases: fc.record({
    messages: fc.array(someOctets, { minLength: 1, maxLength: 4 }),
    from: fc.constantFrom(...ADDRESSES),
    stream: fc.boolean(),
    blockedAnswer: fc.constantFrom('page', 'unspecified', 'nxdomain', 'refused'),
  }),
  check: ({ messages, from, stream, blockedAnswer }) => {
    using quiet = aWorker({ blockedAnswer });
    using loud = aWorker({ blockedAnswer });
    const other = aQuery('www.bet.test', { edns: {} });
    for (const octets of messages) {
      const alone = quiet.ask(octets, from, stream);
      const surrounded = loud.ask(between(octets, other), from, stream);
      assert.deepEqual(surrounded, alone, 'octets around the message change the answer');
      if (Buffer.isBuffer(alone)) checkAnswer(octets, alone, stream);
      else if (alone === LATER) assert.ok(askedQuestion(octets), 'a question that waits has been read');
      else
        assert.ok(octets.length < 12 || (octets[2] as number) >= 0x80, 'only answers and stumps get silence');
    }
    assert.deepEqual([...quiet.faults, ...loud.faults], []);
  },
}));

/** What holds of every answer to every message. @throws AssertionError */
export function checkAnswer(asked: Buffer, answer: Buffer, stream: boolean): void {
  const read = readStrictly(answer);
  assert.equal(read.id, asked.readUInt16BE(0), 'the ID of the question');
  assert.equal(read.flags & 0x8000, 0x8000, 'QR');
  assert.equal(read.flags & 0x0440, 0, 'neither AA nor Z');
  assert.equal((read.flags >> 11) & 15, ((asked[2] as number) >> 3) & 15, 'the opcode of the question');
  assert.equal((read.flags >> 8) & 1, (asked[2] as number) & 1, 'RD as it was asked');
  const question = askedQuestion(asked);
  assert.equal(read.questions, question ? 1 : 0, 'a question when one could be read');
  assert.deepEqual(read.question, question ?? Buffer.alloc(0), 'the octets of the question');
  const most = stream ? 65_535 : read.records.some(({ type }) => type === 41) ? 1232 : 512;
  assert.ok(answer.length <= most, `at most ${most} octets, got ${answer.length}`);
}
