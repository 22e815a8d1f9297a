import { high, low, mixA, mixB, SEED_A, SEED_B } from '#filter/fingerprint.ts';
import { MAX_LABELS } from '#filter/name-view.ts';

/**
 * One name of a list, read in place: the fingerprint of the name and of each parent, the rightmost label first.
 * One is made a list and filled again for each name.
 */
export interface NameScan {
  labels: number;
  readonly highs: Uint32Array;
  readonly lows: Uint16Array;
  /** Offset of each label's first octet. */
  readonly starts: Int32Array;
}

export function createNameScan(): NameScan {
  return {
    labels: 0,
    highs: new Uint32Array(MAX_LABELS),
    lows: new Uint16Array(MAX_LABELS),
    starts: new Int32Array(MAX_LABELS),
  };
}

/** What `scanName` found. */
export const NAME_READ = 0;
export const NAME_NOT_ASCII = 1;
const NAME_WRONG = 2;

const DOT = 46;
const MAX_TEXT = 253;

/**
 * Reads the name written in `octets[start, end)`: letters, digits, hyphens and underscores in labels of 1 to 63.
 * More lenient than a host name (a hyphen may end a label): what a question can hold, a list may block.
 * A loop over every octet of every list, so longer than most functions.
 */
export function scanName(octets: Buffer, start: number, end: number, scan: NameScan): number {
  let a = SEED_A;
  let b = SEED_B;
  let length = 0;
  let labels = 0;
  if (end - start > MAX_TEXT) return wrongOrForeign(octets, start, end);
  for (let at = end - 1; at >= start; at--) {
    const octet = LOWER[octets[at] as number] as number;
    if (octet !== DOT && octet !== 0) {
      a = mixA(a, octet);
      b = mixB(b, octet);
      length += 1;
    } else if (octet === DOT && length > 0 && length < 64) {
      a = mixA(a, length);
      b = mixB(b, length);
      note(scan, labels, a, b);
      scan.starts[labels] = at + 1;
      labels += 1;
      length = 0;
    } else return wrongOrForeign(octets, start, end);
  }
  if (length === 0 || length > 63) return NAME_WRONG;
  note(scan, labels, mixA(a, length), mixB(b, length));
  scan.starts[labels] = start;
  scan.labels = labels + 1;
  return NAME_READ;
}

function note(scan: NameScan, label: number, a: number, b: number): void {
  scan.highs[label] = high(a, b);
  scan.lows[label] = low(a, b);
}

function wrongOrForeign(octets: Buffer, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    if ((octets[at] as number) > 127) return NAME_NOT_ASCII;
  }
  return NAME_WRONG;
}

/** Each octet in lower case; 0 for what no name holds. */
const LOWER = Uint8Array.from({ length: 256 }, (_, octet) => {
  const text = String.fromCharCode(octet).toLowerCase();
  return /^[a-z0-9._-]$/.test(text) ? text.charCodeAt(0) : 0;
});
