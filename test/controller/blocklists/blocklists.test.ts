import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { categoryBit } from '#contract/categories.ts';
import { aBox, aList, categoriesOf, manyNames, namesIn } from './a-box.ts';

const GAMBLING = categoryBit('gambling');

describe('the lists of a box', () => {
  test('become the index, and the report says what came', async () => {
    await using box = aBox();
    box.source('bets.txt', '# bets\nbets.test\n192.0.2.1\n');
    const lists = box.open();
    expect(namesIn(lists.ready)).toBe(0);
    lists.configure([aList('bets', 'gambling')], []);
    const [view] = await lists.refresh();
    expect(view).toEqual({
      ...aList('bets', 'gambling'),
      names: 1,
      notUnderstood: 1,
      fetchedAt: new Date(box.clock.nowMs()).toISOString(),
      trouble: null,
      warnings: [],
    });
    expect(categoriesOf(lists.ready, 'www.bets.test')).toBe(GAMBLING);
    expect(box.indexes.at(-1)).toBe(lists.ready);
    expect(box.reports).toMatchObject([
      { kind: 'updated', id: 'bets', names: 1, namesBefore: 0, trouble: null },
    ]);
  });

  test('filter at once after a restart, before any list is looked at', async () => {
    await using box = aBox();
    box.source('bets.txt', 'bets.test');
    const first = box.open();
    first.configure([aList('bets', 'gambling')], []);
    await first.refresh();
    const fingerprint = first.fingerprint();
    await first.close();

    const second = box.open();
    expect(categoriesOf(second.ready, 'bets.test')).toBe(GAMBLING);
    expect(second.fingerprint()).toBe(fingerprint);
    const built = box.indexes.length;
    second.configure([aList('bets', 'gambling')], []);
    await second.refresh();
    expect(box.indexes.length).toBe(built);
    expect(second.views()[0]).toMatchObject({ names: 1, trouble: null });
  });

  test('stay in force when their source is gone after a restart', async () => {
    await using box = aBox();
    box.source('bets.txt', 'bets.test');
    const first = box.open();
    first.configure([aList('bets', 'gambling')], []);
    await first.refresh();
    await first.close();
    const second = box.open();
    second.configure([aList('bets', 'gambling', { source: 'file:nowhere.txt' })], []);
    const [view] = await second.refresh();
    expect(view?.trouble).toBe(
      '“The bets list” was not updated: the file is missing (ENOENT). The last good list stays in force.',
    );
    expect(categoriesOf(second.ready, 'bets.test')).toBe(GAMBLING);
  });

  test('are several in one category, the same one twice, and gone when removed', async () => {
    await using box = aBox();
    box.source('one.txt', 'one.test\nboth.test');
    box.source('two.txt', 'two.test\nboth.test');
    const one = aList('one', 'gambling');
    const two = aList('two', 'gambling');
    const lists = box.open();
    lists.configure([one, { ...one, id: 'again' }, two], []);
    await lists.refresh();
    expect(namesIn(lists.ready)).toBe(3);
    expect((await lists.holding('www.both.test')).map(({ id }) => id).sort()).toEqual([
      'again',
      'one',
      'two',
    ]);

    lists.configure([{ ...one, category: 'drugs' }], []);
    await lists.refresh();
    expect(namesIn(lists.ready)).toBe(2);
    expect(categoriesOf(lists.ready, 'two.test')).toBe(0);
    expect(categoriesOf(lists.ready, 'one.test')).toBe(categoryBit('drugs'));
    expect(readdirSync(join(box.folder, 'lists')).sort()).toEqual(['one.json', 'one.names', 'one.raw']);

    lists.configure([], []);
    expect(await lists.refresh()).toEqual([]);
    expect(namesIn(lists.ready)).toBe(0);
  });

  test('are fetched anew when their source or format changes, whatever the size', async () => {
    await using box = aBox();
    box.source('a.txt', manyNames(2000));
    box.source('b.txt', '0.0.0.0 other.test');
    const lists = box.open();
    lists.configure([aList('a', 'gambling')], []);
    await lists.refresh();
    lists.configure([aList('a', 'gambling', { source: 'file:b.txt', format: 'hosts' })], []);
    await lists.refresh();
    expect(lists.views()).toMatchObject([{ names: 1, trouble: null }]);
    expect(categoriesOf(lists.ready, 'other.test')).toBe(GAMBLING);
  });

  test('change the fingerprint with their content and category, and with nothing else', async () => {
    await using box = aBox();
    box.source('a.txt', 'a.test\nb.test');
    const lists = box.open();
    const seen = new Set<string>();
    const fingerprintWith = async (category: 'gambling' | 'drugs', content: string) => {
      box.source('a.txt', content);
      lists.configure([aList('a', category)], []);
      await lists.refresh();
      seen.add(lists.fingerprint());
      return lists.fingerprint();
    };
    const first = await fingerprintWith('gambling', 'a.test\nb.test');
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    await fingerprintWith('drugs', 'a.test\nb.test');
    await fingerprintWith('gambling', 'a.test');
    expect(seen.size).toBe(3);
    expect(await fingerprintWith('gambling', '# a comment\nb.test\na.test\n')).toBe(first);
  });

  test('warn of never-block names, those added later too', async () => {
    await using box = aBox();
    box.source('a.txt', 'helpline.test\nother.test\nclinic.nhs.uk');
    const lists = box.open();
    lists.configure([aList('a', 'drugs')], []);
    await lists.refresh();
    expect(lists.views()[0]?.warnings).toEqual(['clinic.nhs.uk is under nhs.uk']);
    lists.configure([aList('a', 'drugs')], ['helpline.test']);
    await lists.refresh();
    expect(lists.views()[0]?.warnings).toEqual([
      'helpline.test is protected',
      'clinic.nhs.uk is under nhs.uk',
    ]);
  });
});

describe('looking names up', () => {
  test('names each list that blocks a name and its entry, and respects exceptions', async () => {
    await using box = aBox();
    box.source('ads.txt', '||a.test^\n@@||good.a.test^\n||bad.good.a.test^\n|exact.test^');
    box.source('big.txt', `${manyNames(12_000)}\na.test`);
    const lists = box.open();
    lists.configure([aList('ads', 'drugs', { format: 'adblock' }), aList('big', 'gambling')], []);
    await lists.refresh();
    const matches = async (name: string) =>
      Object.fromEntries((await lists.holding(name)).map(({ id, matched }) => [id, matched]));
    expect(await matches('www.a.test')).toEqual({ ads: 'a.test', big: 'a.test' });
    expect(await matches('good.a.test')).toEqual({ big: 'a.test' });
    expect(await matches('x.bad.good.a.test')).toEqual({ ads: 'bad.good.a.test', big: 'a.test' });
    expect(await matches('exact.test')).toEqual({ ads: 'exact.test' });
    expect(await matches('www.exact.test')).toEqual({});
    expect(await matches('test')).toEqual({});
    for (const name of manyNames(12_000)
      .split('\n')
      .filter((_, i) => i % 400 === 0))
      expect(await matches(name)).toEqual({ big: name });
  });

  test('draws real names of the category, the same ones with the same chance', async () => {
    await using box = aBox();
    const names = manyNames(500).split('\n');
    box.source('a.txt', names.map((name) => `||${name}^\n||x.test/path^\n@@||except-${name}^`).join('\n'));
    box.source('b.txt', 'b.test');
    const lists = box.open();
    lists.configure([aList('a', 'gambling', { format: 'adblock' }), aList('b', 'drugs')], []);
    await lists.refresh();
    const seeded = () => {
      let state = 7;
      return () => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
        return state / 0x8000_0000;
      };
    };
    const drawn = await lists.draw('gambling', 10, seeded());
    expect(new Set(drawn).size).toBe(10);
    for (const name of drawn) expect(names).toContain(name);
    expect(await lists.draw('gambling', 10, seeded())).toEqual(drawn);
    expect(await lists.draw('drugs', 3, seeded())).toEqual(['b.test']);
    expect(await lists.draw('ai', 3, seeded())).toEqual([]);
  });

  test('has one fixed name a list that an update around it does not move', async () => {
    await using box = aBox();
    box.source('a.txt', manyNames(300));
    const lists = box.open();
    lists.configure([aList('a', 'gambling')], []);
    await lists.refresh();
    const [fixed = ''] = await lists.fixed('gambling');
    expect(manyNames(300).split('\n')).toContain(fixed);
    const rest = manyNames(200)
      .split('\n')
      .filter((name) => name !== fixed);
    box.source('a.txt', [...rest, fixed].join('\n'));
    await lists.refresh();
    expect(await lists.fixed('gambling')).toEqual([fixed]);
  });
});

describe('a power cut', () => {
  const settled = async () => {
    const box = aBox();
    box.source('a.txt', 'a.test\nb.test');
    const lists = box.open();
    lists.configure([aList('a', 'gambling')], []);
    await lists.refresh();
    await lists.close();
    return box;
  };
  const file = (box: Awaited<ReturnType<typeof settled>>, name: string) => join(box.folder, name);
  const cuts: [what: string, cut: (box: Awaited<ReturnType<typeof settled>>) => void][] = [
    ['while the source was saved', (box) => writeFileSync(file(box, 'lists/a.raw.part'), 'half.te')],
    ['while the names were written', (box) => writeFileSync(file(box, 'lists/a.names.part'), 'GHN')],
    ['while the state was written', (box) => writeFileSync(file(box, 'lists/a.json.part'), '{"ver')],
    ['while the index was written', (box) => writeFileSync(file(box, 'index.table.part'), 'x')],
    ['that tore the names', (box) => truncateSync(file(box, 'lists/a.names'), 100)],
    ['that emptied the names', (box) => truncateSync(file(box, 'lists/a.names'), 0)],
    ['that tore the state', (box) => truncateSync(file(box, 'lists/a.json'), 20)],
    ['that emptied the index', (box) => truncateSync(file(box, 'index.table'), 0)],
    ['that tore the index', (box) => truncateSync(file(box, 'index.table'), 150)],
    [
      'that left zeros in the index',
      (box) => writeFileSync(file(box, 'index.table'), readFileSync(file(box, 'index.table')).fill(0, 120)),
    ],
    ['and a foreign index', (box) => writeFileSync(file(box, 'index.table'), Buffer.alloc(4096, 'x'))],
    [
      'that changed the names inside, and took the index',
      (box) => {
        const names = readFileSync(file(box, 'lists/a.names'));
        writeFileSync(file(box, 'lists/a.names'), names.fill(7, 97, 99));
        truncateSync(file(box, 'index.table'), 0);
      },
    ],
    [
      'between the new source and its names',
      (box) => writeFileSync(file(box, 'lists/a.raw'), 'a.test\nb.test\nc.test'),
    ],
  ];

  test.each(cuts)('%s leaves the last good list in force, with no source to ask', async (_, cut) => {
    await using box = await settled();
    cut(box);
    const lists = box.open();
    lists.configure([aList('a', 'gambling', { source: 'https://lists.example.test/a.txt' })], []);
    const [view] = await lists.refresh();
    expect(view?.trouble).toContain('name could not be found');
    for (const name of ['a.test', 'b.test']) expect(categoriesOf(lists.ready, name)).toBe(GAMBLING);
    expect(await lists.holding('a.test')).toMatchObject([{ id: 'a', matched: 'a.test' }]);
    expect(readdirSync(join(box.folder, 'lists')).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test('that took everything but the index leaves the index, until the list is there again', async () => {
    await using box = await settled();
    for (const name of ['a.raw', 'a.names', 'a.json']) truncateSync(file(box, `lists/${name}`), 0);
    const lists = box.open();
    lists.configure([aList('a', 'gambling', { source: 'https://lists.example.test/a.txt' })], []);
    const [view] = await lists.refresh();
    expect(view?.trouble).toContain('could not be found');
    expect(categoriesOf(lists.ready, 'a.test')).toBe(GAMBLING);
    await lists.close();
    const again = box.open();
    box.source('a.txt', 'c.test');
    again.configure([aList('a', 'gambling')], []);
    await again.refresh();
    expect(categoriesOf(again.ready, 'a.test')).toBe(0);
    expect(categoriesOf(again.ready, 'c.test')).toBe(GAMBLING);
    expect(again.views()).toMatchObject([{ names: 1, trouble: null }]);
  });

  test('or a disk that refuses a write leaves the old list, and the trouble is named', async () => {
    await using box = await settled();
    const lists = box.open();
    lists.configure([aList('a', 'gambling')], []);
    await lists.refresh();
    mkdirSync(file(box, 'lists/a.names.part/in-the-way'), { recursive: true });
    box.source('a.txt', 'new.test');
    await lists.refresh();
    expect(lists.views()[0]?.trouble).toMatch(/was not updated: .*EISDIR/);
    expect(categoriesOf(lists.ready, 'a.test')).toBe(GAMBLING);
    expect(categoriesOf(lists.ready, 'new.test')).toBe(0);
  });
});

/** Device files and mounts need root; elsewhere the test is skipped by name. */
function mountSmallDisk(path: string): boolean {
  mkdirSync(path, { recursive: true });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=96k', 'tmpfs', path]).status === 0;
}

test('a full disk leaves the old list in force, and there is room again once the new one is smaller', async (context) => {
  await using box = aBox();
  if (!mountSmallDisk(box.folder)) context.skip('mounting a small disk needs root');
  try {
    box.source('a.txt', 'a.test\nb.test');
    const lists = box.open();
    lists.configure([aList('a', 'gambling')], []);
    await lists.refresh();
    box.source('a.txt', manyNames(20_000));
    await lists.refresh();
    expect(lists.views()[0]).toMatchObject({ names: 2 });
    expect(lists.views()[0]?.trouble).toContain('was not updated: the disk is full (ENOSPC)');
    expect(categoriesOf(lists.ready, 'a.test')).toBe(GAMBLING);
    box.source('a.txt', 'a.test\nc.test');
    await lists.refresh();
    expect(lists.views()[0]).toMatchObject({ names: 2, trouble: null });
    expect(categoriesOf(lists.ready, 'c.test')).toBe(GAMBLING);
    await lists.close();
    expect(categoriesOf(box.open().ready, 'c.test')).toBe(GAMBLING);
  } finally {
    spawnSync('umount', [box.folder]);
  }
});
