import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import type { LedgerKind } from '#contract/ledger.ts';
import type { Status } from '#contract/status.ts';
import { freePorts } from '#support/ports.ts';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

/** A running Gatehouse, as a child process of the test, on ports and a folder of its own. */
export interface RunningGatehouse {
  readonly folder: string;
  readonly http: string;
  readonly dnsPort: number;
  readonly mqttPort: number;
  readonly env: NodeJS.ProcessEnv;
  /** All that it printed so far. */
  printed(): string;
  status(): Promise<Status>;
  /** Waits until `wanted` is true of the status. */
  until(wanted: (status: Status) => boolean, what: string): Promise<Status>;
  /** Ends it by `signal`; answers the exit code, null after a SIGKILL. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export interface GatehouseOptions {
  readonly setup?: unknown;
  /** A folder of an earlier run; a new one otherwise. */
  readonly folder?: string;
  /** More addresses for DNS, such as 127.0.0.77:53. */
  readonly alsoDns?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts the real program and waits until its page answers. */
export async function startGatehouse(options: GatehouseOptions = {}): Promise<RunningGatehouse> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'gatehouse-'));
  const ports = await freePorts(3);
  const [dnsPort = 0, httpPort = 0, mqttPort = 0] = ports;
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    GATEHOUSE_DATA: join(folder, 'data'),
    GATEHOUSE_DNS: [`127.0.0.1:${dnsPort}`, `[::1]:${dnsPort}`, ...(options.alsoDns ?? [])].join(','),
    GATEHOUSE_HTTP: `127.0.0.1:${httpPort}`,
    GATEHOUSE_MQTT: `127.0.0.1:${mqttPort}`,
    ...options.env,
  };
  if (options.setup !== undefined) {
    env.GATEHOUSE_SETUP = join(folder, 'setup.json');
    writeFileSync(env.GATEHOUSE_SETUP, JSON.stringify(options.setup));
  }
  const child = spawn(join(root, 'controller', 'gatehouse'), ['run'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const http = `http://127.0.0.1:${httpPort}`;
  const running = control(child, { folder, http, dnsPort, mqttPort, env });
  await running.until(() => true, 'an answer');
  return running;
}

type Place = Pick<RunningGatehouse, 'folder' | 'http' | 'dnsPort' | 'mqttPort' | 'env'>;

function control(child: ChildProcess, place: Place): RunningGatehouse {
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const ended = once(child, 'exit');
  const status = async () => (await (await fetch(`${place.http}/api/status`)).json()) as Status;
  return {
    ...place,
    printed: () => output.join(''),
    status,
    until: async (wanted, what) => {
      let last: Status | undefined;
      for (let tries = 0; tries < 600; tries++) {
        if (child.exitCode !== null)
          throw new Error(`ended with ${child.exitCode} before ${what}:\n${output.join('')}`);
        last = await status().catch(() => undefined);
        if (last && wanted(last)) return last;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`waited in vain for ${what}: ${JSON.stringify(last)}\n${output.join('')}`);
    },
    end: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
      return child.exitCode;
    },
  };
}

/** Runs `gatehouse ...` beside the running one; never rejects. */
export async function gatehouse(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return run(join(root, 'controller', 'gatehouse'), [...args], { cwd: root, env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

/** What Debian's dig says: status, flags and answer lines, asked from `source`. */
export async function dig(port: number, source: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('dig', [
    '@127.0.0.1',
    '-p',
    String(port),
    '-b',
    source,
    '+tries=1',
    '+time=3',
    ...args,
  ]);
  return stdout;
}

/** The token that lets a program on this machine read the bus. */
export function busToken(gatehouse: RunningGatehouse): string {
  return readFileSync(join(gatehouse.folder, 'data', 'run', 'mqtt.token'), 'utf8').trim();
}

/** The bodies of the ledger's entries of one kind, oldest first, as they stand on disk. */
export function ledgerBodies(gatehouse: RunningGatehouse, kind: LedgerKind): Record<string, unknown>[] {
  const ledger = new DatabaseSync(join(gatehouse.folder, 'data', 'ledger.db'), { readOnly: true });
  const rows = ledger.prepare('select entry from entry where kind = ? order by seq').all(kind);
  ledger.close();
  return rows.map((row) => (JSON.parse(String(row['entry'])) as { body: Record<string, unknown> }).body);
}

/** Throws the folder of an ended Gatehouse away. */
export function forget(gatehouse: RunningGatehouse): void {
  rmSync(gatehouse.folder, { recursive: true, force: true });
}
