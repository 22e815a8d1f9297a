/**
 * A name's fingerprint: 48 bits, made from the right, label by label, so that one pass over a question's octets
 * gives the fingerprint of the name and of each of its parents. Two running 32-bit states take each octet in lower
 * case and, at the start of a label, the label's length: the same octets as the wire form has, so a dot inside a
 * label can never pass for a break between two.
 *
 * The high 32 bits give the place in the index, the low 16 bits tell names of one place apart.
 */
export const SEED_A = 0x811c9dc5 | 0;
export const SEED_B = 0x9747b28c | 0;

/** The next first state after `octet` (lower case). */
export function mixA(state: number, octet: number): number {
  return Math.imul(state ^ octet, 0x01000193);
}

/** The next second state after `octet` (lower case). */
export function mixB(state: number, octet: number): number {
  const mixed = Math.imul(state ^ octet, 0x5bd1e995);
  return mixed ^ (mixed >>> 13);
}

/** High 32 bits of the fingerprint, unsigned. */
export function high(a: number, b: number): number {
  let hash = (a + Math.imul(b, 0x9e3779b1)) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Low 16 bits of the fingerprint. */
export function low(a: number, b: number): number {
  let hash = b ^ Math.imul(a, 0x27d4eb2f);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 17)) & 0xffff;
}

/** A fingerprint on its own, where speed does not matter. */
export interface Fingerprint {
  readonly high: number;
  readonly low: number;
}

/**
 * The fingerprint of the name in `octets[start, end)`, written as text (labels and dots, any case, no trailing dot):
 * for lists and own rules.
 * @param into receives the high and the low part at `[0]` and `[1]`
 */
export function fingerprintText(octets: Uint8Array, start: number, end: number, into: Uint32Array): void {
  let a = SEED_A;
  let b = SEED_B;
  let length = 0;
  for (let at = end - 1; at >= start; at--) {
    const octet = octets[at] as number;
    if (octet === 46) {
      a = mixA(a, length);
      b = mixB(b, length);
      length = 0;
      continue;
    }
    const lower = octet >= 65 && octet <= 90 ? octet | 32 : octet;
    a = mixA(a, lower);
    b = mixB(b, lower);
    length += 1;
  }
  a = mixA(a, length);
  b = mixB(b, length);
  into[0] = high(a, b);
  into[1] = low(a, b);
}

const pair = new Uint32Array(2);

/** The fingerprint of `name`. */
export function fingerprintOf(name: string): Fingerprint {
  const octets = Buffer.from(name, 'latin1');
  fingerprintText(octets, 0, octets.length, pair);
  return { high: pair[0] as number, low: pair[1] as number };
}
