/** How a name that no list decides is answered. The number is the one in the overlay's sets. */
export const SPECIAL = {
  /** Telling a browser or a device to keep to the network's resolver: NXDOMAIN for every type. */
  keepToResolver: 1,
  /** Our designation as an encrypted resolver; without encrypted doors NODATA (RFC 9462). */
  designation: 2,
  /** A name of the check zone: the block page's addresses, and the nonce is reported. */
  check: 3,
  /** The appliance's own name. */
  own: 4,
  /** `localhost` (RFC 6761): the loopback addresses. */
  localhost: 5,
  /** Never asked of an upstream: NXDOMAIN (RFC 6761, 6303, 7686, 8375). */
  localOnly: 6,
} as const;
export type Special = keyof typeof SPECIAL;

const PRIVATE_REVERSE = [
  '10.in-addr.arpa',
  ...Array.from({ length: 16 }, (_, i) => `${16 + i}.172.in-addr.arpa`),
  '168.192.in-addr.arpa',
  '254.169.in-addr.arpa',
  '127.in-addr.arpa',
  '0.in-addr.arpa',
  '255.255.255.255.in-addr.arpa',
  ...['8', '9', 'a', 'b'].map((nibble) => `${nibble}.e.f.ip6.arpa`),
  ...['c', 'd'].map((nibble) => `${nibble}.f.ip6.arpa`),
  `${'0.'.repeat(31)}0.ip6.arpa`,
  `1.${'0.'.repeat(30)}0.ip6.arpa`,
];

/** Each name stands for itself and all names below it; the more specific one wins. */
export const SPECIAL_NAMES: ReadonlyMap<string, Special> = new Map<string, Special>([
  // An address would switch Firefox's own encrypted DNS on: only NXDOMAIN keeps it off.
  ['use-application-dns.net', 'keepToResolver'],
  ['mask.icloud.com', 'keepToResolver'],
  ['mask-h2.icloud.com', 'keepToResolver'],
  ['mask-canary.icloud.com', 'keepToResolver'],
  ['doh.dns.apple.com', 'keepToResolver'],
  ['resolver.arpa', 'designation'],
  ['check.gatehouse.home.arpa', 'check'],
  ['gatehouse.home.arpa', 'own'],
  ['gatehouse.local', 'own'],
  ['localhost', 'localhost'],
  ['local', 'localOnly'],
  ['invalid', 'localOnly'],
  ['onion', 'localOnly'],
  ['home.arpa', 'localOnly'],
  ...PRIVATE_REVERSE.map((zone): [string, Special] => [zone, 'localOnly']),
]);
