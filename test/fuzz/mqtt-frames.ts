import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { frameScanner, guardFraming } from '#broker/framing.ts';
import { topicFilterTrouble, topicNameTrouble } from '#broker/topic-form.ts';
import { readPublish } from '#broker/wire-payload.ts';
import { PayloadRefused } from '#contract/payload.ts';
import { TOPICS, topicPrefix } from '#contract/topics.ts';
import { connectPacket, packet, publishPacket } from '#support/mqtt-wire.ts';
import { jsonText } from './json-values.ts';
import { changed, changes, cuts, octet, pieces } from './octets.ts';
import { targetOf } from './target.ts';

const MOST_BEFORE_CONNECT = 2048;
const MOST_AFTER = 65_536;

/** A header whose remaining length says anything, in more octets than it needs or than there may be. */
const lyingHeader = fc
  .tuple(octet, fc.array(octet, { minLength: 1, maxLength: 5 }))
  .map(([first, length]) => Buffer.from([first, ...length]));
const somePacket = fc.oneof(
  fc.constant(connectPacket({ clientId: 'a' })),
  fc.nat(300).map((length) => publishPacket('t', Buffer.alloc(length), { id: 1 })),
  fc
    .tuple(octet, fc.constantFrom(0, 1, 127, 128, 2047, 2048, 2049, 16_384))
    .map(([first, length]) => packet(first, Buffer.alloc(length))),
  lyingHeader,
);
const stream = fc
  .tuple(
    fc.boolean(),
    fc.array(somePacket, { maxLength: 6 }),
    changes,
    fc.uint8Array({ maxLength: 40, size: 'max' }),
  )
  .map(([polite, list, harm, tail]) =>
    Buffer.concat([
      polite ? connectPacket({ clientId: 'a' }) : Buffer.alloc(0),
      changed(Buffer.concat(list), harm),
      tail,
    ]),
  );

interface Verdict {
  /** Octets up to the first fault, or all. */
  readonly at: number;
  readonly isFaulty: boolean;
}

/** Reads the whole stream at once, as the specification says it. */
function firstFault(octets: Buffer): Verdict {
  let at = 0;
  for (let packets = 0; at < octets.length; packets++) {
    if (packets === 0 && (octets[at] as number) >> 4 !== 1) return { at, isFaulty: true };
    const most = packets === 0 ? MOST_BEFORE_CONNECT : MOST_AFTER;
    const { length, end } = remainingLength(octets, at + 1);
    if (length === undefined) return { at: octets.length, isFaulty: false };
    if (length > most) return { at: end, isFaulty: true };
    at = end + length;
  }
  return { at: octets.length, isFaulty: false };
}

/** Undefined when the stream ends before it does; without end when it has more than four octets. */
function remainingLength(octets: Buffer, start: number): { length: number | undefined; end: number } {
  let length = 0;
  for (let digits = 0; digits < 4; digits++) {
    const digit = octets[start + digits];
    if (digit === undefined) return { length: undefined, end: octets.length };
    length += (digit % 128) * 128 ** digits;
    if (digit < 128) return { length, end: start + digits + 1 };
  }
  return { length: Number.POSITIVE_INFINITY, end: start + 4 };
}

/** The guard before the broker: the specification's own verdict, however the stream is cut, and what is good goes through. */
export const framingGuard = targetOf('mqtt framing', () => ({
  cases: fc.record({ octets: stream, places: cuts }),
  check: async ({ octets, places }) => {
    const wanted = firstFault(octets);
    for (const parts of [[octets], pieces(octets, places), Array.from(octets, (one) => Buffer.from([one]))]) {
      const scan = frameScanner();
      const trouble = parts.map((part) => scan(part)).find((found) => found !== undefined);
      assert.equal(trouble !== undefined, wanted.isFaulty, trouble ?? 'a fault went unseen');
    }
    const transport = new PassThrough();
    const guarded = guardFraming(transport);
    const read: Buffer[] = [];
    let error: Error | undefined;
    const closed = Promise.withResolvers<void>();
    guarded.on('readable', () => {
      const chunk = guarded.read() as Buffer | null;
      if (chunk) read.push(chunk);
    });
    guarded.on('error', (thrown) => {
      error = thrown;
    });
    guarded.on('close', () => closed.resolve());
    for (const part of pieces(octets, places)) if (!transport.destroyed) transport.write(part);
    transport.end();
    await closed.promise;
    const handedOn = Buffer.concat(read);
    assert.equal(error !== undefined, wanted.isFaulty);
    assert.deepEqual(handedOn, octets.subarray(0, handedOn.length), 'the same octets in the same order');
    if (wanted.isFaulty)
      assert.ok(handedOn.length <= wanted.at, 'nothing from the fault on reaches the broker');
    else assert.equal(handedOn.length, octets.length);
  },
}));

const PREFIX = topicPrefix('box');
const topic = fc.oneof(
  fc.constantFrom(...Object.keys(TOPICS)).map((name) => `${PREFIX}/${name}`),
  fc.constantFrom(
    '',
    '#',
    '+',
    `${PREFIX}/`,
    `${PREFIX}/__proto__`,
    `${PREFIX}/constructor`,
    `${PREFIX}/toString`,
  ),
  fc.string({ unit: 'binary', maxLength: 300, size: 'max' }),
  fc
    .array(fc.constantFrom('a', '+', '#', '/', '\0', '\ufffd'), { maxLength: 40, size: 'max' })
    .map((parts) => parts.join('')),
);

/** What a client publishes and subscribes to: allowed, or refused by the one named error. */
export const publications = targetOf('mqtt publications', () => ({
  cases: fc.record({
    topic,
    payload: fc.oneof(
      fc.uint8Array({ maxLength: 200, size: 'max' }).map((octets) => Buffer.from(octets)),
      jsonText.map((text) => Buffer.from(text)),
    ),
    qos: fc.nat(3),
  }),
  check: (publish) => {
    for (const trouble of [topicNameTrouble(publish.topic), topicFilterTrouble(publish.topic)]) {
      assert.ok(trouble === undefined || trouble.length > 0);
    }
    try {
      const { topicName } = readPublish('box', publish);
      assert.ok(Object.hasOwn(TOPICS, topicName) && publish.qos < 2);
    } catch (error) {
      assert.ok(error instanceof PayloadRefused, `wanted PayloadRefused, got ${error}`);
    }
  },
}));
