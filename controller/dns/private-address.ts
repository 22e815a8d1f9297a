/**
 * Whether the address at `at` belongs to this machine, this link or a private network, so that a public name has no
 * business with it (DNS rebinding).
 * @see RFC 1122 (0/8, 127/8), RFC 1918, RFC 3927, RFC 6598, RFC 4291, RFC 4193, RFC 6052
 */
export function isPrivateAddress(octets: Uint8Array, at: number, v4: boolean): boolean {
  if (v4) return isPrivateV4(octets, at);
  const first = octets[at] as number;
  if ((first & 0xfe) === 0xfc) return true;
  if (first === 0xfe) return (octets[at + 1] as number) >= 0x80;
  return first === 0 && holdsV4(octets, at) && isPrivateV4(octets, at + 12);
}

/** `::`, `::1`, `::192.0.2.1`, `::ffff:192.0.2.1` and `64:ff9b::192.0.2.1`: what counts is the address at the end. */
function holdsV4(octets: Uint8Array, at: number): boolean {
  const translated = octets[at + 1] === 0x64 && octets[at + 2] === 0xff && octets[at + 3] === 0x9b;
  const mapped = octets[at + 10] === 0xff && octets[at + 11] === 0xff;
  for (let i = translated ? 4 : 1; i < (mapped ? 10 : 12); i++) if (octets[at + i] !== 0) return false;
  return true;
}

function isPrivateV4(octets: Uint8Array, at: number): boolean {
  const first = octets[at] as number;
  const second = octets[at + 1] as number;
  switch (first) {
    case 0:
    case 10:
    case 127:
      return true;
    case 100:
      return (second & 0xc0) === 64;
    case 169:
      return second === 254;
    case 172:
      return (second & 0xf0) === 16;
    case 192:
      return second === 168;
    default:
      return false;
  }
}
