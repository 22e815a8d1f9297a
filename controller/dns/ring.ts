/**
 * A ring of 32-bit words in which entries lie one after the other. What is put in goes to its head and pushes the
 * oldest out, so it never grows, frees or moves by itself. An entry's first word is its own position: words written
 * since the start, modulo 2^32, so that a position tells whether its entry is still there.
 */
export interface Ring {
  readonly words: Uint32Array;
  /** The same memory. */
  readonly octets: Buffer;
  /** Where the entry of `position` lies in `words`. */
  at(position: number): number;
  alive(position: number): boolean;
  /** Whether the entry is in the quarter that goes next. */
  goesSoon(position: number): boolean;
  /** Words since the entry was put in. */
  distance(position: number): number;
  /** Makes room for `count` words in one piece. The caller writes the position into the first. @returns the position */
  reserve(count: number): number;
}

const LEAST_WORDS_LOG2 = 14;

/** @param octets what it may take; rounded down to a power of two, so that positions past 2^32 still fall on their place */
export function createRing(octets: number): Ring {
  const size = 1 << Math.max(LEAST_WORDS_LOG2, Math.floor(Math.log2(octets / 4)));
  const memory = Buffer.alloc(size * 4);
  const words = new Uint32Array(memory.buffer, memory.byteOffset, size);
  // Not zero: an empty place reads as position 0.
  let head = size;
  return {
    words,
    octets: memory,
    at: (position) => position & (size - 1),
    alive: (position) => (head - position) >>> 0 <= size && words[position & (size - 1)] === position,
    goesSoon: (position) => (head - position) >>> 0 > size - (size >>> 2),
    distance: (position) => (head - position) >>> 0,
    reserve(count) {
      const at = head & (size - 1);
      if (at + count > size) head = (head + size - at) >>> 0;
      const position = head;
      head = (head + count) >>> 0;
      return position;
    },
  };
}
