import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { putInPlace } from '#blocklists/durable.ts';
import { compileSource, mergeSources } from '#blocklists/jobs.ts';
import { CATEGORY_IDS } from '#contract/categories.ts';
import type { ListFormat } from '#contract/settings.ts';
import { fingerprintOf } from '#filter/fingerprint.ts';
import { openTable } from '#filter/table.ts';

/** Public lists, read where they are. Where they are absent these tests are skipped by name. */
const SHARED = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'lists');
const PROJECT = join(SHARED, 'blocklistproject');
const UT1 = join(SHARED, 'ut1');
const there = existsSync(PROJECT) && existsSync(UT1);

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-shared-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const compile = (source: string, format: ListFormat, names: string) =>
  compileSource({ kind: 'compile', source, sha256: '0'.repeat(64), format, names, neverBlock: [] });

function sharedFiles(): string[] {
  const files = (inside: string) =>
    readdirSync(inside)
      .filter((file) => file.endsWith('.txt'))
      .map((file) => join(inside, file));
  const folders = readdirSync(PROJECT).filter((file) => !file.endsWith('.txt'));
  return [...files(UT1), ...files(PROJECT), ...folders.map((list) => join(PROJECT, list, 'domains.txt'))];
}

describe.skipIf(!there)('the public lists in ../shared/lists', () => {
  test.each(['drugs', 'piracy', 'scam', 'torrent'])(
    '%s is the same set in all four formats',
    async (list) => {
      const formats: ListFormat[] = ['hosts', 'domains', 'adblock', 'dnsmasq'];
      const compiled = await Promise.all(
        formats.map((format) =>
          compile(join(PROJECT, list, `${format}.txt`), format, join(folder, `${list}-${format}`)),
        ),
      );
      expect(compiled[0]?.names).toBeGreaterThan(2000);
      for (const one of compiled) expect(one).toEqual(compiled[0]);
    },
  );

  test('have as many fingerprints as names', () => {
    const names = new Set<string>();
    for (const file of sharedFiles()) {
      for (const line of readFileSync(file, 'latin1').split('\n')) {
        const name = line.trim().toLowerCase();
        if (name !== '' && !name.startsWith('#')) names.add(name);
      }
    }
    const fingerprints = new Set<number>();
    for (const name of names) {
      const { high, low } = fingerprintOf(name);
      fingerprints.add(high * 0x10000 + low);
    }
    expect(names.size).toBeGreaterThan(400_000);
    expect(fingerprints.size).toBe(names.size);
  });

  test('compile together into an index of at most 9.6 octets a name', async () => {
    const startedAt = performance.now();
    const lists = [];
    for (const [i, source] of sharedFiles().entries()) {
      const names = join(folder, `all-${i}`);
      const format = 'domains';
      const category = CATEGORY_IDS[i % CATEGORY_IDS.length] ?? 'malware';
      // The lists hold no list that is wholly refused, so each compiles.
      await compile(source, format, names);
      await putInPlace(names);
      lists.push({ category, names });
    }
    const path = join(folder, 'index.table');
    const { buffer } = await mergeSources({
      kind: 'merge',
      lists,
      fingerprint: '0'.repeat(64),
      path,
      builtAt: 1,
    });
    const { names } = openTable(buffer);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${lists.length} lists, ${names} names, ${buffer.byteLength} octets, built in ${seconds} s`);
    expect(names).toBeGreaterThan(400_000);
    expect(buffer.byteLength / names).toBeLessThanOrEqual(9.6);
  });

  test('are warned of where they hold health services, and addresses are counted', async () => {
    const gambling = await compile(join(UT1, 'gambling.txt'), 'domains', join(folder, 'gambling'));
    expect(gambling.warnings.some((warning) => warning.endsWith('is under nhs.uk'))).toBe(true);
    expect(gambling.skipped.publicSuffix).toBe(1);
    const redirector = await compile(join(UT1, 'redirector.txt'), 'domains', join(folder, 'redirector'));
    expect(redirector.skipped.address).toBeGreaterThan(1000);
  });
});

test('a generated list is the same set in all four formats', async () => {
  const names = Array.from({ length: 3000 }, (_, i) => `n${i}.site${i % 31}.example.test`);
  const forms: Record<ListFormat, (name: string) => string> = {
    hosts: (name) => `0.0.0.0 ${name}`,
    domains: (name) => name,
    adblock: (name) => `||${name}^`,
    dnsmasq: (name) => `server=/${name}/`,
  };
  const compiled = [];
  for (const [format, form] of Object.entries(forms)) {
    const source = join(folder, `generated-${format}.txt`);
    writeFileSync(source, names.map(form).join('\n'));
    compiled.push(await compile(source, format as ListFormat, join(folder, `generated-${format}`)));
  }
  expect(compiled[0]?.names).toBe(3000);
  for (const one of compiled) expect(one).toEqual(compiled[0]);
});
