import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frameScanner, guardFraming } from '#broker/framing.ts';
import { openTestBus } from '#support/bus.ts';
import { connectPacket, packet, publishPacket, TYPE, wireClient } from '#support/mqtt-wire.ts';

/** Cuts `octets` at `places`, wherever they fall. */
function pieces(octets: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (octets.length + 1)))].toSorted((a, b) => a - b);
  return [...ends, octets.length].map((end, at) => octets.subarray(at === 0 ? 0 : ends[at - 1], end));
}

function verdictOf(parts: readonly Buffer[]): string | undefined {
  const scan = frameScanner();
  for (const part of parts) {
    const trouble = scan(part);
    if (trouble) return trouble;
  }
  return undefined;
}

test('the verdict on any octets does not depend on how they are cut', () => {
  const octets = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }).map((tail) => Buffer.concat([connectPacket({ clientId: 'a' }), tail])),
  );
  fc.assert(
    fc.property(octets, fc.array(fc.nat(400)), (made, places) => {
      const whole = Buffer.from(made);
      expect(verdictOf(pieces(whole, places))).toBe(verdictOf([whole]));
    }),
  );
});

test.each([
  ['a CONNECT of 2048 octets', [packet(0x10, Buffer.alloc(2048))], undefined],
  ['a CONNECT of 2049 octets', [packet(0x10, Buffer.alloc(2049))], /at most 2048 octets, got one of 2049/],
  [
    '65536 octets after CONNECT',
    [packet(0x10, Buffer.alloc(1)), packet(0x30, Buffer.alloc(65_536))],
    undefined,
  ],
  [
    '65537 octets after CONNECT',
    [packet(0x10, Buffer.alloc(1)), packet(0x30, Buffer.alloc(65_537))],
    /65537/,
  ],
  ['PUBLISH first', [packet(0x30, Buffer.alloc(1))], /wanted CONNECT first, got packet type 3/],
])('%s: judged by its announced length', (_name, packets, want) => {
  const trouble = verdictOf(packets);
  if (want === undefined) expect(trouble).toBeUndefined();
  else expect(trouble).toMatch(want);
});

test('everything that comes is handed on, in order, one chunk for each read however it came', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(3000), { maxLength: 40 }), async (places) => {
      const octets = Buffer.concat([
        connectPacket({ clientId: 'a' }),
        ...Array.from({ length: 60 }, (_, id) => publishPacket('t', Buffer.alloc(40, id), { id: id + 1 })),
      ]);
      const transport = new PassThrough();
      const guarded = guardFraming(transport);
      const read: Buffer[] = [];
      const over = Promise.withResolvers<void>();
      guarded.on('readable', () => {
        const chunk = guarded.read() as Buffer | null;
        if (chunk) read.push(chunk);
      });
      guarded.on('close', () => over.resolve());
      for (const part of pieces(octets, places)) transport.write(part);
      transport.end();
      await over.promise;
      expect(Buffer.concat(read).equals(octets)).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test.each(['viewer', 'panel'] as const)(
  'a %s whose CONNECT comes octet by octet is welcome',
  async (role) => {
    await using bus = await openTestBus();
    const client = wireClient(await bus.reach(role));
    for (const octet of connectPacket({ clientId: role === 'viewer' ? 'ui-1' : 'panel-1' })) {
      client.send(Buffer.from([octet]));
    }
    expect((await client.next(TYPE.connack))?.body[1]).toBe(0);
    client.transport.destroy();
  },
);
