import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { accessSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#support/ports.ts';

const PROGRAM = '/usr/sbin/unbound';

/** Whether Debian's unbound is installed: a real upstream. */
export const hasUnbound = ((): boolean => {
  try {
    accessSync(PROGRAM);
    return true;
  } catch {
    return false;
  }
})();

export interface Unbound {
  readonly port: number;
  /** `udp://127.0.0.1:<port>` */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts a real upstream on loopback that knows `records` (zone file lines: `www.example.org. 300 IN A 192.0.2.1`) and
 * answers NXDOMAIN for everything else. It asks nobody.
 */
export async function startUnbound({
  records,
  zones = {},
  port: wanted,
}: {
  readonly records: readonly string[];
  /** Whole zones by name, as zone file text: with wildcards, CNAME chains and DNAME, which `records` cannot have. */
  readonly zones?: Readonly<Record<string, string>>;
  readonly port?: number;
}): Promise<Unbound> {
  const port = wanted ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-unbound-'));
  for (const [zone, text] of Object.entries(zones)) writeFileSync(join(folder, `${zone}.zone`), text);
  const settings = [...configuration(port, folder, records), ...zoneLines(Object.keys(zones))];
  writeFileSync(join(folder, 'unbound.conf'), settings.join('\n'));
  const child = spawn(PROGRAM, ['-d', '-p', '-c', join(folder, 'unbound.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  await answering(port, child, said);
  return {
    port,
    url: `udp://127.0.0.1:${port}`,
    async stop() {
      const ended = new Promise((done) => child.once('exit', done));
      if (child.exitCode === null && child.kill('SIGKILL')) await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configuration(port: number, folder: string, records: readonly string[]): readonly string[] {
  return [
    'server:',
    '  interface: 127.0.0.1',
    `  port: ${port}`,
    '  do-daemonize: no',
    '  use-syslog: no',
    '  username: ""',
    '  chroot: ""',
    `  directory: "${folder}"`,
    '  pidfile: ""',
    '  num-threads: 1',
    '  module-config: "iterator"',
    '  access-control: 127.0.0.0/8 allow',
    '  local-zone: "." static',
    '  local-data: ". 3600 IN SOA a.test. b.test. 1 3600 600 86400 300"',
    ...records.map((record) => `  local-data: '${record}'`),
    'remote-control:',
    '  control-enable: no',
    '',
  ];
}

/** Zones that unbound resolves in, as it would on the internet, with all that it can say of an answer. */
function zoneLines(zones: readonly string[]): readonly string[] {
  const each = zones.flatMap((zone) => [
    'auth-zone:',
    `  name: "${zone}"`,
    `  zonefile: "${zone}.zone"`,
    '  for-downstream: no',
    '  for-upstream: yes',
    '  fallback-enabled: no',
    'server:',
    `  local-zone: "${zone}." transparent`,
  ]);
  const same = ['minimal-responses: no', 'rrset-roundrobin: no', 'max-udp-size: 1232'];
  return [...each, 'server:', ...same.map((setting) => `  ${setting}`), ''];
}

/** Asks for the root until there is an answer. */
async function answering(port: number, child: ChildProcess, said: readonly string[]): Promise<void> {
  const question = Buffer.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1]);
  const socket = createSocket('udp4');
  const answered = Promise.withResolvers<void>();
  socket.on('message', () => answered.resolve());
  child.once('exit', () => answered.reject(new Error(`unbound ended: ${said.join('')}`)));
  const ask = setInterval(() => socket.send(question, port, '127.0.0.1'), 20);
  const late = setTimeout(() => answered.reject(new Error('unbound does not answer')), 10_000);
  try {
    await answered.promise;
  } finally {
    clearInterval(ask);
    clearTimeout(late);
    socket.close();
  }
}
