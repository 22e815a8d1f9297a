/** Numbers that nobody can guess, for IDs, ports and spellings. @see RFC 5452 section 9 */
export interface Random {
  /** 0 to 65,535. */
  next16(): number;
}

/** @param fill fills octets from a cryptographic source; asked for many at a time */
export function createRandom(fill: (octets: Uint8Array) => void): Random {
  const pool = new Uint8Array(4096);
  let at = pool.length;
  return {
    next16() {
      if (at + 2 > pool.length) {
        fill(pool);
        at = 0;
      }
      at += 2;
      return ((pool[at - 2] as number) << 8) | (pool[at - 1] as number);
    },
  };
}
