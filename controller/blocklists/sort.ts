/**
 * Names by the million in two columns: the fingerprint's high 32 bits, and its low 16 bits above 16 bits of payload.
 */
export interface NameColumns {
  readonly high: Uint32Array;
  readonly rest: Uint32Array;
}

/** The digits of the sort, the least first: the low 16 bits, then the high 32 in three steps. */
const DIGITS = [
  { column: 'rest', shift: 16, bits: 16 },
  { column: 'high', shift: 0, bits: 11 },
  { column: 'high', shift: 11, bits: 11 },
  { column: 'high', shift: 22, bits: 10 },
] as const;

/**
 * Sorts the columns in place by fingerprint, names alike in the order they came. A radix sort: its time depends on
 * the count alone, so no list can be made to take long.
 */
export function sortNames(columns: NameColumns): void {
  const { length } = columns.high;
  let from = columns;
  let to: NameColumns = { high: new Uint32Array(length), rest: new Uint32Array(length) };
  // An even number of passes ends where it began.
  for (const { column, shift, bits } of DIGITS) {
    scatter(from, to, { keys: from[column], shift, mask: 2 ** bits - 1 });
    [from, to] = [to, from];
  }
}

interface Digit {
  readonly keys: Uint32Array;
  readonly shift: number;
  readonly mask: number;
}

function scatter(from: NameColumns, to: NameColumns, { keys, shift, mask }: Digit): void {
  const places = new Uint32Array(mask + 2);
  for (let i = 0; i < keys.length; i++) {
    const digit = ((keys[i] as number) >>> shift) & mask;
    places[digit + 1] = (places[digit + 1] as number) + 1;
  }
  for (let digit = 1; digit <= mask; digit++)
    places[digit] = (places[digit] as number) + (places[digit - 1] as number);
  for (let i = 0; i < keys.length; i++) {
    const digit = ((keys[i] as number) >>> shift) & mask;
    const place = places[digit] as number;
    places[digit] = place + 1;
    to.high[place] = from.high[i] as number;
    to.rest[place] = from.rest[i] as number;
  }
}
