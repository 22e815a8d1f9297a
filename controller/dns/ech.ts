import type { Inspection } from './inspect.ts';
import { skipRecordName } from './record-name.ts';
import { read16, TYPE_HTTPS, TYPE_SVCB, write16 } from './wire.ts';

/** The parameter with the keys for an encrypted client hello. */
const ECH = 5;
/** The last key for private use: nobody knows it, so everybody passes over it, and it stands behind all others. */
const UNKNOWN = 65_534;

/**
 * Takes the parameter `ech` out of the HTTPS and SVCB records of a walked answer, so that browsers go on naming the
 * site they ask for, and a filter behind this one can see it. Nothing moves: what comes after the parameter takes its
 * place, and zeros under a key that nobody knows fill the record up.
 * @returns whether there was any
 * @see RFC 9460 section 2.2
 */
export function stripEch(octets: Uint8Array, questionEnd: number, found: Inspection): boolean {
  let stripped = false;
  let record = found.services ? questionEnd : found.length;
  while (record < found.length) {
    const at = skipRecordName(octets, record);
    const type = read16(octets, at);
    const end = at + 10 + read16(octets, at + 8);
    if ((type === TYPE_HTTPS || type === TYPE_SVCB) && stripRecord(octets, at + 10, end)) stripped = true;
    record = end;
  }
  return stripped;
}

function stripRecord(octets: Uint8Array, data: number, end: number): boolean {
  let at = skipRecordName(octets, data + 2);
  while (at + 4 <= end) {
    const next = at + 4 + read16(octets, at + 2);
    if (next > end) return false;
    if (read16(octets, at) === ECH) {
      octets.copyWithin(at, next, end);
      const filling = end - (next - at);
      write16(octets, filling, UNKNOWN);
      write16(octets, filling + 2, next - at - 4);
      octets.fill(0, filling + 4, end);
      return true;
    }
    at = next;
  }
  return false;
}
