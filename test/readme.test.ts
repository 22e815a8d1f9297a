import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Environment } from '#contract/environment.ts';
import { SetupFile } from '#contract/settings.ts';
import { busToken, forget, type RunningGatehouse, startGatehouse } from '#support/gatehouse.ts';

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    (match) => match[1] ?? '',
  );
}

/** The folders that the README's tree names, as paths. */
function treeFolders(): string[] {
  const folders: string[] = [];
  let parent = '';
  for (const line of (blocks('tree')[0] ?? '').split('\n').filter(Boolean)) {
    const [, indent = '', name = ''] = /^(\s*)([a-z]+\/)/.exec(line) ?? [];
    if (indent === '') parent = name;
    folders.push(indent === '' ? name : `${parent}${name}`);
  }
  return folders;
}

describe('the README’s tree is the tree', () => {
  test('every folder it names is there', () => {
    expect(treeFolders().length).toBeGreaterThan(15);
    for (const folder of treeFolders()) expect(existsSync(join(root, folder)), folder).toBe(true);
  });

  test('the top level holds nothing else', () => {
    const visible = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' })
      .split('\n')
      .map((path) => path.split('/')[0] ?? '')
      .filter((name) => name !== '' && !name.startsWith('.'));
    expect([...new Set(visible)].sort()).toEqual(
      [
        'Makefile',
        'README.md',
        'controller',
        'firmware',
        'package-lock.json',
        'package.json',
        'provisioning',
        'test',
        'tsconfig.json',
        'ui',
      ].sort(),
    );
  });

  test.each(['controller', 'firmware'])('%s holds no room that it does not name', (folder) => {
    const rooms = readdirSync(join(root, folder)).filter((name) =>
      statSync(join(root, folder, name)).isDirectory(),
    );
    const named = treeFolders();
    for (const room of rooms) expect(named).toContain(`${folder}/${room}/`);
  });
});

test('every environment variable is in its table, and no other', () => {
  const named = [...readme.matchAll(/^\| `(GATEHOUSE_[A-Z]+)`/gm)].map((match) => match[1]);
  expect(named.sort()).toEqual(Object.keys(Environment.shape).sort());
});

test('its set-up file is one that would be taken', () => {
  expect(SetupFile.safeParse(JSON.parse(blocks('json')[0] ?? '')).error).toBeUndefined();
});

describe('every command in it does what it should', () => {
  const commands = blocks('sh').flatMap((block) => block.split('\n').filter((line) => line.trim() !== ''));
  let box: RunningGatehouse;

  beforeAll(async () => {
    box = await startGatehouse({ env: { GATEHOUSE_PANEL: 'none' } });
    await box.until(({ index }) => index.names > 50, 'the starter lists');
  });
  afterAll(async () => {
    await box?.end('SIGTERM');
    if (box) forget(box);
  });

  test('there are commands to run', () => {
    expect(commands.length).toBeGreaterThan(6);
  });

  test.each(commands)('%s', (line) => {
    if (line.startsWith('make ')) {
      const [, target = ''] = line.split(' ');
      expect(readFileSync(join(root, 'Makefile'), 'utf8')).toMatch(new RegExp(`^${target}:.* ## `, 'm'));
      expect(spawnSync('make', ['-n', target], { cwd: root }).status).toBe(0);
      return;
    }
    const here = line
      .replace('-p 5300', `-p ${box.dnsPort}`)
      .replace('-p 1883', `-p ${box.mqttPort}`)
      .replace('"$(cat .gatehouse/run/mqtt.token)"', busToken(box))
      .replaceAll('.gatehouse', join(box.folder, 'data'));
    const [program = ''] = here.split(' ');
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) return;
    const done = spawnSync('sh', ['-c', here], {
      cwd: root,
      env: box.env,
      encoding: 'utf8',
      timeout: 30_000,
    });
    expect(done.status, done.stderr).toBe(0);
    expect(done.stdout.length).toBeGreaterThan(10);
  });
});
