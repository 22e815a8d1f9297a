import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';

const KB = 1024;
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-ui-'));
let html = '';
let scripts: readonly { name: string; text: string; gzipOctets: number }[] = [];

beforeAll(() => {
  const args = ['build', '--config', 'ui/vite.config.ts', '--logLevel', 'error', '--outDir', folder];
  const built = spawnSync(process.execPath, ['node_modules/vite/bin/vite.js', ...args], {
    cwd: join(import.meta.dirname, '../..'),
    // The test runner's own NODE_ENV would bring the development build of React.
    env: { ...process.env, NODE_ENV: 'production' },
    encoding: 'utf8',
  });
  expect(built.stderr).toBe('');
  expect(built.status).toBe(0);
  html = readFileSync(join(folder, 'index.html'), 'utf8');
  scripts = readdirSync(join(folder, 'assets'))
    .filter((name) => name.endsWith('.js'))
    .map((name) => {
      const octets = readFileSync(join(folder, 'assets', name));
      return { name, text: octets.toString(), gzipOctets: gzipSync(octets).length };
    });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The scripts that the page asks for before anything else. */
const initial = () => scripts.filter(({ name }) => html.includes(`/assets/${name}`));

test('the first load is at most 180 kB of script', () => {
  expect(initial().length).toBeGreaterThan(0);
  expect(initial().reduce((sum, { gzipOctets }) => sum + gzipOctets, 0)).toBeLessThanOrEqual(180 * KB);
});

test('each screen is a chunk of its own and at most 60 kB', () => {
  const first = new Set(initial().map(({ name }) => name));
  for (const screen of ['today', 'checks', 'names', 'sign-in', 'claim', 'check']) {
    expect(scripts.map(({ name }) => name)).toContainEqual(
      expect.stringMatching(new RegExp(`^${screen}-[\\w-]{8}\\.js$`)),
    );
  }
  for (const { name, gzipOctets } of scripts) {
    if (first.has(name) || name.startsWith('bus-')) continue;
    expect(gzipOctets, name).toBeLessThanOrEqual(60 * KB);
  }
});

test('the MQTT client is not in the first load', () => {
  for (const { text } of initial()) expect(text).not.toContain('screen/button');
  expect(scripts.some(({ text }) => text.includes('screen/button'))).toBe(true);
});

test('no validation library and nothing of the server is in the bundle', () => {
  for (const { name, text } of scripts)
    expect(text, name).not.toMatch(/ZodError|invalid_type|domainToASCII|argon2/);
});

test('the page needs no inline script or style, and loads nothing from elsewhere', () => {
  expect(html).not.toMatch(/<style|style=|\son\w+="|<script(?![^>]*\bsrc=)/);
  const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
  expect(addresses.length).toBeGreaterThan(2);
  for (const address of addresses) expect(address).toMatch(/^\/assets\//);
});

test('every script and style carries the place for the nonce', () => {
  const tags = html.match(/<(?:script|link rel="(?:stylesheet|modulepreload)")[^>]*>/g) ?? [];
  expect(tags.length).toBeGreaterThan(2);
  for (const tag of tags) expect(tag).toContain('nonce="__CSP_NONCE__"');
  expect(html).toContain('<meta name="csp-nonce" content="__CSP_NONCE__" />');
});

test('beside every asset lies the same one compressed', () => {
  for (const { name, text } of scripts) {
    expect(gunzipSync(readFileSync(join(folder, 'assets', `${name}.gz`))).toString()).toBe(text);
  }
});
