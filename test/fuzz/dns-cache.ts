import assert from 'node:assert/strict';
import fc from 'fast-check';
import { aQuery, aRecord, words } from '#support/messages.ts';
import { checkAnswer } from './dns-questions.ts';
import { aWorker } from './dns-worker.ts';
import { askedQuestion, readStrictly } from './strict-message.ts';
import { targetOf } from './target.ts';

const TXT = 16;
const MOST_TTL = 86_400;

const step = fc.record({
  name: fc.nat(60),
  /** Octets that the answer is filled up with; the cache keeps up to 8192. */
  filling: fc.oneof(fc.nat(80), fc.nat(9000)),
  ttl: fc.constantFrom(0, 5, 60, 600, 200_000),
  later: fc.constantFrom(0, 0, 0, 1, 30, 700),
  edns: fc.boolean(),
});

interface Given {
  readonly version: number;
  readonly ttl: number;
  readonly atMs: number;
}

/**
 * A ring of 64 kB under answers of any length: what comes out of it is the last answer to that very question, never
 * older than its TTL, and its TTLs have counted down.
 */
export const cacheTurns = targetOf('dns cache', () => ({
  cases: fc.array(step, { minLength: 1, maxLength: 120, size: 'max' }),
  check: (steps) => {
    let next = { filling: 0, ttl: 0 };
    let version = 0;
    const given = new Map<string, Given>();
    const says = (datagram: Buffer) => {
      version += 1;
      const question = askedQuestion(datagram) as Buffer;
      given.set(question.toString('latin1').toLowerCase(), {
        version,
        ttl: next.ttl,
        atMs: worker.clock.nowMs,
      });
      const mark = Buffer.alloc(4);
      mark.writeUInt32BE(version);
      const data = Buffer.concat([mark, Buffer.alloc(next.filling, version)]);
      const head = Buffer.concat([datagram.subarray(0, 2), words(0x8180, 1, 1, 0, 0)]);
      return Buffer.concat([head, question, aRecord(TXT, data, next.ttl)]);
    };
    using worker = aWorker({ says });
    for (const { name, filling, ttl, later, edns } of steps) {
      worker.clock.nowMs += later * 1000;
      next = { filling, ttl };
      const octets = aQuery(`n${name}.test`, { qtype: TXT, ...(edns ? { edns: {} } : {}) });
      const answer = worker.ask(octets, '127.0.0.1', true);
      assert.deepEqual(worker.faults, []);
      assert.ok(Buffer.isBuffer(answer), 'an answer');
      checkAnswer(octets, answer, true);
      const [record] = readStrictly(answer).records;
      const key = octets.subarray(12, (askedQuestion(octets)?.length as number) + 12).toString('latin1');
      const last = given.get(key) as Given;
      const ageSeconds = Math.floor(worker.clock.nowMs / 1000) - Math.floor(last.atMs / 1000);
      assert.equal(record?.data.readUInt32BE(0), last.version, 'the last answer to this question');
      assert.ok(
        record.data.subarray(4).every((octet) => octet === (last.version & 0xff)),
        'whole',
      );
      assert.ok(ageSeconds < Math.min(last.ttl, MOST_TTL) || ageSeconds === 0, 'still fresh');
      assert.equal(record.ttl, last.ttl - ageSeconds, 'counted down');
    }
  },
}));
