import { expect, test } from 'vitest';
import { listenTcp, MOST_OF_ONE_CLIENT } from '#dns/listen-tcp.ts';
import { frame, openDoor, openStream } from '#support/dns-door.ts';
import { aQuery, aRecord, readAnswer, TYPE } from '#support/messages.ts';
import { aResolver } from '#support/resolver.ts';
import { startScripted } from '#support/scripted-upstream.ts';

const NAMES = [['bet.test', 'gambling']] as const;
const blocked = (octets: Buffer | undefined) =>
  readAnswer(octets as Buffer).records[0]?.data.equals(Buffer.from([192, 0, 2, 80]));

async function listening(times?: Parameters<typeof listenTcp>[2], upstreams: readonly string[] = []) {
  const door = aResolver({ names: NAMES, settings: { upstreams: [...upstreams] } });
  const listener = await listenTcp({ address: '127.0.0.1', port: 0 }, door.resolver, times);
  return {
    endpoint: listener.endpoint,
    async [Symbol.asyncDispose]() {
      await listener.close();
      door[Symbol.dispose]();
    },
  };
}

test('a message that comes one octet at a time is answered', async () => {
  await using at = await listening();
  using stream = await openStream(at.endpoint);
  for (const octet of frame(aQuery('bet.test'))) {
    stream.socket.write(Buffer.from([octet]));
    await new Promise(setImmediate);
  }
  await stream.come(1);
  expect(blocked(stream.messages[0])).toBe(true);
});

test('fifty questions in one write are all answered, each under its ID', async () => {
  await using at = await listening();
  using stream = await openStream(at.endpoint);
  const ids = Array.from({ length: 50 }, (_, id) => id);
  stream.socket.write(Buffer.concat(ids.map((id) => frame(aQuery('bet.test', { id })))));
  await stream.come(50);
  expect(stream.messages.map((message) => message.readUInt16BE(0))).toEqual(ids);
});

test('an answer that is ready overtakes one that waits for an upstream', async () => {
  const open = Promise.withResolvers<void>();
  await using upstream = await startScripted(() => ({
    answers: [aRecord(TYPE.A, Buffer.from([192, 0, 2, 7]))],
    after: open.promise,
  }));
  await using at = await listening(undefined, [upstream.url]);
  using stream = await openStream(at.endpoint);
  stream.socket.write(
    Buffer.concat([frame(aQuery('slow.test', { id: 1 })), frame(aQuery('bet.test', { id: 2 }))]),
  );
  await stream.come(1);
  expect(stream.messages[0]?.readUInt16BE(0)).toBe(2);
  // The asker may have ended its side: the answer is still owed.
  stream.socket.end();
  open.resolve();
  await stream.come(2);
  expect(stream.messages[1]?.readUInt16BE(0)).toBe(1);
  await stream.closed;
});

test.each([
  ['a frame of nothing', frame(Buffer.alloc(0)), 0],
  ['a frame of 65535 zeros', frame(Buffer.alloc(65_535)), 1],
  [
    'a good question with 60000 octets behind it',
    frame(Buffer.concat([aQuery('bet.test'), Buffer.alloc(60_000)])),
    1,
  ],
  ['a frame that is no question', frame(Buffer.alloc(11, 0xff)), 0],
])('%s does not disturb the next question', async (_what, octets, answers) => {
  await using at = await listening();
  using stream = await openStream(at.endpoint);
  stream.socket.write(octets);
  stream.socket.write(frame(aQuery('bet.test')));
  await stream.come(answers + 1);
  if (answers > 0) expect(readAnswer(stream.messages[0] as Buffer).rcode).toBe(1);
  expect(blocked(stream.messages[answers])).toBe(true);
});

test('a connection that says nothing is closed, and so is one that never finishes its message', async () => {
  await using at = await listening({ idleMs: 80, messageMs: 10_000 });
  using idle = await openStream(at.endpoint);
  await idle.closed;
  await using slow = await listening({ idleMs: 10_000, messageMs: 80 });
  using stream = await openStream(slow.endpoint);
  const drip = setInterval(() => stream.socket.write(Buffer.from([0])), 20);
  stream.socket.write(Buffer.from([0, 60]));
  await stream.closed;
  clearInterval(drip);
  using next = await openStream(slow.endpoint);
  next.socket.write(frame(aQuery('bet.test')));
  await next.come(1);
  expect(blocked(next.messages[0])).toBe(true);
});

test('one client has so many connections and no more, and gets one back when it closes one', async () => {
  await using at = await listening();
  const streams = [];
  for (let i = 0; i < MOST_OF_ONE_CLIENT; i++) streams.push(await openStream(at.endpoint));
  const over = await openStream(at.endpoint);
  await over.closed;
  const asked = streams.map(async (stream) => {
    stream.socket.write(frame(aQuery('bet.test')));
    await stream.come(1);
  });
  await Promise.all(asked);
  const first = streams[0] as (typeof streams)[number];
  first.socket.end();
  await first.closed;
  await new Promise((done) => setTimeout(done, 20));
  const again = await openStream(at.endpoint);
  again.socket.write(frame(aQuery('bet.test')));
  await again.come(1);
  for (const stream of [...streams, over, again]) stream.socket.destroy();
});

test('somebody who asks and never reads is cut off, others are served', async () => {
  const long = Array.from({ length: 400 }, (_, i) => aRecord(TYPE.A, Buffer.from([192, 0, 2, i & 255])));
  await using upstream = await startScripted(({ protocol }) =>
    protocol === 'udp' ? { truncated: true } : { answers: long },
  );
  await using at = await listening(undefined, [upstream.url]);
  using warm = await openStream(at.endpoint);
  warm.socket.write(frame(aQuery('long.test')));
  await warm.come(1);
  using greedy = await openStream(at.endpoint);
  greedy.socket.pause();
  const question = frame(aQuery('long.test'));
  const many = Buffer.concat(Array.from({ length: 2000 }, () => question));
  // 2,000 answers of 6 kB are more than any buffer between us holds.
  greedy.socket.write(many);
  const cut = new Promise<void>((done) => greedy.socket.once('close', () => done()));
  const poke = setInterval(() => greedy.socket.write(question), 20);
  await cut;
  clearInterval(poke);
  warm.socket.write(frame(aQuery('bet.test')));
  await warm.come(2);
});

test('the door answers over IPv6 connections as well', async () => {
  await using door = await openDoor({ names: NAMES, listen: [{ address: '::1', port: 0 }] });
  using stream = await openStream({ address: '::1', port: door.port });
  stream.socket.write(frame(aQuery('bet.test')));
  await stream.come(1);
  expect(blocked(stream.messages[0])).toBe(true);
});
