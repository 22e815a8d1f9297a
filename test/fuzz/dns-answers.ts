import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createInspection, walkAnswer } from '#dns/inspect.ts';
import { composeName } from '#filter/name-view.ts';
import { aQuery, words } from '#support/messages.ts';
import { checkAnswer } from './dns-questions.ts';
import { aWorker } from './dns-worker.ts';
import { type Change, changed, changes, word } from './octets.ts';
import { askedQuestion, readStrictly } from './strict-message.ts';
import { targetOf } from './target.ts';
import { watched } from './watched.ts';

/** A name in a record: whole, a pointer (to itself, forwards, to the question, anywhere), or a piece of nonsense. */
const recordName = fc.oneof(
  { weight: 4, arbitrary: fc.constant(words(0xc00c)) },
  { weight: 2, arbitrary: fc.constantFrom('fine.test', 'bet.test', 'x.own.test', '').map(composeName) },
  { weight: 2, arbitrary: word.map((target) => words(0xc000 | target)) },
  {
    weight: 1,
    arbitrary: word.map((target) => Buffer.concat([Buffer.from('\x01a'), words(0xc000 | target)])),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20, size: 'max' }) },
);
const numbers = fc.uint8Array({ minLength: 20, maxLength: 20 });
const sized = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const address = fc.oneof(
  sized(4),
  fc.constantFrom([127, 0, 0, 1], [10, 0, 0, 1], [192, 0, 2, 7]).map(Buffer.from),
);

/** RDATA that its type can have, as far as the parts are well formed. */
const typed: fc.Arbitrary<readonly [type: number, data: Uint8Array]> = fc.oneof(
  address.map((data) => [1, data] as const),
  sized(16).map((data) => [28, data] as const),
  fc.tuple(fc.constantFrom(2, 5, 12, 39), recordName),
  recordName.map((name) => [15, Buffer.concat([words(10), name])] as const),
  recordName.map((name) => [33, Buffer.concat([words(1, 2, 443), name])] as const),
  recordName.map(
    (name) => [65, Buffer.concat([words(1), name, words(1, 3), Buffer.from('\x02h2')])] as const,
  ),
  fc.tuple(recordName, recordName, numbers).map(([x, y, z]) => [6, Buffer.concat([x, y, z])] as const),
  fc.uint8Array({ maxLength: 30, size: 'max' }).map((data) => [41, data] as const),
  fc.tuple(fc.constantFrom(1, 28, 6, 16, 46, 47), fc.uint8Array({ maxLength: 40, size: 'max' })),
  fc.tuple(word, fc.uint8Array({ maxLength: 40, size: 'max' })),
);

const record = fc
  .record({
    owner: recordName,
    rdata: typed,
    ttl: fc.oneof(fc.constantFrom(0, 1, 60, 300, 0x7fffffff, 0x80000000, 0xffffffff), fc.nat(100_000)),
    lie: fc.oneof(
      { weight: 15, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: -3, max: 3 }) },
    ),
    times: fc.oneof({ weight: 12, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.nat(400) }),
  })
  .map(({ owner, rdata: [type, data], ttl, lie, times }) => {
    const head = Buffer.concat([words(type, 1), Buffer.alloc(4), words((data.length + lie) & 0xffff)]);
    head.writeUInt32BE(ttl, 4);
    return Array.from({ length: times }, () => Buffer.concat([owner, head, data]));
  });
const section = fc.array(record, { maxLength: 4 }).map((rows) => rows.flat());

interface Hostile {
  readonly rcode: number;
  readonly flags: number;
  readonly sections: readonly (readonly Buffer[])[];
  /** Added to each count. */
  readonly lies: readonly number[];
  readonly list: readonly Change[];
  /** Whether the changes may touch header and question too. */
  readonly everywhere: boolean;
}
const lie = fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: word });
const hostile: fc.Arbitrary<Hostile> = fc.record({
  rcode: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat(15) }),
  flags: fc.oneof(fc.constantFrom(0x81, 0x85, 0x83), fc.nat(255)),
  sections: fc.tuple(section, section, section),
  lies: fc.tuple(lie, lie, lie, lie),
  list: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: changes }),
  everywhere: fc.nat(3).map((number) => number === 0),
});

/** The question as it was asked, behind it whatever `shape` says. */
function composeHostile(asked: Buffer, shape: Hostile): Buffer {
  const question = askedQuestion(Buffer.concat([asked.subarray(0, 2), words(0x100), asked.subarray(4)]));
  const counts = [1, ...shape.sections.map((rows) => rows.length)].map(
    (count, i) => (count + (shape.lies[i] ?? 0)) & 0xffff,
  );
  const head = Buffer.concat([
    asked.subarray(0, 2),
    Buffer.from([shape.flags, 0x80 | shape.rcode]),
    words(...counts),
  ]);
  const whole = Buffer.concat([head, question ?? Buffer.alloc(0), ...shape.sections.flat()]);
  const kept = shape.everywhere ? 2 : head.length + (question?.length ?? 0);
  const behind = changed(whole.subarray(kept), shape.list);
  return Buffer.concat([whole.subarray(0, kept), behind]).subarray(0, 65_535);
}

const plain = aQuery('fine.test');
/** A walk may follow 16 pointers over 255 octets for each name of each record of twelve octets. */
const READS_AN_OCTET = 150;

/** The walk over an upstream's answer: within its view, in a bounded number of reads, true in what it found. */
export const answerWalk = targetOf('dns inspection', () => ({
  cases: fc.oneof(
    hostile.map((shape) => composeHostile(plain, shape)),
    fc
      .uint8Array({ maxLength: 500, size: 'max' })
      .map((tail) => Buffer.concat([plain.subarray(0, 12), words(0), tail])),
  ),
  check: (octets) => {
    if (octets.length < plain.length) return;
    // The upstream's room lets nothing through that does not begin with the question.
    plain.copy(octets, 12, 12);
    const found = createInspection();
    const bounded = watched(octets, READS_AN_OCTET * octets.length + 4096);
    if (!walkAnswer(bounded, plain.length, found)) return;
    assert.ok(found.length <= octets.length, 'the records end inside the message');
    assert.ok(found.ttlCount <= found.ttls.length && found.targetCount <= found.targets.length);
    const kept = Buffer.from(octets.subarray(0, found.length));
    kept.writeUInt16BE(found.additional, 10);
    kept.writeUInt16BE(1, 4);
    const read = readStrictly(kept);
    assert.equal(
      read.records.some(({ type }) => type === 41),
      false,
      'OPT is left out',
    );
    const ttls = [...found.ttls.subarray(0, found.ttlCount)].map((at) => kept.readUInt32BE(at));
    assert.deepEqual(
      ttls,
      read.records.slice(0, found.ttls.length).map(({ ttl }) => ttl),
    );
    for (const at of found.targets.subarray(0, found.targetCount)) assert.ok(at < found.length);
  },
}));

const name = fc.constantFrom('fine.test', 'Fine.TEST', 'vouched.test', 'other.fine.test');
const asking = fc.record({
  name,
  qtype: fc.constantFrom(1, 28, 65, 16),
  edns: fc.constantFrom(undefined, {}, { size: 512 }, { size: 65_535, dnssecOk: true }),
  flags: fc.constantFrom(0, 0x100, 0x110, 0x120),
  stream: fc.boolean(),
  /** Seconds that pass before it. */
  later: fc.constantFrom(0, 0, 1, 59, 3600, 90_000, -3600),
});

/** Hostile upstreams: every asker gets one well-formed answer to the own question, at once and from the cache. */
export const upstreamAnswers = targetOf('dns hostile upstream', () => ({
  cases: fc.record({
    askings: fc.array(asking, { minLength: 1, maxLength: 5 }),
    says: fc.array(fc.option(hostile, { freq: 12, nil: undefined }), { minLength: 1, maxLength: 4 }),
    local: fc.boolean(),
  }),
  check: ({ askings, says, local }) => {
    let turn = 0;
    const speak = (datagram: Buffer) => {
      const shape = says[turn++ % says.length];
      return shape && composeHostile(datagram, shape);
    };
    using worker = aWorker({ says: speak, local });
    askings.forEach(({ name: qname, qtype, edns, flags, stream, later }, id) => {
      worker.clock.nowMs += later * 1000;
      const octets = aQuery(qname, { id: id + 1, qtype, flags, ...(edns ? { edns } : {}) });
      const answer = worker.ask(octets, '127.0.0.1', stream);
      assert.deepEqual(worker.faults, []);
      assert.ok(Buffer.isBuffer(answer), 'an answer');
      checkAnswer(octets, answer, stream);
      if (!local) assert.equal((answer[3] as number) & 0x20, 0, 'AD of the open network is not believed');
      if (answer.length > 12) checkNothingBlocked(answer);
    });
  },
}));

/** No address that belongs to a private network reaches an asker whose name nobody vouched for. */
function checkNothingBlocked(answer: Buffer): void {
  const read = readStrictly(answer);
  if (read.question.includes('vouched')) return;
  for (const { section: place, type, data } of read.records) {
    if (place !== 1 || type !== 1) continue;
    assert.ok(data[0] !== 127 && data[0] !== 10, `the private address ${data.join('.')} came through`);
  }
}
