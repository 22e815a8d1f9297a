import { MAX_NAME_OCTETS, type NameView, readName } from '#filter/name-view.ts';
import { HEADER_OCTETS } from './wire.ts';

/** Pointers in one name; real messages need one or two. A chain of pointers to pointers is work without end. */
const MOST_POINTERS = 16;

/**
 * Checks the name at `start`, compressed or not, without keeping it.
 * @returns offset just past the name where it stands; -1 when it is malformed.
 * @see RFC 1035 section 4.1.4
 */
export function skipRecordName(octets: Uint8Array, start: number): number {
  if (!walkName(octets, start, unused)) return -1;
  const end = endOfLabels(octets, start, 0);
  return octets[end] === 0 ? end + 1 : end + 2;
}

/** Octets of a message that pointers lead to, past its question: pairs of start and end. */
export interface Reach {
  readonly spans: Uint16Array;
  count: number;
  /** More than are kept in mind. */
  crowded: boolean;
}

const MOST_SPANS = 256;
let questionEnd = 0;
const reach: Reach = { spans: new Uint16Array(MOST_SPANS * 2), count: 0, crowded: false };

/**
 * Notes from now on where the pointers of names lead that are walked, in a message whose question ends at `end`.
 * There is one walk at a time in a worker, so there is one reach.
 */
export function beginReach(end: number): Reach {
  questionEnd = end;
  reach.count = 0;
  reach.crowded = false;
  return reach;
}

function noteReach(start: number, end: number): void {
  if (start < questionEnd) return;
  if (reach.count === MOST_SPANS) {
    reach.crowded = true;
    return;
  }
  reach.spans[reach.count * 2] = start;
  reach.spans[reach.count * 2 + 1] = end;
  reach.count += 1;
}

const unused = new Uint8Array(MAX_NAME_OCTETS);

/**
 * Spells the name at `start` out into `expanded` (255 octets) and reads it into `view`.
 * @returns whether it was well formed
 */
export function expandName(octets: Uint8Array, start: number, expanded: Uint8Array, view: NameView): boolean {
  return walkName(octets, start, expanded) && readName(expanded, 0, view) >= 0;
}

/**
 * Walks the name part by part: labels that stand together, then a pointer to the next part or the root. A pointer must
 * go strictly backwards, to before the part that it ends, so that no chain of them can loop; and not into the header,
 * whose ID, flags and counts are others when the answer goes out.
 */
function walkName(octets: Uint8Array, start: number, expanded: Uint8Array): boolean {
  let part = start;
  let written = 0;
  for (let parts = 0; parts <= MOST_POINTERS; parts++) {
    const end = endOfLabels(octets, part, written);
    if (end < 0) return false;
    if (parts > 0) noteReach(part, end + 1);
    for (let at = part; at < end; at++) expanded[written++] = octets[at] as number;
    expanded[written] = 0;
    if (octets[end] === 0) return true;
    const target = pointerAt(octets, end);
    if (target < HEADER_OCTETS || target >= part) return false;
    part = target;
  }
  return false;
}

/** @returns where the pointer at `at` points to; -1 when it is cut short */
function pointerAt(octets: Uint8Array, at: number): number {
  return at + 2 > octets.length ? -1 : ((octets[at] as number) & 0x3f) * 256 + (octets[at + 1] as number);
}

/**
 * @param written octets of the name so far
 * @returns offset of the root's zero or of a pointer; -1 when the name is cut short or too long
 */
function endOfLabels(octets: Uint8Array, start: number, written: number): number {
  let at = start;
  while (at < octets.length) {
    const length = octets[at] as number;
    if (length === 0 || length >= 0xc0) return at;
    // The label, its length octet and the root must fit.
    if (length > 63 || written + at - start + length + 2 > MAX_NAME_OCTETS) return -1;
    at += length + 1;
  }
  return -1;
}
