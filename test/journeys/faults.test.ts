import { execFileSync, spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dig, forget, gatehouse, type RunningGatehouse, startGatehouse } from '#support/gatehouse.ts';
import { freePorts } from '#support/ports.ts';
import { setupFile } from '#support/provider.ts';

const DEAD_UPSTREAM = 'udp://127.0.0.1:9';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-faults-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** An environment in which everything is free and empty, but for what the test changes. */
async function environment(changed: NodeJS.ProcessEnv = {}): Promise<NodeJS.ProcessEnv> {
  const [dns, http, mqtt] = await freePorts(3);
  return {
    ...process.env,
    GATEHOUSE_DATA: join(folder, 'data'),
    GATEHOUSE_DNS: `127.0.0.1:${dns}`,
    GATEHOUSE_HTTP: `127.0.0.1:${http}`,
    GATEHOUSE_MQTT: `127.0.0.1:${mqtt}`,
    GATEHOUSE_PANEL: 'none',
    ...changed,
  };
}

function list(name: string, text: string | undefined) {
  const path = join(folder, name);
  if (text !== undefined) writeFileSync(path, text);
  return { path, names: [] };
}

describe('a configuration that cannot be used ends with 78 and names what is wrong', () => {
  const rows: readonly (readonly [string, (env: NodeJS.ProcessEnv) => NodeJS.ProcessEnv, RegExp])[] = [
    ['an address that is none', () => ({ GATEHOUSE_DNS: 'localhost:53' }), /GATEHOUSE_DNS.*localhost:53/],
    ['a port that is none', () => ({ GATEHOUSE_HTTP: '127.0.0.1:99999' }), /GATEHOUSE_HTTP/],
    ['no such panel', () => ({ GATEHOUSE_PANEL: 'lights' }), /GATEHOUSE_PANEL.*lights/],
    ['workers without number', () => ({ GATEHOUSE_WORKERS: 'many' }), /GATEHOUSE_WORKERS/],
    [
      'a set-up file that is not there',
      () => ({ GATEHOUSE_SETUP: join(folder, 'none.json') }),
      /GATEHOUSE_SETUP.*none\.json/,
    ],
    [
      'a data folder that is a file',
      () => {
        writeFileSync(join(folder, 'file'), '');
        return { GATEHOUSE_DATA: join(folder, 'file') };
      },
      /GATEHOUSE_DATA.*file/,
    ],
    [
      'a set-up file with a wrong field',
      () => {
        const setup = { ...setupFile(list('l.txt', 'a.test\n'), DEAD_UPSTREAM), upstreams: ['9.9.9.9'] };
        writeFileSync(join(folder, 'setup.json'), JSON.stringify(setup));
        return { GATEHOUSE_SETUP: join(folder, 'setup.json') };
      },
      /upstreams\.0: wanted an upstream such as/,
    ],
    [
      'a set-up file that is torn',
      () => {
        writeFileSync(join(folder, 'setup.json'), '{ "provider": ');
        return { GATEHOUSE_SETUP: join(folder, 'setup.json') };
      },
      /setup\.json cannot be read/,
    ],
    [
      'settings of which nothing can be read',
      () => {
        mkdirSync(join(folder, 'data'));
        writeFileSync(join(folder, 'data', 'settings.json'), 'torn');
        return {};
      },
      /settings\.json/,
    ],
  ];

  test.each(rows)('%s', async (_name, change, message) => {
    const found = await gatehouse(['run'], await environment(change({})));
    expect(found.stderr).toMatch(message);
    expect(found.code).toBe(78);
  });

  test('a refused set-up file leaves no half of itself behind', async () => {
    writeFileSync(join(folder, 'setup.json'), '{}');
    const env = await environment({ GATEHOUSE_SETUP: join(folder, 'setup.json') });
    expect((await gatehouse(['run'], env)).code).toBe(78);
    expect(existsSync(join(folder, 'data', 'people.json'))).toBe(false);
  });

  test.each(['GATEHOUSE_HTTP', 'GATEHOUSE_MQTT', 'GATEHOUSE_DNS'])(
    '%s taken by another program',
    async (variable) => {
      const env = await environment();
      const port = Number(env[variable]?.split(':')[1]);
      const other = createServer().listen(port, '127.0.0.1');
      await once(other, 'listening');
      const found = await gatehouse(['run'], env);
      other.close();
      expect(found.stderr).toContain(String(port));
      expect(found.code).toBe(78);
    },
  );

  test('a DNS port taken over UDP', async () => {
    const env = await environment();
    const other = dgram.createSocket('udp4');
    other.bind(Number(env['GATEHOUSE_DNS']?.split(':')[1]), '127.0.0.1');
    await once(other, 'listening');
    const found = await gatehouse(['run'], env);
    other.close();
    expect(found.stderr).toMatch(/udp/);
    expect(found.code).toBe(78);
  });

  test('a data folder that another Gatehouse works on', async () => {
    const first = await startGatehouse({ env: { GATEHOUSE_PANEL: 'none' } });
    const found = await gatehouse(['run'], await environment({ GATEHOUSE_DATA: join(first.folder, 'data') }));
    expect(found.stderr).toMatch(/another Gatehouse/);
    expect(found.code).toBe(78);
    expect(await first.end('SIGTERM')).toBe(0);
    forget(first);
  });
});

describe('what goes wrong around it is said, and filtering goes on', () => {
  let box: RunningGatehouse | undefined;
  afterEach(async () => {
    await box?.end('SIGKILL');
    if (box) forget(box);
    box = undefined;
  });

  const sources: readonly (readonly [string, string | undefined, RegExp])[] = [
    ['missing', undefined, /no such file|not there|missing|ENOENT/i],
    ['empty', '', /empty|no names/i],
    [
      'an HTML page',
      '<!doctype html><html><body>Sign in to the hotel network</body></html>',
      /HTML|web page/i,
    ],
  ];
  test.each(sources)(
    'a list source that is %s: the rest filters, and FILTER says which list',
    async (_what, text, why) => {
      const good = list('good.txt', 'good-casino.test\n');
      const bad = list('bad.txt', text);
      const setup = setupFile(good, DEAD_UPSTREAM);
      setup.lists.push({
        name: 'Bad list',
        category: 'drugs',
        source: `file:${bad.path}`,
        format: 'domains',
      });
      box = await startGatehouse({ setup, env: { GATEHOUSE_PANEL: 'none' } });
      const status = await box.until(
        ({ filter }) => filter.level === 'warning',
        'the bad list on the FILTER lamp',
      );
      expect(status.filter.reason).toMatch(/Bad list/);
      expect(status.filter.reason).toMatch(why);
      expect(await dig(box.dnsPort, '127.0.0.1', 'good-casino.test')).toContain('EDE: 15 (Blocked)');
    },
  );

  test('no upstream and no internet: it comes up, blocks, and INTERNET is red', async () => {
    const setup = setupFile(list('l.txt', 'casino.test\n'), DEAD_UPSTREAM);
    box = await startGatehouse({ setup, env: { GATEHOUSE_PANEL: 'none' } });
    const status = await box.until(({ upstream }) => upstream.level === 'fault', 'the fault on INTERNET');
    expect(status.upstream.reason).toContain(DEAD_UPSTREAM);
    expect(status.lamps.internet).toEqual({ colour: 'red', rhythm: 'fault' });
    expect(await dig(box.dnsPort, '127.0.0.1', 'casino.test')).toContain('EDE: 15 (Blocked)');
    expect(await dig(box.dnsPort, '127.0.0.1', 'www.example.org')).toMatch(/SERVFAIL[\s\S]*EDE: 2[23]/);
  });

  test('a fresh box without lists of anybody’s blocks something already', async () => {
    box = await startGatehouse({ env: { GATEHOUSE_PANEL: 'none' } });
    await box.until(({ index }) => index.names > 50, 'the starter lists');
    expect(await dig(box.dnsPort, '127.0.0.1', 'bet365.com')).toContain('EDE: 15 (Blocked)');
    expect(box.printed()).toMatch(/Set-up code: [2-9A-Z]{4}-[2-9A-Z]{4}/);
    expect((await box.status()).lamps.check).toEqual({ colour: 'dark', rhythm: 'off' });
  });

  test('settings torn by a power cut: the last good copy is used', async () => {
    const setup = setupFile(list('l.txt', 'casino.test\n'), DEAD_UPSTREAM);
    box = await startGatehouse({ setup, env: { GATEHOUSE_PANEL: 'none' } });
    await box.end('SIGKILL');
    const file = join(box.folder, 'data', 'settings.json');
    writeFileSync(file, readFileSync(file).subarray(0, 100));
    box = await startGatehouse({ folder: box.folder, env: { GATEHOUSE_PANEL: 'none' } });
    await box.until(({ index }) => index.names > 50, 'the lists');
    expect(await dig(box.dnsPort, '127.0.0.1', 'casino.test')).toContain('EDE: 15 (Blocked)');
  });

  const faketime = spawnSync('faketime', ['--version']).status === 0;
  test.skipIf(!faketime)(
    'a clock of 1970: it filters and records, and the ledger goes on afterwards',
    async () => {
      const setup = setupFile(list('l.txt', 'casino.test\n'), DEAD_UPSTREAM);
      const library = execFileSync('faketime', ['1970-01-01 00:00:10', 'printenv', 'LD_PRELOAD'], {
        encoding: 'utf8',
      }).trim();
      const fake = {
        LD_PRELOAD: library,
        FAKETIME: '@1970-01-01 00:10:00',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      };
      box = await startGatehouse({ setup, env: { GATEHOUSE_PANEL: 'none', ...fake } });
      await box.until(({ index }) => index.names > 50, 'the lists');
      expect((await box.status()).startedAt).toMatch(/^1970/);
      expect(await dig(box.dnsPort, '127.0.0.1', 'casino.test')).toContain('EDE: 15 (Blocked)');
      expect(await box.end('SIGTERM')).toBe(0);
      box = await startGatehouse({ folder: box.folder, env: { GATEHOUSE_PANEL: 'none' } });
      expect((await box.status()).startedAt).not.toMatch(/^1970/);
      expect(await box.end('SIGTERM')).toBe(0);
      expect((await gatehouse(['verify', join(box.folder, 'data')], box.env)).stdout).toContain('whole');
    },
  );

  const canMount = process.getuid?.() === 0;
  test.skipIf(!canMount)(
    'a full disk (needs root for one of its own): filtering goes on, a change is refused and says why',
    async () => {
      const disk = join(folder, 'disk');
      mkdirSync(disk);
      if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'none', disk]).status !== 0) return;
      try {
        const setup = setupFile(list('l.txt', 'casino.test\n'), DEAD_UPSTREAM);
        box = await startGatehouse({
          setup,
          env: { GATEHOUSE_PANEL: 'none', GATEHOUSE_DATA: join(disk, 'data') },
        });
        await box.until(({ index }) => index.names > 50, 'the lists');
        spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'full')}`, 'bs=64k'], { stdio: 'ignore' });
        spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'fuller')}`, 'bs=1k'], { stdio: 'ignore' });
        const change = await changeRule(box, join(disk, 'data'), 'blocked-now.test');
        expect(change.status).toBe(503);
        expect(change.detail).toMatch(/full|space|disk/i);
        expect(await dig(box.dnsPort, '127.0.0.1', 'casino.test')).toContain('EDE: 15 (Blocked)');
        rmSync(join(disk, 'full'));
        rmSync(join(disk, 'fuller'));
        expect((await changeRule(box, join(disk, 'data'), 'blocked-now.test')).status).toBe(200);
        expect(await dig(box.dnsPort, '127.0.0.1', 'blocked-now.test')).toContain('EDE: 15 (Blocked)');
        expect(await box.end('SIGTERM')).toBe(0);
        expect((await gatehouse(['verify', join(disk, 'data')], box.env)).stdout).toContain('whole');
      } finally {
        await box?.end('SIGKILL');
        spawnSync('umount', [disk]);
      }
    },
  );
});

async function changeRule(
  box: RunningGatehouse,
  data: string,
  name: string,
): Promise<{ status: number; detail: string }> {
  const token = readFileSync(join(data, 'run', 'console.token'), 'utf8').trim();
  const response = await fetch(`${box.http}/api/profiles/learner/rules`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ action: 'block', name, why: 'seen in a lesson' }),
  });
  const body = (await response.json()) as { detail?: string };
  return { status: response.status, detail: body.detail ?? '' };
}
