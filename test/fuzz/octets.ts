import fc from 'fast-check';

/** Numbers at which counts, lengths and pointers turn over. */
const EDGES = [0, 1, 2, 3, 11, 12, 63, 64, 127, 128, 191, 192, 255, 256, 512, 0x3fff, 0x7fff, 0x8000, 0xc000];

export const octet = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 63, 64, 127, 128, 192, 255));
export const word = fc.oneof(
  fc.nat(0xffff),
  fc.constantFrom(...EDGES, 0xc00c, 0xfffe, 0xffff),
  fc.nat(600).map((target) => 0xc000 | target),
);

/** One change to octets; places are taken modulo their length. */
export type Change =
  | { readonly kind: 'octet' | 'word'; readonly at: number; readonly value: number }
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'delete' | 'repeat'; readonly at: number; readonly count: number }
  | { readonly kind: 'insert'; readonly at: number; readonly octets: Uint8Array }
  | { readonly kind: 'cut'; readonly at: number };

const at = fc.nat(0xffff);
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('octet' as const), at, value: octet }),
  fc.record({ kind: fc.constant('word' as const), at, value: word }),
  fc.record({ kind: fc.constant('flip' as const), at, bit: fc.nat(7) }),
  fc.record({ kind: fc.constantFrom('delete' as const, 'repeat' as const), at, count: fc.nat(40) }),
  fc.record({
    kind: fc.constant('insert' as const),
    at,
    octets: fc.uint8Array({ maxLength: 24, size: 'max' }),
  }),
  fc.record({ kind: fc.constant('cut' as const), at }),
);
/** No change, one, or several at a time. */
export const changes = fc.array(change, { maxLength: 5 });

export function changed(original: Uint8Array, list: readonly Change[]): Buffer {
  return list.reduce(changedOnce, Buffer.from(original));
}

function changedOnce(octets: Buffer, step: Change): Buffer {
  const place = octets.length === 0 ? 0 : step.at % octets.length;
  const head = octets.subarray(0, place);
  switch (step.kind) {
    case 'octet':
      return Buffer.concat([head, Buffer.from([step.value]), octets.subarray(place + 1)]);
    case 'word':
      return Buffer.concat([head, Buffer.from([step.value >> 8, step.value]), octets.subarray(place + 2)]);
    case 'flip':
      return Buffer.concat([
        head,
        Buffer.from([(octets[place] ?? 0) ^ (1 << step.bit)]),
        octets.subarray(place + 1),
      ]);
    case 'delete':
      return Buffer.concat([head, octets.subarray(place + step.count)]);
    case 'repeat':
      return Buffer.concat([octets.subarray(0, place + step.count), octets.subarray(place)]);
    case 'insert':
      return Buffer.concat([head, step.octets, octets.subarray(place)]);
    case 'cut':
      return Buffer.from(head);
  }
}

/** Places at which a stream is cut. */
export const cuts = fc.array(fc.nat(0xffff), { maxLength: 12, size: 'max' });

/** `octets` cut at `places`, wherever they fall. */
export function pieces(octets: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (octets.length + 1)))].toSorted((x, y) => x - y);
  return [...ends, octets.length].map((end, i) => octets.subarray(i === 0 ? 0 : ends[i - 1], end));
}

/** The same octets between others: a reader that leaves its view finds `around`. */
export function between(octets: Uint8Array, around: Uint8Array): Buffer {
  const all = Buffer.concat([around, octets, around]);
  return all.subarray(around.length, around.length + octets.length);
}
