import { execFile } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { frame, openDoor, openStream } from '#support/dns-door.ts';
import { aQuery, readAnswer } from '#support/messages.ts';

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
const BADVERS = 16;
const GOOD_ID = 0x600d;
const good = aQuery('bet.test', { id: GOOD_ID });

interface Vector {
  readonly name: string;
  readonly shows: string;
  /** Rcodes in the order of the answers. */
  readonly rcodes: readonly string[];
  readonly over: readonly string[];
  readonly octets: Buffer;
}

/** The format is described in the folder's README. */
function readVector(path: string): Vector {
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  const heads = lines.filter((line) => line.startsWith('# ')).map((line) => line.slice(2));
  const head = (key: string) =>
    heads.find((line) => line.startsWith(`${key}: `))?.slice(key.length + 2) ?? '';
  const octets = lines
    .filter((line) => !line.startsWith('#'))
    .map((line) => /^((?:[0-9a-f]{2})+)(?:\*(\d+))?$/.exec(line) ?? expect.fail(`${path}: ${line}`))
    .map(([, octet, times]) => Buffer.from((octet as string).repeat(Number(times ?? 1)), 'hex'));
  return {
    name: basename(path, '.hex'),
    shows: heads[0] as string,
    rcodes: head('expect').match(/[A-Z]+/g) ?? [],
    over: head('over') === '' ? ['datagram'] : head('over').split(', '),
    octets: Buffer.concat(octets),
  };
}

const folder = join(import.meta.dirname, '..', '..', 'vectors', 'hostile');
const vectors = globSync('*.hex', { cwd: folder })
  .sort()
  .map((file) => readVector(join(folder, file)));
const over = (way: string) =>
  vectors.filter((vector) => vector.over.includes(way)).map((vector) => [vector.name, vector] as const);

function nameOfRcode(octets: Buffer): string {
  const { rcode } = readAnswer(octets);
  return rcode === BADVERS ? 'BADVERS' : (RCODES[rcode] ?? `rcode ${rcode}`);
}

function isGood(octets: Buffer): boolean {
  if (octets.readUInt16BE(0) !== GOOD_ID) return false;
  return readAnswer(octets).records[0]?.data.equals(Buffer.from([192, 0, 2, 80])) ?? false;
}

/** An upstream that knows no names: it says NXDOMAIN to any octets whatever. */
async function startNowhere(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (octets, from) => {
    let end = 12;
    while (octets[end] !== 0) end += (octets[end] as number) + 1;
    const answer = Buffer.from(octets.subarray(0, end + 5));
    answer.writeUInt16BE(0x8183, 2);
    answer.writeUInt16BE(0, 10);
    socket.send(answer, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

let nowhere: Socket;
let door: Awaited<ReturnType<typeof openDoor>>;
let asker: Socket;
let come: Buffer[] = [];

beforeAll(async () => {
  nowhere = await startNowhere();
  door = await openDoor({
    names: [['bet.test', 'gambling']],
    settings: { upstreams: [`udp://127.0.0.1:${nowhere.address().port}`] },
  });
  asker = createSocket('udp4');
  asker.on('message', (octets) => come.push(octets));
  asker.connect(door.port, '127.0.0.1');
  await once(asker, 'connect');
});

afterAll(async () => {
  // One worker answered all of it: none died, none was started again, no answer was our bug.
  expect(door.logged.map((line) => line.split(' {')[0])).toEqual(['dns: answering']);
  asker.close();
  await door[Symbol.asyncDispose]();
  nowhere.close();
});

/** Each good question gets its answer, before anything is said to `count` others. */
async function arrivals(count: number): Promise<readonly Buffer[]> {
  await vi.waitFor(() => expect(come.length).toBeGreaterThanOrEqual(count), { timeout: 8000, interval: 1 });
  const all = come;
  come = [];
  return all;
}

test('there are enough of them', () => {
  expect(vectors.length).toBeGreaterThan(250);
  expect(new Set(vectors.flatMap((vector) => vector.over))).toEqual(
    new Set(['datagram', 'stream', 'drip', 'end', 'hold', 'port 0']),
  );
});

// One worker reads its datagrams in order: an answer that should not be is there before the good one, or with the next.
test.each(over('datagram'))('over UDP: %s', async (_name, { rcodes, octets, shows }) => {
  asker.send(octets);
  asker.send(good);
  const all = await arrivals(rcodes.length + 1);
  expect(all.filter(isGood), shows).toHaveLength(1);
  const answers = all.filter((answer) => !isGood(answer));
  expect(answers.map(nameOfRcode), shows).toEqual(rcodes);
  for (const answer of answers) {
    expect(answer.subarray(0, 2)).toEqual(octets.subarray(0, 2));
    expect(readAnswer(answer).flags).toMatchObject({ qr: true, aa: false, tc: false });
  }
});

test.each(over('datagram'))('in a frame over TCP: %s', async (_name, { rcodes, octets, shows }) => {
  using stream = await openStream({ address: '127.0.0.1', port: door.port });
  stream.socket.write(Buffer.concat([frame(octets), frame(good)]));
  await stream.come(rcodes.length + 1);
  expect(stream.messages.filter(isGood), shows).toHaveLength(1);
  expect(stream.messages.filter((answer) => !isGood(answer)).map(nameOfRcode), shows).toEqual(rcodes);
});

test.each(over('stream'))('on a connection: %s', async (_name, { rcodes, octets, over: ways, shows }) => {
  using stream = await openStream({ address: '127.0.0.1', port: door.port });
  const write = async (part: Buffer) => {
    if (!ways.includes('drip')) return stream.socket.write(part);
    for (const octet of part) {
      stream.socket.write(Buffer.of(octet));
      await new Promise(setImmediate);
    }
  };
  await write(octets);
  if (ways.includes('end')) {
    stream.socket.end();
    await stream.closed;
  } else if (!ways.includes('hold')) {
    await write(frame(good));
    await stream.come(rcodes.length + 1);
    expect(stream.messages.splice(rcodes.length).map(isGood), shows).toEqual([true]);
  }
  // Over a connection of its own as well, while this one is still open.
  using next = await openStream({ address: '127.0.0.1', port: door.port });
  next.socket.write(frame(good));
  await next.come(1);
  expect(next.messages.map(isGood)).toEqual([true]);
  expect(stream.messages.map(nameOfRcode), shows).toEqual(rcodes);
});

/** Perl is part of every Debian: it makes the datagram that no ordinary socket can send. */
const FROM_PORT_0 = `
use Socket;
socket(my $raw, PF_INET, SOCK_RAW, 17) or do { print "refused: $!"; exit 0 };
my ($port, $octets) = ($ARGV[0], pack('H*', $ARGV[1]));
my $datagram = pack('n4', 0, $port, 8 + length $octets, 0) . $octets;
send($raw, $datagram, 0, sockaddr_in(0, inet_aton('127.0.0.1'))) or die "not sent: $!";
print 'sent';
`;

test.for(over('port 0'))('from where no answer can go: %s', async ([, { octets }], { skip }) => {
  const before = door.totals();
  const parts = ['-e', FROM_PORT_0, `${door.port}`, octets.toString('hex')];
  const { stdout } = await promisify(execFile)('perl', parts);
  skip(stdout !== 'sent', `no raw socket here: ${stdout}`);
  asker.send(good);
  expect((await arrivals(1)).map(isGood)).toEqual([true]);
  // It came, and was turned away unread.
  expect(door.totals().refused).toBe(before.refused + 1);
  expect(door.totals().queries).toBe(before.queries + 1);
});
