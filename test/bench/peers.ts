import { type ChildProcess, spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startGatehouse } from '#support/gatehouse.ts';
import { freePort } from '#support/ports.ts';
import type { Target } from './dnsperf.ts';
import type { BenchNames } from './names.ts';

/** A server that takes part, on a port of its own. */
export interface Peer extends Target {
  stop(): Promise<void>;
}

/** Gatehouse with one worker. */
export async function startOurs(folder: string, names: BenchNames, upstream: number): Promise<Peer> {
  const ours = join(folder, 'ours');
  mkdirSync(ours);
  const setup = {
    provider: { name: 'Bench' },
    people: [
      {
        name: 'Bench',
        email: 'bench@example.org',
        password: 'only for the bench',
        roles: ['network manager', 'dsl'],
      },
    ],
    networks: [{ name: 'Loopback', ranges: ['127.0.0.0/8'], profile: 'learner' }],
    lists: [{ name: 'Bench', category: 'gambling', source: `file:${names.file}`, format: 'domains' }],
    upstreams: [`udp://127.0.0.1:${upstream}`],
  };
  const running = await startGatehouse({
    folder: ours,
    setup,
    env: { GATEHOUSE_WORKERS: '1', GATEHOUSE_PANEL: 'none' },
  });
  await running.until((status) => status.index.names >= names.listed * 0.9, 'the list in force');
  return {
    name: 'gatehouse',
    port: running.dnsPort,
    stop: async () => {
      await running.end('SIGTERM');
    },
  };
}

/** Debian's dnsmasq, which has one thread, with the same list and a cache that holds every name asked. */
export async function startDnsmasq(folder: string, names: BenchNames, upstream: number): Promise<Peer> {
  const port = await freePort();
  const conf = join(folder, 'dnsmasq.conf');
  const lines = names.all.map((name) => `address=/${name}/0.0.0.0`);
  writeFileSync(
    conf,
    [
      `port=${port}`,
      'listen-address=127.0.0.1',
      'bind-interfaces',
      'no-resolv',
      'no-hosts',
      'cache-size=10000',
      `server=127.0.0.1#${upstream}`,
      'user=root',
      'pid-file',
      ...lines,
    ].join('\n'),
  );
  return peer(
    'dnsmasq',
    port,
    spawn('dnsmasq', ['-k', `--conf-file=${conf}`], { stdio: 'ignore', env: path() }),
  );
}

/** Debian's unbound with one thread, as a filter with a cache. */
export async function startUnboundPeer(folder: string, names: BenchNames, upstream: number): Promise<Peer> {
  const zones = names.all.map((name) => `local-zone: "${name}." always_null`);
  const forward = ['forward-zone:', ' name: "."', ` forward-addr: 127.0.0.1@${upstream}`];
  return unbound(folder, 'unbound', [...zones, ...forward]);
}

/** The upstream that all peers forward to: another unbound, with the names to be cached as its own data. */
export async function startUpstream(folder: string, cached: readonly string[]): Promise<Peer> {
  const data = cached.map((name, i) => `local-data: "${name}. 3600 IN A 192.0.2.${(i % 250) + 1}"`);
  return unbound(folder, 'upstream', ['local-zone: "example.org." static', ...data]);
}

async function unbound(folder: string, name: string, lines: readonly string[]): Promise<Peer> {
  const port = await freePort();
  const conf = join(folder, `${name}.conf`);
  const server = [
    'server:',
    ' interface: 127.0.0.1',
    ` port: ${port}`,
    ' do-daemonize: no',
    ' use-syslog: no',
    ' verbosity: 0',
    ' chroot: ""',
    ' username: ""',
    ' pidfile: ""',
    ' num-threads: 1',
    ' do-not-query-localhost: no',
    ' module-config: "iterator"',
    ' msg-cache-size: 64m',
    ' rrset-cache-size: 64m',
    ' so-reuseport: no',
  ];
  writeFileSync(
    conf,
    [...server, ...lines.map((line) => ` ${line}`.replace(/^ forward-zone/, 'forward-zone'))].join('\n'),
  );
  return peer(name, port, spawn('unbound', ['-d', '-c', conf], { stdio: 'ignore', env: path() }));
}

/** The platform's ceiling: a Node process that sends each datagram back with one bit changed. */
export async function startEcho(): Promise<Peer> {
  const port = await freePort();
  const child = spawn(process.execPath, [join(import.meta.dirname, 'echo.ts'), String(port)], {
    stdio: 'ignore',
  });
  return peer('echo', port, child);
}

function path(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
}

/** Waits until the peer answers a question. */
async function peer(name: string, port: number, child: ChildProcess): Promise<Peer> {
  for (let tries = 0; !(await answers(port)); tries++) {
    if (child.exitCode !== null || tries > 600) throw new Error(`${name} did not start`);
  }
  return {
    name,
    port,
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

async function answers(port: number): Promise<boolean> {
  const socket = dgram.createSocket('udp4');
  const question = Buffer.from('abcd010000010000000000000000010001', 'hex');
  socket.send(question, port, '127.0.0.1');
  const answer = await Promise.race([
    once(socket, 'message').then(() => true),
    once(socket, 'error').then(() => false),
    new Promise<boolean>((resolve) => setTimeout(resolve, 100, false)),
  ]);
  socket.close();
  return answer;
}
