import { MAX_NAME_OCTETS, type NameView, readName } from '#filter/name-view.ts';

/** Pointers in one name; real messages need one or two. A chain of pointers to pointers is work without end. */
const MAX_POINTERS = 16;

/**
 * Checks the name at `start`, compressed or not, without keeping it. A pointer must go strictly backwards, to before
 * the part of the name that it continues, so that no chain of them can loop.
 * @returns offset just past the name where it stands; -1 when it is malformed.
 * @see RFC 1035 section 4.1.4
 */
export function skipRecordName(octets: Uint8Array, start: number): number {
  return walkName(octets, start, undefined);
}

/**
 * Spells the name at `start` out into `expanded` (255 octets) and reads it into `view`.
 * @returns whether it was well formed
 */
export function expandName(octets: Uint8Array, start: number, expanded: Uint8Array, view: NameView): boolean {
  return walkName(octets, start, expanded) >= 0 && readName(expanded, 0, view) >= 0;
}

function walkName(octets: Uint8Array, start: number, expanded: Uint8Array | undefined): number {
  let at = start;
  let segment = start;
  let after = -1;
  let written = 0;
  let pointers = 0;
  while (at < octets.length) {
    const length = octets[at] as number;
    if (length === 0) {
      if (expanded) expanded[written] = 0;
      return after < 0 ? at + 1 : after;
    }
    if (length >= 0xc0) {
      if (at + 2 > octets.length) return -1;
      const target = ((length & 0x3f) << 8) | (octets[at + 1] as number);
      pointers += 1;
      if (target >= segment || pointers > MAX_POINTERS) return -1;
      if (after < 0) after = at + 2;
      at = target;
      segment = target;
      continue;
    }
    // The label, its length octet and the root must fit in 255.
    if (length > 63 || written + length + 2 > MAX_NAME_OCTETS || at + length + 1 > octets.length) return -1;
    if (expanded) copyLabel(octets, at, expanded, written);
    written += length + 1;
    at += length + 1;
  }
  return -1;
}

function copyLabel(octets: Uint8Array, from: number, expanded: Uint8Array, to: number): void {
  const length = octets[from] as number;
  for (let i = 0; i <= length; i++) expanded[to + i] = octets[from + i] as number;
}
