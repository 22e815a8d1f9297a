import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { MessageChannel } from 'node:worker_threads';
import { expect, test, vi } from 'vitest';
import { compileClients } from '#clients/client-table.ts';
import { ListenFailed } from '#dns/listening.ts';
import { probeListener, probeUpstream } from '#dns/probe.ts';
import { createSeat } from '#dns/seat.ts';
import { compilePolicy } from '#filter/policy.ts';
import { TableUnreadable } from '#filter/table.ts';
import { askUdp, openDoor } from '#support/dns-door.ts';
import { aQuery, aRecord, readAnswer, TYPE } from '#support/messages.ts';
import { indexOf, profilesWith, someSettings } from '#support/policy.ts';
import { freePort } from '#support/ports.ts';
import { deadPort, startScripted } from '#support/scripted-upstream.ts';
import { hasUnbound, startUnbound } from '#support/unbound.ts';

const NAMES = [['bet.test', 'gambling']] as const;
const dig = async (port: number, ...parts: string[]) =>
  (await promisify(execFile)('dig', ['-p', `${port}`, '@127.0.0.1', '+tries=1', '+time=3', ...parts])).stdout;

test('two workers share one free port for UDP and TCP, on IPv4 and IPv6', async () => {
  const listen = [
    { address: '127.0.0.1', port: 0 },
    { address: '::1', port: 0 },
  ];
  await using door = await openDoor({ names: NAMES, workers: 2, listen });
  expect(door.ports).toHaveLength(2);
  for (const endpoint of door.ports) {
    expect(endpoint.port).toBeGreaterThan(0);
    for (let i = 0; i < 10; i++) {
      const answer = readAnswer((await askUdp(endpoint, aQuery('bet.test'))) as Buffer);
      expect(answer.records[0]?.data).toEqual(Buffer.from([192, 0, 2, 80]));
    }
  }
  expect(await dig(door.port, 'bet.test', '+tcp', '+short')).toBe('192.0.2.80\n');
  expect(door.totals()).toMatchObject({ queries: 21, blocked: 21, failed: 0 });
});

test('dig shows the reason of a blocked answer', async () => {
  await using door = await openDoor({ names: NAMES });
  const shown = await dig(door.port, 'www.bet.test', 'A');
  expect(shown).toContain('status: NOERROR');
  expect(shown).toMatch(/EDE: 15 \(Blocked\): \(Blocked: Gambling\)/);
  expect(await dig(door.port, 'www.bet.test', 'HTTPS', '+short')).toBe('');
  expect(await dig(door.port, 'use-application-dns.net')).toContain('status: NXDOMAIN');
});

test.skipIf(!hasUnbound)(
  'names of a real upstream (unbound) are answered as it answers them, over UDP and TCP',
  async () => {
    const unbound = await startUnbound({
      records: [
        'www.fine.test. 300 IN A 192.0.2.7',
        'fine.test. 60 IN TXT "hello"',
        'alias.test. 300 IN CNAME www.bet.test.',
      ],
    });
    try {
      await using door = await openDoor({ names: NAMES, settings: { upstreams: [unbound.url] } });
      expect(await dig(door.port, 'www.fine.test', '+short')).toBe('192.0.2.7\n');
      expect(await dig(door.port, 'www.fine.test', '+short', '+tcp')).toBe('192.0.2.7\n');
      expect(await dig(door.port, 'fine.test', 'TXT', '+short')).toBe('"hello"\n');
      expect(await dig(door.port, 'nowhere.test')).toContain('status: NXDOMAIN');
      expect(await dig(door.port, 'alias.test')).toContain('Blocked: Gambling');
      expect(door.totals()).toMatchObject({ queries: 5, forwarded: 4, cached: 1, failed: 0, blocked: 1 });
      expect(door.upstreams()).toMatchObject([{ url: unbound.url, state: 'up' }]);
    } finally {
      await unbound.stop();
    }
  },
);

test('blocked questions reach the records, watched answers reach main, and a new device is told of', async () => {
  await using door = await openDoor({ names: NAMES });
  const endpoint = { address: '127.0.0.1', port: door.port };
  door.watch([{ device: '127.0.0.1', untilMs: Number.MAX_SAFE_INTEGER }]);
  await vi.waitFor(async () => {
    await askUdp(endpoint, aQuery('www.bet.test'));
    expect(door.watched.length).toBeGreaterThan(0);
  });
  expect(door.watched[0]).toMatchObject({
    device: '127.0.0.1',
    name: 'www.bet.test',
    qtype: 1,
    verdict: 'blocked',
  });
  await vi.waitFor(() => {
    expect(door.events[0]).toMatchObject({ device: '127.0.0.1', name: 'www.bet.test', category: 'gambling' });
    expect(door.clients).toEqual([{ device: '127.0.0.1', profile: 0 }]);
  }, 3000);
});

test('a new policy and a new index are in force for every worker', async () => {
  await using door = await openDoor({ names: NAMES, workers: 2 });
  const endpoint = { address: '127.0.0.1', port: door.port };
  const allBlocked = async (name: string) => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => askUdp(endpoint, aQuery(name, { edns: {} }))),
    );
    return answers.every((answer) => readAnswer(answer as Buffer).opt?.ede?.code === 15);
  };
  expect(await allBlocked('bet.test')).toBe(true);
  door.swap(indexOf([['other.test', 'gambling']]));
  await vi.waitFor(async () => expect(await allBlocked('other.test')).toBe(true), 3000);
  expect(await allBlocked('bet.test')).toBe(false);
  const block = [{ name: 'own.test', why: 'asked for' }];
  door.post(
    compilePolicy({ ...door.settings, profiles: profilesWith({ learner: { block } }) }, undefined, 2),
  );
  await vi.waitFor(async () => expect(await allBlocked('own.test')).toBe(true), 3000);
});

test('an older policy does not replace a newer one', async () => {
  await using door = await openDoor();
  const block = [{ name: 'own.test', why: 'asked for' }];
  door.post(
    compilePolicy({ ...door.settings, profiles: profilesWith({ learner: { block } }) }, undefined, 0),
  );
  const answer = await askUdp({ address: '127.0.0.1', port: door.port }, aQuery('own.test'));
  expect(readAnswer(answer as Buffer).rcode).toBe(2);
});

test('a torn index is refused, and the one in force stays', async () => {
  await using door = await openDoor({ names: NAMES });
  expect(() => door.swap(new SharedArrayBuffer(100))).toThrow(TableUnreadable);
  expect(await dig(door.port, 'bet.test', '+short')).toBe('192.0.2.80\n');
});

test('a port that another program has is named, with its protocol', async () => {
  const socket = createSocket({ type: 'udp4', reusePort: true });
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  const udp = { address: '127.0.0.1', port: socket.address().port };
  await expect(openDoor({ listen: [udp] })).rejects.toThrow(
    new RegExp(`127\\.0\\.0\\.1:${udp.port} \\(udp\\): another program has the port`),
  );
  socket.close();
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const tcp = { address: '127.0.0.1', port: (server.address() as { port: number }).port };
  await expect(openDoor({ listen: [tcp] })).rejects.toThrow(
    new RegExp(`127\\.0\\.0\\.1:${tcp.port} \\(tcp\\): another program has the port`),
  );
  server.close();
});

test('an address that this machine does not have is named; one of IPv6 beside others is left out', async () => {
  await expect(openDoor({ listen: [{ address: '203.0.113.5', port: 0 }] })).rejects.toThrow(ListenFailed);
  const listen = [
    { address: '2001:db8::5', port: 0 },
    { address: '127.0.0.1', port: 0 },
  ];
  await using door = await openDoor({ names: NAMES, listen });
  expect(door.ports).toHaveLength(1);
  expect(door.logged.join()).toContain('[2001:db8::5]:0 (udp): this machine does not have the address');
  expect(await dig(door.port, 'bet.test', '+short')).toBe('192.0.2.80\n');
});

test('a worker that dies is started again, and it is logged', async () => {
  const policy = compilePolicy(someSettings(), undefined, 1);
  const { port1, port2 } = new MessageChannel();
  const logged: string[] = [];
  const port = await deadPort();
  let starts = 0;
  const seat = createSeat({
    number: 0,
    begin: () => ({
      listen: [{ address: '127.0.0.1', port }],
      policy,
      clientTable: compileClients([]),
      // The first one dies of a torn index.
      index: ++starts === 1 ? new SharedArrayBuffer(8) : indexOf(NAMES),
      page: { v4: '192.0.2.80' },
      cacheOctets: 1 << 16,
      watches: [],
    }),
    eventPort: port1,
    onWatched: () => {},
    log: (message) => logged.push(message),
  });
  await expect(seat.ready).rejects.toThrow('table');
  await vi.waitFor(async () => {
    const answer = await askUdp({ address: '127.0.0.1', port }, aQuery('bet.test'), 200);
    expect(answer && readAnswer(answer).rcode).toBe(0);
  }, 8000);
  expect(starts).toBe(2);
  expect(logged).toEqual(['dns: a worker failed', 'dns: a worker ended and is started again']);
  await seat.close();
  port1.close();
  port2.close();
});

test('a worker that finds its port taken when it starts again goes on trying until the port is free', async () => {
  const port = await freePort();
  const holder = createSocket('udp4');
  await new Promise<void>((done) => holder.bind(port, '127.0.0.1', done));
  const { port1, port2 } = new MessageChannel();
  const logged: string[] = [];
  const seat = createSeat({
    number: 0,
    begin: () => ({
      listen: [{ address: '127.0.0.1', port }],
      policy: compilePolicy(someSettings(), undefined, 1),
      clientTable: compileClients([]),
      index: indexOf(NAMES),
      page: { v4: '192.0.2.80' },
      cacheOctets: 1 << 16,
      watches: [],
    }),
    eventPort: port1,
    onWatched: () => {},
    log: (message) => logged.push(message),
  });
  await expect(seat.ready).rejects.toThrow('another program has the port');
  await vi.waitFor(() => expect(logged).toContain('dns: a worker ended and is started again'), 5000);
  await new Promise<void>((done) => holder.close(done));
  await vi.waitFor(async () => {
    const answer = await askUdp({ address: '127.0.0.1', port }, aQuery('bet.test'), 200);
    expect(answer && readAnswer(answer).rcode).toBe(0);
  }, 30_000);
  await seat.close();
  port1.close();
  port2.close();
}, 60_000);

test('questions in flight are answered before the door closes', async () => {
  const open = Promise.withResolvers<void>();
  await using upstream = await startScripted(() => ({
    answers: [aRecord(TYPE.A, Buffer.from([192, 0, 2, 7]))],
    after: open.promise,
  }));
  await using door = await openDoor({ settings: { upstreams: [upstream.url] } });
  const answer = askUdp({ address: '127.0.0.1', port: door.port }, aQuery('fine.test'));
  await vi.waitFor(() => expect(upstream.asked).toHaveLength(1));
  const closed = door.close();
  open.resolve();
  expect(readAnswer((await answer) as Buffer).records[0]?.data).toEqual(Buffer.from([192, 0, 2, 7]));
  await closed;
});

test('the probe of another implementation finds our listener and an upstream, and says what is wrong with one', async () => {
  await using door = await openDoor();
  const endpoint = { address: '127.0.0.1', port: door.port };
  for (const protocol of ['udp', 'tcp'] as const) {
    expect(await probeListener(endpoint, 'gatehouse.home.arpa', protocol)).toMatchObject({
      ok: true,
      addresses: ['192.0.2.80'],
    });
  }
  await using upstream = await startScripted(({ name }) => ({ rcode: name === 'bad.test' ? 2 : 3 }));
  expect(await probeUpstream(upstream.url, 'any.test')).toMatchObject({ ok: true });
  expect(await probeUpstream(upstream.url, 'bad.test')).toEqual({
    ok: false,
    reason: 'answered with rcode 2',
  });
  await using silent = await startScripted(() => undefined);
  expect(await probeUpstream(silent.url, 'any.test')).toMatchObject({ ok: false });
  expect(
    await probeListener({ address: '127.0.0.1', port: await deadPort() }, 'any.test', 'tcp'),
  ).toMatchObject({ ok: false });
});
