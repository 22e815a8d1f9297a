import { mkdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { INTERVAL_MS } from '#blocklists/timetable.ts';
import { FETCH_LIMIT_MS } from '#blocklists/update.ts';
import { aBox, aList, categoriesOf, listServer, manyNames, namesIn } from './a-box.ts';

const SOURCE = 'https://lists.example.test/list.txt';
const remote = aList('far', 'malware', { source: SOURCE });

/** A box with one list from a server whose answer the test changes. */
async function aRemoteBox() {
  let answer = (_request: IncomingMessage, response: ServerResponse) => {
    response.end('first.test\n');
  };
  const server = await listServer((request, response) => answer(request, response));
  const box = aBox();
  const lists = box.open(server.fetch);
  lists.configure([remote], []);
  await lists.refresh();
  return {
    ...box,
    lists,
    server,
    answerWith: (next: typeof answer) => {
      answer = next;
    },
    [Symbol.asyncDispose]: async () => {
      await box[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('a list from elsewhere', () => {
  test('is asked for on condition, and not built again when it has not changed', async () => {
    await using box = await aRemoteBox();
    const asked: (string | undefined)[] = [];
    box.answerWith((request, response) => {
      asked.push(request.headers['if-none-match'], request.headers['if-modified-since']);
      if (request.headers['if-none-match'] === '"v2"') {
        response.writeHead(304).end();
        return;
      }
      response
        .setHeader('etag', '"v2"')
        .setHeader('last-modified', 'Mon, 05 Jan 2026 08:00:00 GMT')
        .end('second.test');
    });
    await box.lists.refresh();
    const built = box.indexes.length;
    box.clock.advance(60_000);
    const [view] = await box.lists.refresh();
    expect(asked).toEqual([undefined, undefined, '"v2"', 'Mon, 05 Jan 2026 08:00:00 GMT']);
    expect(view).toMatchObject({ trouble: null, fetchedAt: new Date(box.clock.nowMs()).toISOString() });
    expect(box.indexes.length).toBe(built);
    expect(categoriesOf(box.lists.ready, 'second.test')).not.toBe(0);
  });

  test('may come compressed, as a file or on the way', async () => {
    await using box = await aRemoteBox();
    box.answerWith((_, response) => response.end(gzipSync('packed.test\n')));
    await box.lists.refresh();
    expect(categoriesOf(box.lists.ready, 'packed.test')).not.toBe(0);
    box.answerWith((_, response) =>
      response.setHeader('content-encoding', 'gzip').end(gzipSync('encoded.test\n')),
    );
    await box.lists.refresh();
    expect(categoriesOf(box.lists.ready, 'encoded.test')).not.toBe(0);
  });

  test('follows redirects to https, five at most, and to nothing else', async () => {
    await using box = await aRemoteBox();
    const redirects = (left: number) => (request: IncomingMessage, response: ServerResponse) => {
      const step = Number(new URL(request.url ?? '', SOURCE).searchParams.get('step') ?? left);
      if (step === 0) response.end('moved.test');
      else response.writeHead(302, { location: `/list.txt?step=${step - 1}` }).end();
    };
    box.answerWith(redirects(5));
    expect((await box.lists.refresh())[0]?.trouble).toBeNull();
    expect(categoriesOf(box.lists.ready, 'moved.test')).not.toBe(0);
    box.answerWith(redirects(6));
    expect((await box.lists.refresh())[0]?.trouble).toContain('more than 5 times');
    box.answerWith((_, response) =>
      response.writeHead(301, { location: 'http://lists.example.test/' }).end(),
    );
    const before = box.server.asked.length;
    expect((await box.lists.refresh())[0]?.trouble).toContain('not https');
    expect(box.server.asked.length).toBe(before + 1);
  });

  test.each<[fault: string, answer: (response: ServerResponse) => void, words: string]>([
    ['an empty body', (response) => response.end(), 'it is empty'],
    ['white space', (response) => response.end(' \n\n'), 'it is empty'],
    ['a page', (response) => response.end('\n<!DOCTYPE html><title>Sign in</title>'), 'a web page (HTML)'],
    ['an error', (response) => response.writeHead(503).end('first.test'), 'the server answered 503'],
    ['not found', (response) => response.writeHead(404).end('nothing'), 'the server answered 404'],
    ['no names', (response) => response.end('# only comments'), 'no name that could be read as domains'],
    [
      'another form',
      (response) => response.end('{"error": "quota"}'),
      'no name that could be read as domains',
    ],
    ['redirect to nowhere', (response) => response.writeHead(302).end(), 'without a place to go'],
    [
      'a body cut short',
      (response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('first.te');
        setImmediate(() => response.destroy());
      },
      'the connection broke off',
    ],
    ['a damaged archive', (response) => response.end(gzipSync('first.test\n').subarray(0, 18)), 'cut short'],
  ])('that answers with %s leaves the last good one in force', async (_, answer, words) => {
    await using box = await aRemoteBox();
    box.answerWith((_request, response) => answer(response));
    const [view] = await box.lists.refresh();
    expect(view?.trouble).toContain('“The far list” was not updated: ');
    expect(view?.trouble).toContain(words);
    expect(view?.trouble).toContain('The last good list stays in force.');
    expect(categoriesOf(box.lists.ready, 'first.test')).not.toBe(0);
    expect(box.reports.at(-1)).toMatchObject({
      kind: 'refused',
      id: 'far',
      names: 1,
      trouble: view?.trouble,
    });
    const reported = box.reports.length;
    await box.lists.refresh();
    expect(box.reports.length).toBe(reported);
  });

  test('that unpacks to more than the limit is refused, and nothing of it stays on disk', async () => {
    await using box = await aRemoteBox();
    const bomb = gzipSync(Buffer.alloc(257 * 1024 * 1024, 'x'), { level: 1 });
    box.answerWith((_, response) => response.end(bomb));
    expect((await box.lists.refresh())[0]?.trouble).toContain('larger than 256 MB');
    expect(categoriesOf(box.lists.ready, 'first.test')).not.toBe(0);
  });

  test('that does not end is given up after its time', async () => {
    await using box = await aRemoteBox();
    const arrived = new Promise<void>((resolve) => {
      box.answerWith((_, response) => {
        response.write('slow.test\n');
        resolve();
      });
    });
    const refreshed = box.lists.refresh();
    await arrived;
    box.clock.advance(FETCH_LIMIT_MS);
    expect((await refreshed)[0]?.trouble).toContain('longer than 5 minutes');
  });

  test('is asked for again after a minute, then ever later up to a day, and daily after success', async () => {
    await using box = await aRemoteBox();
    expect(box.clock.waiting()).toEqual([INTERVAL_MS]);
    box.answerWith((_, response) => response.writeHead(500).end());
    const waits: number[] = [];
    for (let i = 0; i < 13; i++) {
      await box.lists.refresh();
      waits.push(...box.clock.waiting());
    }
    const doubling = Array.from({ length: 11 }, (_, i) => 60_000 * 2 ** i);
    expect(waits).toEqual([...doubling, INTERVAL_MS, INTERVAL_MS]);
    box.setRandom(0.5);
    box.answerWith((_, response) => response.end('back.test'));
    box.clock.advance(INTERVAL_MS);
    await box.lists.refresh();
    expect(box.lists.views()[0]?.trouble).toBeNull();
    expect(box.clock.waiting()).toEqual([INTERVAL_MS * 0.95]);
  });

  test('is asked for by its timer alone', async () => {
    await using box = await aRemoteBox();
    box.answerWith((_, response) => response.end('second.test'));
    const built = box.indexes.length;
    box.clock.advance(INTERVAL_MS);
    await expect.poll(() => box.indexes.length).toBe(built + 1);
    expect(categoriesOf(box.lists.ready, 'second.test')).not.toBe(0);
  });

  test('is not asked for again at the start while it is fresh, and at once when the clock ran backwards', async () => {
    await using box = await aRemoteBox();
    await box.lists.close();
    box.clock.advance(60_000);
    const asked = box.server.asked.length;
    const second = box.open(box.server.fetch);
    second.configure([remote], []);
    await expect.poll(() => box.clock.waiting()).toEqual([INTERVAL_MS - 60_000]);
    expect(box.server.asked.length).toBe(asked);
    expect(second.views()).toMatchObject([{ names: 1, trouble: null }]);
  });

  test('that is new is in force as not there yet, with the reason', async () => {
    await using box = aBox();
    const lists = box.open();
    lists.configure([remote], []);
    const [view] = await lists.refresh();
    expect(view?.trouble).toBe(
      '“The far list” is not in force: the server’s name could not be found (ENOTFOUND).',
    );
    expect(view?.fetchedAt).toBeNull();
    expect(namesIn(lists.ready)).toBe(0);
  });
});

describe('a change in size', () => {
  const change = async (before: number, after: number) => {
    const box = aBox();
    box.source('a.txt', manyNames(before));
    const lists = box.open();
    lists.configure([aList('a', 'games')], []);
    await lists.refresh();
    box.source('a.txt', manyNames(after));
    const [view] = await lists.refresh();
    return { box, lists, view };
  };

  test.each([
    [1000, 799, 'held'],
    [1000, 800, 'taken'],
    [1000, 1500, 'taken'],
    [1000, 1501, 'held'],
    [999, 1, 'taken'],
    [999, 5000, 'taken'],
  ])('from %d names to %d is %s', async (before, after, outcome) => {
    const { box, view } = await change(before, after);
    await using _ = box;
    expect(view?.names).toBe(outcome === 'held' ? before : after);
    expect(view?.trouble?.includes('a person has to look at it') ?? false).toBe(outcome === 'held');
  });

  test('that was held is taken at a person’s word', async () => {
    const { box, lists } = await change(2000, 100);
    await using _ = box;
    expect(lists.views()[0]?.trouble).toContain('95 % fewer names than before (100 instead of 2000)');
    expect(await lists.accept('a')).toMatchObject({ names: 100, trouble: null });
    expect(namesIn(lists.ready)).toBe(100);
    expect(await lists.accept('nobody')).toBeUndefined();
  });
});

describe('a list on the box', () => {
  test('has to be a file', async () => {
    await using box = aBox();
    mkdirSync(join(box.root, 'sources', 'folder.txt'));
    const lists = box.open();
    lists.configure(
      [aList('a', 'games', { source: 'file:folder.txt' }), aList('b', 'games', { source: 'file:/dev/zero' })],
      [],
    );
    const [folder, device] = await lists.refresh();
    expect(folder?.trouble).toContain('is not a file');
    expect(device?.trouble).toContain('is not a file');
  });

  test('of the starter set is found by its name, which is no path', async () => {
    await using box = aBox();
    box.source('games.txt', 'games.test');
    const lists = box.open();
    lists.configure(
      [
        aList('a', 'games', { source: 'starter:games.txt' }),
        aList('b', 'games', { source: 'starter:../../etc/hosts' }),
      ],
      [],
    );
    const [starter, path] = await lists.refresh();
    expect(starter).toMatchObject({ names: 1, trouble: null });
    expect(path?.trouble).toContain('there is no starter list');
  });
});

test('closing ends a download and leaves nothing half-done', async () => {
  await using box = await aRemoteBox();
  const arrived = new Promise<void>((resolve) => {
    box.answerWith((_, response) => {
      response.write('slow.test\n');
      resolve();
    });
  });
  const refreshed = box.lists.refresh();
  await arrived;
  await box.lists.close();
  await refreshed;
  expect(box.clock.waiting()).toEqual([]);
  const again = box.open(box.server.fetch);
  expect(categoriesOf(again.ready, 'first.test')).not.toBe(0);
});
