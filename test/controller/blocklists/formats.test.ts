import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileList } from '#blocklists/compile-list.ts';
import { BLOCKS, BLOCKS_EXACTLY, BLOCKS_FIRMLY, EXCEPTS, EXCEPTS_FIRMLY } from '#blocklists/entries.ts';
import { createGatherer } from '#blocklists/gather.ts';
import { MAX_LINE_OCTETS } from '#blocklists/lines.ts';
import { createLint } from '#blocklists/lint.ts';
import { kindIn } from '#blocklists/names-file.ts';
import { readList } from '#blocklists/read-list.ts';
import type { ListFormat } from '#contract/settings.ts';
import { fingerprintOf } from '#filter/fingerprint.ts';

type Said = readonly [name: string, kind: number];

/** What a list's text says, entry by entry, and what was skipped for which reason. */
async function read(format: ListFormat, chunks: readonly (string | Buffer)[]) {
  const said: Said[] = [];
  const skipped: string[] = [];
  await readList(
    chunks.map((chunk) => Buffer.from(chunk)),
    format,
    {
      entry: (octets, start, end, kind) => said.push([octets.toString('utf8', start, end), kind]),
      skip: (_octets, _start, _end, reason) => skipped.push(reason),
    },
  );
  return { said, skipped };
}

async function gather(format: ListFormat, text: string | Buffer) {
  const lint = createLint(['helpline.test', 'a.deep.test']);
  const gatherer = createGatherer(lint);
  await readList([Buffer.from(text)], format, gatherer);
  const gathered = gatherer.gathered();
  return { gathered, counts: gathered.counts, warnings: lint.warnings(), list: compileList(gathered) };
}

describe('hosts', () => {
  test.each<[line: string, said: Said[], skipped: string[]]>([
    ['0.0.0.0 a.test', [['a.test', BLOCKS]], []],
    [
      '127.0.0.1\ta.test  b.test # why',
      [
        ['a.test', BLOCKS],
        ['b.test', BLOCKS],
      ],
      [],
    ],
    ['::1 a.test#why', [['a.test', BLOCKS]], []],
    ['192.0.2.7 a.test', [['a.test', BLOCKS]], []],
    ['# 0.0.0.0 a.test', [], []],
    ['127.0.0.1 localhost', [], []],
    ['fe80::1%lo0 localhost', [], []],
    ['0.0.0.0 0.0.0.0', [], []],
    ['255.255.255.255 Broadcasthost', [], []],
    ['a.test', [], ['unreadable']],
    ['0.0.0.0', [], ['unreadable']],
    ['0.0.0.0 # nothing', [], ['unreadable']],
    ['not-an-address a.test', [], ['unreadable']],
  ])('reads %j', async (line, said, skipped) => {
    expect(await read('hosts', [line])).toEqual({ said, skipped });
  });
});

describe('domains', () => {
  test.each<[line: string, said: Said[], skipped: string[]]>([
    ['a.test', [['a.test', BLOCKS]], []],
    ['  a.test \t', [['a.test', BLOCKS]], []],
    ['*.a.test', [['a.test', BLOCKS]], []],
    ['.a.test', [['a.test', BLOCKS]], []],
    ['a.test # why', [['a.test', BLOCKS]], []],
    ['# why', [], []],
    ['! why', [], []],
    ['a.test b.test', [], ['unreadable']],
    ['', [], []],
  ])('reads %j', async (line, said, skipped) => {
    expect(await read('domains', [line])).toEqual({ said, skipped });
  });
});

describe('adblock', () => {
  test.each<[line: string, said: Said[], skipped: string[]]>([
    ['||a.test^', [['a.test', BLOCKS]], []],
    ['||a.test^|', [['a.test', BLOCKS]], []],
    ['||a.test', [['a.test', BLOCKS]], []],
    ['||*.a.test^', [['a.test', BLOCKS]], []],
    ['a.test', [['a.test', BLOCKS]], []],
    ['|a.test^', [['a.test', BLOCKS_EXACTLY]], []],
    ['@@||a.test^', [['a.test', EXCEPTS]], []],
    ['@@||a.test^|', [['a.test', EXCEPTS]], []],
    ['||a.test^$important', [['a.test', BLOCKS | BLOCKS_FIRMLY]], []],
    ['@@||a.test^$important', [['a.test', EXCEPTS | EXCEPTS_FIRMLY]], []],
    ['||a.test^$all', [['a.test', BLOCKS]], []],
    [
      '||a.test^$denyallow=b.a.test|c.a.test',
      [
        ['a.test', BLOCKS],
        ['b.a.test', EXCEPTS],
        ['c.a.test', EXCEPTS],
      ],
      [],
    ],
    ['! why', [], []],
    ['# why', [], []],
    ['[Adblock Plus 2.0]', [], []],
    ['||a.test^$third-party', [], ['notForDns']],
    ['||a.test^$important,script', [], ['notForDns']],
    ['||a.test/path^', [], ['notForDns']],
    ['||a.test:8080^', [], ['notForDns']],
    ['||ad*.a.test^', [], ['notForDns']],
    ['/banner[0-9]+/', [], ['notForDns']],
    ['a.test##.banner', [], ['notForDns']],
    ['##.banner', [], ['notForDns']],
    ['a.test#@#.banner', [], ['notForDns']],
    ['||^', [], ['notForDns']],
    ['|||a.test^', [], ['notForDns']],
  ])('reads %j', async (line, said, skipped) => {
    expect(await read('adblock', [line])).toEqual({ said, skipped });
  });
});

describe('dnsmasq', () => {
  test.each<[line: string, said: Said[], skipped: string[]]>([
    ['address=/a.test/0.0.0.0', [['a.test', BLOCKS]], []],
    ['address=/a.test/', [['a.test', BLOCKS]], []],
    ['address=/a.test/#', [['a.test', BLOCKS]], []],
    [
      'address=/a.test/b.test/::',
      [
        ['a.test', BLOCKS],
        ['b.test', BLOCKS],
      ],
      [],
    ],
    ['server=/a.test/', [['a.test', BLOCKS]], []],
    ['server=/a.test/ # why', [['a.test', BLOCKS]], []],
    ['server=/a.test/# # why # so', [['a.test', EXCEPTS]], []],
    ['server=/a.test/192.0.2.1\t# why', [], ['notForDns']],
    [
      'local=/a.test/b.test/',
      [
        ['a.test', BLOCKS],
        ['b.test', BLOCKS],
      ],
      [],
    ],
    ['local=/*.a.test/', [['a.test', BLOCKS]], []],
    ['server=/a.test/#', [['a.test', EXCEPTS]], []],
    ['server=/a.test/192.0.2.53', [], ['notForDns']],
    ['server=192.0.2.53', [], ['unreadable']],
    ['address=a.test', [], ['unreadable']],
    ['address=/a.test', [], ['unreadable']],
    ['cache-size=1000', [], ['notForDns']],
    ['# why', [], []],
  ])('reads %j', async (line, said, skipped) => {
    expect(await read('dnsmasq', [line])).toEqual({ said, skipped });
  });
});

describe('lines', () => {
  const text = '\ufeff# title\r\na.test\r\n\r\n  b.test\n*.c.test # why\nd.test';
  const names = ['a.test', 'b.test', 'c.test', 'd.test'];

  test('may be cut between chunks anywhere', async () => {
    const octets = Buffer.from(text);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(octets.length), { maxLength: 12 }), async (cuts) => {
        const places = [0, ...cuts.sort((x, y) => x - y), octets.length];
        const chunks = places.slice(1).map((to, i) => octets.subarray(places[i], to));
        const { said, skipped } = await read('domains', chunks);
        expect(said.map(([name]) => name)).toEqual(names);
        expect(skipped).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test('over the bound are counted once and the next line is read', async () => {
    const long = 'x'.repeat(MAX_LINE_OCTETS + 1);
    const chunks = [`a.test\n${long}\nb.test\n${long.slice(0, 50)}`, `${long}`, long, '\nc.test'];
    const { said, skipped } = await read('domains', chunks);
    expect(said.map(([name]) => name)).toEqual(['a.test', 'b.test', 'c.test']);
    expect(skipped).toEqual(['tooLong', 'tooLong']);
  });

  test.each([MAX_LINE_OCTETS, MAX_LINE_OCTETS + 1])(
    'of %i octets behind a byte-order mark are judged alike, however they are cut',
    async (length) => {
      const octets = Buffer.from(`\ufeff${'x'.repeat(length)}\na.test`);
      const whole = await read('domains', [octets]);
      expect(whole.said).toHaveLength(length > MAX_LINE_OCTETS ? 1 : 2);
      for (const cut of [1, 2, 3, 4, MAX_LINE_OCTETS, octets.length - 7, octets.length - 1]) {
        expect(await read('domains', [octets.subarray(0, cut), octets.subarray(cut)])).toEqual(whole);
      }
    },
  );

  // With work that grows as the square of a line's length these take longer than a test may.
  test('of four thousand spaces are no more work than others', async () => {
    const line = `address=/a.test/${' '.repeat(4000)}x\n`;
    const { said } = await read(
      'dnsmasq',
      Array.from({ length: 4000 }, () => line),
    );
    expect(said).toHaveLength(4000);
  });

  test.each<ListFormat>(['hosts', 'domains', 'adblock', 'dnsmasq'])(
    'of any octets never stop the reader of %s',
    async (format) => {
      const line = fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.stringMatching(/^[|@^$=/#!*.a-z0-9: -]{0,40}$/),
        fc.constant('0.0.0.0 \u00fc\u0000.test'),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(line), async (lines) => {
          const { list, counts } = await gather(format, lines.join('\n'));
          expect(list.low.length).toBe(list.high.length);
          expect(counts.examples.length).toBeLessThanOrEqual(5);
        }),
        { numRuns: 150 },
      );
    },
  );
});

describe('names', () => {
  const holds = (list: Awaited<ReturnType<typeof gather>>['list'], name: string) => {
    const { high, low } = fingerprintOf(name);
    return kindIn(list, high, low);
  };

  test('become lower-case A-labels without a trailing dot, each once', async () => {
    const { list } = await gather(
      'domains',
      'Ex.TEST\nex.test.\nb\u00fccher.test\nxn--bcher-kva.test\nunder_score.test',
    );
    expect(list.high.length).toBe(3);
    for (const name of ['ex.test', 'xn--bcher-kva.test', 'under_score.test'])
      expect(holds(list, name)).toBe(BLOCKS);
  });

  test('that would block too much or are no names are refused and counted by reason', async () => {
    const lines = [
      ...['192.0.2.1', '2001:db8::1', '1.2.3.4.5'],
      ...['com', 'intranet', 'localhost'],
      ...['co.uk', 'nhs.uk', 'GOV.UK'],
      ...['a..test', '-', 'sp ace.test', `${'l'.repeat(64)}.test`, `${'a.'.repeat(127)}test`, 'a,b.test'],
      'good.test',
    ];
    const { counts, list } = await gather('domains', lines.join('\n'));
    expect(counts.skipped).toMatchObject({ address: 3, singleLabel: 4, publicSuffix: 3, unreadable: 5 });
    expect(counts.examples).toEqual(lines.slice(0, 5));
    expect(list.high.length).toBe(1);
  });

  test('under a protected zone, or above a never-block name, are warned of and still blocked', async () => {
    const { warnings, list } = await gather(
      'domains',
      'smoking.nhs.uk\nhelpline.test\nchat.helpline.test\ndeep.test\nother.test',
    );
    expect(warnings).toEqual([
      'smoking.nhs.uk is under nhs.uk',
      'helpline.test is protected',
      'chat.helpline.test is under helpline.test',
      'deep.test holds the protected name a.deep.test',
    ]);
    expect(list.high.length).toBe(5);
  });

  test('warn 20 times at most, the last time with the number of the rest', async () => {
    const { warnings } = await gather(
      'domains',
      Array.from({ length: 50 }, (_, i) => `s${i}.nhs.uk`).join('\n'),
    );
    expect(warnings).toHaveLength(20);
    expect(warnings.at(-1)).toBe('and 31 more such entries');
  });

  test.each<[text: string, name: string, kind: number]>([
    ['||a.test^\n@@||a.test^', 'a.test', EXCEPTS],
    ['||a.test^$important\n@@||a.test^', 'a.test', BLOCKS],
    ['||a.test^$important\n@@||a.test^$important', 'a.test', EXCEPTS],
    ['||a.test^$important\n@@||b.a.test^', 'b.a.test', 0],
    ['||a.test^$important\n@@||b.a.test^$important', 'b.a.test', EXCEPTS],
    ['|a.test^$important\n@@||b.a.test^', 'b.a.test', EXCEPTS],
    ['||a.test^\n@@||b.a.test^', 'b.a.test', EXCEPTS],
    ['|a.test^\n||a.test^', 'a.test', BLOCKS | BLOCKS_EXACTLY],
  ])('said %j: %s settles as %d', async (text, name, kind) => {
    expect(holds((await gather('adblock', text)).list, name)).toBe(kind);
  });
});
