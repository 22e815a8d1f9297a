/** A message's header. @see RFC 1035 section 4.1.1 */
export const HEADER_OCTETS = 12;

export const NOERROR = 0;
export const FORMERR = 1;
export const SERVFAIL = 2;
export const NXDOMAIN = 3;
export const NOTIMP = 4;
export const REFUSED = 5;
/** An extended rcode: its upper bits stand in the OPT record. */
export const BADVERS = 16;

export const TYPE_A = 1;
export const TYPE_NS = 2;
export const TYPE_CNAME = 5;
export const TYPE_SOA = 6;
export const TYPE_PTR = 12;
export const TYPE_MX = 15;
export const TYPE_AAAA = 28;
export const TYPE_SRV = 33;
export const TYPE_DNAME = 39;
export const TYPE_OPT = 41;
export const TYPE_DS = 43;
export const TYPE_DNSKEY = 48;
export const TYPE_SVCB = 64;
export const TYPE_HTTPS = 65;
export const TYPE_IXFR = 251;
export const TYPE_AXFR = 252;
export const TYPE_ANY = 255;

export const CLASS_IN = 1;

/** What we can take in one datagram, and so what we send in one. @see RFC 9715 */
export const UDP_OCTETS = 1232;
/** The most a client without EDNS takes in one datagram. @see RFC 1035 section 4.2.1 */
export const PLAIN_UDP_OCTETS = 512;
/** The most that two octets of length can frame. */
export const TCP_OCTETS = 65_535;

/** Extended errors. @see RFC 8914 section 4 */
export const EDE_OTHER = 0;
export const EDE_STALE = 3;
export const EDE_FORGED = 4;
export const EDE_BLOCKED = 15;
export const EDE_NO_REACHABLE_AUTHORITY = 22;
export const EDE_NETWORK_ERROR = 23;

export function read16(octets: Uint8Array, at: number): number {
  return ((octets[at] as number) << 8) | (octets[at + 1] as number);
}

export function read32(octets: Uint8Array, at: number): number {
  return read16(octets, at) * 65_536 + read16(octets, at + 2);
}

export function write16(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 8;
  octets[at + 1] = value;
}

export function write32(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 24;
  octets[at + 1] = value >>> 16;
  octets[at + 2] = value >>> 8;
  octets[at + 3] = value;
}

/** An octet in lower case, as names compare (RFC 4343). */
export function lowerCase(octet: number): number {
  return octet >= 65 && octet <= 90 ? octet | 32 : octet;
}
