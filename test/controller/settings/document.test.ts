import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { openDocument } from '#settings/document.ts';
import { aFolder, diskThatFillsUp } from './disk.ts';

const Note = z.object({ n: z.int(), text: z.string() });
const note = (n: number) => ({ n, text: `note ${n}` });

test('a document that was never written is fresh and undefined', async () => {
  using folder = aFolder();
  const document = await openDocument(join(folder.path, 'note.json'), Note);
  expect(document.current()).toBeUndefined();
  expect(document.generation()).toBe(0);
  expect(document.recovered()).toBe('fresh');
});

test('what was written is there after opening again, with its generation and for its owner only', async () => {
  using folder = aFolder();
  const file = join(folder.path, 'note.json');
  const first = await openDocument(file, Note);
  await first.write(note(1));
  await first.write(note(2));
  await first.write(note(7), 7);
  const second = await openDocument(file, Note);
  expect(second.current()).toEqual(note(7));
  expect(second.generation()).toBe(7);
  expect(second.recovered()).toBe('none');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('writes asked for at once are done in the order asked', async () => {
  using folder = aFolder();
  const file = join(folder.path, 'note.json');
  const document = await openDocument(file, Note);
  await Promise.all([1, 2, 3, 4, 5].map((n) => document.write(note(n))));
  expect((await openDocument(file, Note)).current()).toEqual(note(5));
  expect((await openDocument(`${file}.good`, Note)).current()).toEqual(note(4));
});

test('a later change of the object handed in does not reach the document', async () => {
  using folder = aFolder();
  const document = await openDocument(join(folder.path, 'note.json'), Note);
  const mine = note(1);
  const writing = document.write(mine);
  mine.n = 99;
  await writing;
  expect(document.current()).toEqual(note(1));
});

test('a document that does not fit its schema or is over a megabyte is not written', async () => {
  using folder = aFolder();
  const file = join(folder.path, 'note.json');
  const document = await openDocument(file, Note);
  await document.write(note(1));
  await expect(document.write({ n: 'one', text: '' } as never)).rejects.toThrow('expected');
  await expect(document.write({ n: 2, text: 'x'.repeat(1_100_000) })).rejects.toMatchObject({
    name: 'SettingsUnwritable',
  });
  expect(document.current()).toEqual(note(1));
  expect((await openDocument(file, Note)).current()).toEqual(note(1));
});

test('whichever octet of the file is torn, the last good copy is used and said so', async () => {
  using folder = aFolder();
  const file = join(folder.path, 'note.json');
  const document = await openDocument(file, Note);
  await document.write(note(1));
  await document.write(note(2));
  const whole = readFileSync(file);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.boolean(), async (at, cut) => {
      const torn = Buffer.from(whole);
      torn[at] = (torn[at] ?? 0) ^ 1;
      writeFileSync(file, cut ? whole.subarray(0, at) : torn);
      const again = await openDocument(file, Note);
      expect(again.current()).toEqual(note(1));
      expect(again.recovered()).toBe('last-good');
      expect(again.trouble()).toContain(file);
    }),
    { numRuns: 200 },
  );
});

test('after a torn file the good copy stays until a whole document stands beside it', async () => {
  using folder = aFolder();
  const file = join(folder.path, 'note.json');
  const document = await openDocument(file, Note);
  await document.write(note(1));
  await document.write(note(2));
  writeFileSync(file, 'torn');
  const recovered = await openDocument(file, Note);
  await recovered.write(note(3));
  expect((await openDocument(`${file}.good`, Note)).current()).toEqual(note(1));
  expect((await openDocument(file, Note)).current()).toEqual(note(3));
});

test.each([
  ['torn and its copy torn', 'torn', 'torn'],
  ['torn and its copy gone', 'torn', undefined],
  ['gone and its copy torn', undefined, 'torn'],
  ['of another schema', '{"generation":1,"sha256":"00"}\n{}', 'torn'],
])('a document that is %s is refused by name', async (_, main, good) => {
  using folder = aFolder();
  const file = join(folder.path, 'note.json');
  if (main !== undefined) writeFileSync(file, main);
  if (good !== undefined) writeFileSync(`${file}.good`, good);
  await expect(openDocument(file, Note)).rejects.toMatchObject({ name: 'SettingsUnreadable', file });
  expect(readdirSync(folder.path).length).toBe([main, good].filter((text) => text !== undefined).length);
});

test('a document that is gone comes back from its last good copy', async () => {
  using folder = aFolder();
  const file = join(folder.path, 'note.json');
  const document = await openDocument(file, Note);
  await document.write(note(1));
  await document.write(note(2));
  rmSync(file);
  const again = await openDocument(file, Note);
  expect([again.current(), again.generation(), again.recovered()]).toEqual([note(1), 1, 'last-good']);
});

test('at whichever step the disk fills up, the old or the new document is there, whole', async () => {
  for (let allowed = 0; ; allowed += 1) {
    using folder = aFolder();
    const file = join(folder.path, 'note.json');
    const before = await openDocument(file, Note);
    await before.write(note(1));
    await before.write(note(2));
    const disk = diskThatFillsUp(allowed);
    const document = await openDocument(file, Note, disk);
    const outcome = await document.write(note(3)).then(
      () => 'written',
      (error: Error) => error.name,
    );
    const after = await openDocument(file, Note);
    expect(after.recovered()).toBe('none');
    if (outcome === 'written') {
      expect(after.current()).toEqual(note(3));
      expect(allowed).toBeGreaterThan(6);
      return;
    }
    expect(outcome).toBe('SettingsUnwritable');
    expect(document.current()).toEqual(note(2));
    expect([2, 3]).toContain(after.current()?.n);
    await after.write(note(4));
    expect((await openDocument(file, Note)).current()).toEqual(note(4));
  }
});
