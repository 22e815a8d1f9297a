import ipaddr from 'ipaddr.js';

/**
 * Whom the DNS door serves, and as what: address ranges without gap or overlap, ready for a search by halves.
 * Compiled by the clients room, posted to the DNS workers, read by whoever has to place an address.
 */
export interface ClientTable {
  /** First address of each range, ascending, the first one 0. IPv4 as IPv4-mapped IPv6 (RFC 4291 section 2.5.5.2). */
  readonly starts: readonly bigint[];
  /** The place in `PROFILES` of each range; -1: not served. */
  readonly profiles: readonly number[];
}

const MAPPED = 0xffffn << 32n;

/** `text` as a number of 128 bits, IPv4 as IPv4-mapped IPv6; undefined when it is no address. A zone (`%eth0`) is left out. */
export function addressNumber(text: string): bigint | undefined {
  const zone = text.indexOf('%');
  const bare = zone < 0 ? text : text.slice(0, zone);
  if (!ipaddr.IPv4.isValidFourPartDecimal(bare) && !ipaddr.IPv6.isValid(bare)) return undefined;
  const octets = ipaddr.parse(bare).toByteArray();
  const number = BigInt(`0x${Buffer.from(octets).toString('hex')}`);
  return octets.length === 4 ? MAPPED | number : number;
}

/** The place in `PROFILES` of the client at `address`; -1 when it is not served. */
export function profileNumberAt(table: ClientTable, address: bigint): number {
  let low = 0;
  let high = table.starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((table.starts[middle] as bigint) <= address) low = middle;
    else high = middle - 1;
  }
  return table.profiles[low] ?? -1;
}
