import { execFileSync } from 'node:child_process';
import { accessSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const PROGRAM = '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const exists = (path: string): boolean => {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
};

/** Whether Debian's Chromium is installed. */
export const hasChromium = exists(PROGRAM);

/** Whether a browser can be given a resolver of its own: a mount namespace and an address on loopback need root. */
export const canBeDevice =
  hasChromium && process.getuid?.() === 0 && exists('/usr/bin/unshare') && canMount();

function canMount(): boolean {
  try {
    execFileSync('unshare', ['-m', 'mount', '--bind', '/etc/hosts', '/etc/hosts'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export function startChromium(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: PROGRAM, args: [...ARGUMENTS, ...more] });
}

/** A browser on a device whose resolver is `resolver`, port 53: what it looks up, that resolver sees. */
export async function startDevice(resolver: string): Promise<{ browser: Browser; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-device-'));
  writeFileSync(join(folder, 'resolv.conf'), `nameserver ${resolver}\n`);
  const starter = join(folder, 'chromium');
  const bind = `mount --bind ${folder}/resolv.conf "$(readlink -f /etc/resolv.conf)"`;
  writeFileSync(
    starter,
    `#!/bin/sh\nexec unshare -m sh -c '${bind} && exec ${PROGRAM} "$@"' chromium "$@"\n`,
  );
  chmodSync(starter, 0o755);
  const browser = await chromium.launch({ executablePath: starter, args: ARGUMENTS });
  return {
    browser,
    async stop() {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** An address of documentation (RFC 5737) that is this machine while a test runs, so that nothing leaves it. */
export function borrowAddress(address: string): () => void {
  execFileSync('ip', ['address', 'add', `${address}/32`, 'dev', 'lo'], { stdio: 'ignore' });
  return () => execFileSync('ip', ['address', 'del', `${address}/32`, 'dev', 'lo'], { stdio: 'ignore' });
}
