import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

/** Who may import whom. A folder without a row here fails. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'controller/contract': [],
  'controller/filter': ['contract'],
  'controller/clients': ['contract'],
  'controller/settings': ['contract'],
  'controller/records': ['contract'],
  'controller/safeguarding': ['contract'],
  'controller/accounts': ['contract'],
  'controller/broker': ['contract'],
  'controller/panel': ['contract'],
  'controller/web': ['contract'],
  'controller/dns': ['contract', 'filter'],
  'controller/blocklists': ['contract', 'filter'],
  'firmware/paneld': ['contract'],
  ui: ['contract', 'ui'],
  'controller/appliance': [
    'contract',
    'filter',
    'clients',
    'settings',
    'records',
    'safeguarding',
    'accounts',
    'broker',
    'panel',
    'web',
    'dns',
    'blocklists',
  ],
  controller: [
    'appliance',
    'contract',
    'filter',
    'clients',
    'settings',
    'records',
    'safeguarding',
    'accounts',
    'broker',
    'panel',
    'web',
    'dns',
    'blocklists',
    'paneld',
  ],
};

const sources = globSync(['controller/**/*.ts', 'firmware/paneld/**/*.ts', 'ui/**/*.{ts,tsx}'], {
  cwd: root,
  exclude: (path) => /node_modules|dist/.test(path),
});

function roomOf(path: string): string {
  const folder = dirname(path);
  return folder.startsWith('ui') ? 'ui' : folder;
}

test('there are sources to look at', () => {
  expect(sources.length).toBeGreaterThan(10);
});

test.each(sources)('%s imports only what its room may', (path) => {
  const allowed = MAY_IMPORT[roomOf(path)];
  expect(allowed, `${roomOf(path)} has no row`).toBeDefined();
  const text = readFileSync(join(root, path), 'utf8');
  const crossings = [...text.matchAll(/(?:from|import\(|import)\s*['"]#([a-z]+)\//g)].map(
    (match) => match[1],
  );
  for (const room of crossings) expect(allowed, `${path} imports #${room}`).toContain(room);
});

test('no source reaches over a wall by ../', () => {
  const climbing = sources.filter((path) => /from\s+['"]\.\.\//.test(readFileSync(join(root, path), 'utf8')));
  expect(climbing).toEqual([]);
});
