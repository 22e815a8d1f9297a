import { toDomainName } from '#contract/names.ts';
import {
  BLOCKS,
  BLOCKS_EXACTLY,
  type EntrySink,
  EXCEPTS,
  EXCEPTS_FIRMLY,
  type SkipReason,
} from './entries.ts';
import type { Lint } from './lint.ts';
import { createNameScan, NAME_NOT_ASCII, NAME_READ, type NameScan, scanName } from './name-scan.ts';
import { isRegistrySuffix } from './public-suffix.ts';
import type { NameColumns } from './sort.ts';

/** Bounds on what one list may hold: a list beyond them is not a blocklist, and the box has to live. */
const MOST_NAMES = 10_000_000;
const MOST_EXCEPTIONS = 100_000;
const MOST_EXAMPLES = 5;
const EXAMPLE_CHARACTERS = 120;

/** A list cannot be used as it came; the message says why in plain words. */
export class ListRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ListRefused';
  }
}

/** What reading a list gave beside its names. */
export interface ReadCounts {
  readonly skipped: Readonly<Record<SkipReason, number>>;
  /** The first lines or entries that were not understood, cut to 120 characters. */
  readonly examples: readonly string[];
}

export interface Gathered extends NameColumns {
  readonly exceptions: ReadonlyMap<string, { readonly firmly: boolean }>;
  /** A plain name that stays the same while the list changes around it: the one with the least fingerprint. */
  readonly fixed: string | undefined;
  readonly counts: ReadCounts;
}

interface Gatherer extends EntrySink {
  /** What was gathered, unsorted; `rest` carries the kind as payload. */
  gathered(): Gathered;
}

/** Takes a list's entries in: checks each name, fingerprints it, and counts what cannot be used. */
export function createGatherer(lint: Lint): Gatherer {
  const columns = createColumns();
  const skips = createSkips();
  const exceptions = new Map<string, { firmly: boolean }>();
  const scan = createNameScan();
  const fixed = { high: 0x1_0000_0000, name: undefined as string | undefined };

  const keepException = (name: string, kind: number) => {
    const firmly = (kind & EXCEPTS_FIRMLY) !== 0 || exceptions.get(name)?.firmly === true;
    exceptions.set(name, { firmly });
    if (exceptions.size > MOST_EXCEPTIONS)
      throw new ListRefused(`it holds more than ${MOST_EXCEPTIONS} exceptions`);
  };
  const take = (octets: Buffer, start: number, end: number, kind: number) => {
    const whole = scan.labels - 1;
    const high = scan.highs[whole] as number;
    columns.add(high, ((scan.lows[whole] as number) << 16) | kind);
    if ((kind & EXCEPTS) !== 0) keepException(octets.toString('latin1', start, end).toLowerCase(), kind);
    if ((kind & (BLOCKS | BLOCKS_EXACTLY)) === 0) return;
    lint.see(octets, start, end, scan);
    if (high < fixed.high) offerFixed(fixed, high, octets.toString('latin1', start, end));
  };
  const entry = (octets: Buffer, start: number, end: number, kind: number) => {
    const stop = octets[end - 1] === DOT && end > start ? end - 1 : end;
    const found = scanName(octets, start, stop, scan);
    if (found === NAME_NOT_ASCII) {
      const name = toDomainName(octets.toString('utf8', start, stop));
      if (name === undefined) skips.skip(octets, start, end, 'unreadable');
      else entry(Buffer.from(name), 0, name.length, kind);
      return;
    }
    const reason = found === NAME_READ ? unfit(octets, start, stop, scan) : unread(octets, start, stop);
    if (reason === undefined) take(octets, start, stop, kind);
    else skips.skip(octets, start, end, reason);
  };

  return {
    entry,
    skip: skips.skip,
    gathered: () => ({ ...columns.used(), exceptions, fixed: fixed.name, counts: skips.counts() }),
  };
}

const DOT = 46;
const COLON = 58;

/** Only a name that policy could hold too: the weekly check asks for it from a browser. */
function offerFixed(fixed: { high: number; name: string | undefined }, high: number, text: string): void {
  if (toDomainName(text) !== text || text.includes('_')) return;
  fixed.high = high;
  fixed.name = text;
}

/** Why a name that can be read should not be blocked all the same. */
function unfit(octets: Buffer, start: number, end: number, scan: NameScan): SkipReason | undefined {
  if (scan.labels === 1) return 'singleLabel';
  const last = scan.starts[0] as number;
  if (isNumber(octets, last, end)) return 'address';
  return isRegistrySuffix(octets, start, end, scan) ? 'publicSuffix' : undefined;
}

function unread(octets: Buffer, start: number, end: number): SkipReason {
  const text = octets.toString('latin1', start, Math.min(end, start + 46));
  return text.includes(String.fromCharCode(COLON)) && /^[0-9a-f:.]+$/i.test(text) ? 'address' : 'unreadable';
}

/** No top-level domain is a number, so a name that ends in one is an address (URL standard, "ends in a number"). */
function isNumber(octets: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const octet = octets[at] as number;
    if (octet < 48 || octet > 57) return false;
  }
  return true;
}

interface GrowingColumns {
  add(high: number, rest: number): void;
  used(): NameColumns;
}

function createColumns(): GrowingColumns {
  let high = new Uint32Array(1024);
  let rest = new Uint32Array(1024);
  let count = 0;
  const grow = () => {
    if (count >= MOST_NAMES)
      throw new ListRefused(`it holds more than ${MOST_NAMES.toLocaleString('en-GB')} names`);
    const [oldHigh, oldRest] = [high, rest];
    const length = Math.min(count * 2, MOST_NAMES);
    high = new Uint32Array(length);
    high.set(oldHigh);
    rest = new Uint32Array(length);
    rest.set(oldRest);
  };
  return {
    add: (nameHigh, nameRest) => {
      if (count === high.length) grow();
      high[count] = nameHigh;
      rest[count] = nameRest;
      count += 1;
    },
    used: () => ({ high: high.subarray(0, count), rest: rest.subarray(0, count) }),
  };
}

function createSkips(): Pick<EntrySink, 'skip'> & { counts(): ReadCounts } {
  const examples: string[] = [];
  const skipped: Record<SkipReason, number> = {
    unreadable: 0,
    tooLong: 0,
    notForDns: 0,
    address: 0,
    singleLabel: 0,
    publicSuffix: 0,
  };
  return {
    skip: (octets, start, end, reason) => {
      skipped[reason] += 1;
      if (examples.length >= MOST_EXAMPLES) return;
      examples.push(octets.toString('utf8', start, Math.min(end, start + EXAMPLE_CHARACTERS)));
    },
    counts: () => ({ skipped, examples }),
  };
}
