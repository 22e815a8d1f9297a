import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compileList } from '#blocklists/compile-list.ts';
import type { EntrySink } from '#blocklists/entries.ts';
import { createGatherer } from '#blocklists/gather.ts';
import { MAX_LINE_OCTETS } from '#blocklists/lines.ts';
import { createLint } from '#blocklists/lint.ts';
import { mergeLists } from '#blocklists/merge.ts';
import { composeNames, openNames } from '#blocklists/names-file.ts';
import { readList } from '#blocklists/read-list.ts';
import { ListFormat } from '#contract/settings.ts';
import { openTable } from '#filter/table.ts';
import { between, changed, changes, cuts, pieces } from './octets.ts';
import { type Target, targetOf } from './target.ts';

const EXAMPLE_OCTETS = 120;

const NAMES = [
  'a.test',
  'b.example.org',
  'A.TEST.',
  '*.c.test',
  '.d.test',
  'xn--bcher-kva.example',
  'bücher.example',
];
const ODD = [
  '',
  'com',
  'co.uk',
  '192.0.2.7',
  '2001:db8::1',
  'a..b',
  '-',
  `${'x'.repeat(64)}.test`,
  '127.1',
  '\ufffd',
];
const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 2, arbitrary: fc.constantFrom(...ODD) },
  { weight: 1, arbitrary: fc.string({ maxLength: 12, unit: 'binary' }) },
);

/** Format -> lines as publishers write them, with `NAME` for each name. */
const LINES: Readonly<Record<ListFormat, readonly string[]>> = {
  hosts: ['0.0.0.0 NAME', '127.0.0.1\tNAME NAME # why', '::1 NAME#why', 'fe80::1%lo0 NAME', '# NAME', 'NAME'],
  domains: ['NAME', 'NAME # why', '# NAME', '! NAME', ' NAME \t', 'NAME NAME'],
  adblock: [
    ...[
      '||NAME^',
      '|NAME^',
      '@@||NAME^',
      '@@NAME',
      '||NAME^$important',
      '@@||NAME^$important',
      '@',
      '@@',
      '#',
      '|',
    ],
    ...[
      '||NAME^$denyallow=NAME|NAME',
      '||NAME^|$all',
      '[Adblock Plus 2.0]',
      '! NAME',
      'NAME##.ad',
      '||NAME/x',
      '$$',
    ],
  ],
  dnsmasq: [
    ...[
      'address=/NAME/0.0.0.0',
      'server=/NAME/',
      'local=/NAME/NAME/',
      'server=/NAME/#',
      'server=/NAME/192.0.2.1',
    ],
    ...[
      'address=/NAME/ # why',
      '# NAME',
      'address=/',
      'conf-file=/NAME/',
      '=/',
      'address =/NAME/#',
      'local=//',
    ],
  ],
};

/** A line at the bound of what is read as one, give or take some octets. */
const longLine = fc
  .tuple(fc.integer({ min: -8, max: 8 }), fc.constantFrom('a', ' ', '#', '|', '/', '.'))
  .map(([more, letter]) => letter.repeat(MAX_LINE_OCTETS + more));

/** A list as lines, some changed, joined the way some publisher does it. */
function listOf(format: ListFormat): fc.Arbitrary<Buffer> {
  const names = fc.array(name, { minLength: 3, maxLength: 3 });
  const known = fc.tuple(fc.constantFrom(...LINES[format]), names).map(([line, some]) => {
    let next = 0;
    return line.replaceAll('NAME', () => some[next++ % some.length] ?? '');
  });
  const line = fc.oneof(
    { weight: 10, arbitrary: known },
    { weight: 1, arbitrary: fc.tuple(known, longLine).map(([short, long]) => short + long) },
    { weight: 1, arbitrary: longLine },
  );
  const end = fc.constantFrom('\n', '\r\n', '\n\n', '\r', ' \n');
  const rows = fc
    .array(fc.tuple(line, end), { maxLength: 14, size: 'max' })
    .map((list) => list.flat().join(''));
  return fc.oneof(
    {
      weight: 1,
      arbitrary: fc.uint8Array({ maxLength: 300, size: 'max' }).map((octets) => Buffer.from(octets)),
    },
    {
      weight: 6,
      arbitrary: fc
        .tuple(fc.constantFrom('', '', '\ufeff', '\ufeff\ufeff'), rows, changes)
        .map(([mark, text, list]) => changed(Buffer.from(mark + text), list)),
    },
  );
}

/** Reads a list: what it says, in order, as one text a call. */
async function transcript(chunks: readonly Buffer[], format: ListFormat): Promise<readonly string[]> {
  const largest = Math.max(MAX_LINE_OCTETS + 4, ...chunks.map(({ length }) => length));
  const said: string[] = [];
  const note = (octets: Buffer, start: number, end: number, what: string) => {
    assert.ok(start >= 0 && end <= octets.length && start <= end, `[${start}, ${end}) of ${octets.length}`);
    assert.ok(octets.length <= largest, 'no more is held than a chunk or a line');
    const most = Math.min(end, start + EXAMPLE_OCTETS);
    said.push(`${what} ${end - start} ${octets.toString('latin1', start, most)}`);
  };
  await readList(chunks, format, {
    entry: (octets, start, end, kind) => note(octets, start, end, `entry ${kind}`),
    skip: (octets, start, end, reason) => note(octets, start, end, reason),
  });
  return said;
}

const EVERY_OCTET = 1500;

function listReader(format: ListFormat): Target {
  const cases = fc.record({
    list: listOf(format),
    places: cuts,
    around: fc.constantFrom('@', '|', '#', ' ', '\n', 'a'),
  });
  return targetOf(`blocklist reader ${format}`, () => ({
    cases,
    check: async ({ list, places, around }) => {
      const whole = await transcript([list], format);
      assert.ok(whole.length <= list.length, 'not more is said than there are octets');
      assert.deepEqual(await transcript(pieces(list, places), format), whole, 'cuts change nothing');
      const surrounded = between(list, Buffer.alloc(4, around));
      assert.deepEqual(
        await transcript([surrounded], format),
        whole,
        'octets around the list change nothing',
      );
      if (list.length > EVERY_OCTET) return;
      const each = Array.from(list, (octet) => Buffer.from([octet]));
      assert.deepEqual(await transcript(each, format), whole, 'octet by octet');
    },
  }));
}

export const listReaders: readonly Target[] = ListFormat.options.map(listReader);

/** From text to a list on disk and to an index: whatever is read can be compiled, kept, opened and looked up. */
export const listCompiler = targetOf('blocklist compiler', () => ({
  cases: fc
    .constantFrom(...ListFormat.options)
    .chain((format) => fc.tuple(fc.constant(format), listOf(format))),
  check: async ([format, text]) => {
    const gatherer = createGatherer(createLint(['a.test']));
    let calls = 0;
    const counted: EntrySink = {
      entry: (...call) => {
        calls += 1;
        gatherer.entry(...call);
      },
      skip: (...call) => {
        calls += 1;
        gatherer.skip(...call);
      },
    };
    await readList([text], format, counted);
    const gathered = gatherer.gathered();
    const { counts } = gathered;
    const skips = Object.values(counts.skipped).reduce((sum, count) => sum + count, 0);
    assert.equal(gathered.high.length + skips, calls, 'each entry is a name or counted as skipped');
    assert.ok(counts.examples.length <= 5 && counts.examples.every(({ length }) => length <= EXAMPLE_OCTETS));
    const list = compileList(gathered);
    const { parts } = composeNames(list, '0'.repeat(64));
    const opened = openNames(new Uint8Array(Buffer.concat(parts)));
    assert.deepEqual(opened.list, { ...list, exceptions: [...list.exceptions] });
    const table = openTable(
      mergeLists([{ category: 'gambling', names: opened.list }], { lists: 1, builtAt: 0 }),
    );
    assert.ok(table.names <= list.high.length);
  },
}));
