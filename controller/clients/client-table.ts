import ipaddr from 'ipaddr.js';
import { addressNumber, type ClientTable } from '#contract/clients.ts';
import { PROFILES } from '#contract/profiles.ts';
import type { Network } from '#contract/settings.ts';

/**
 * Ranges that are served although nobody named them: this machine, and addresses that no other network's clients can
 * have. They get the strictest profile.
 * @see RFC 1918, RFC 3927, RFC 4193, RFC 4291
 */
const SERVED_ANYWAY = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
];

interface Range {
  readonly start: bigint;
  readonly end: bigint;
  readonly profile: number;
}

/**
 * Compiles the provider's networks: the most specific range decides; of two equal ones the stricter profile.
 * Addresses in no range and in none of those served anyway are not served.
 */
export function compileClients(networks: readonly Network[]): ClientTable {
  const named = networks.flatMap(({ ranges, profile }) =>
    ranges.map((range) => toRange(range, PROFILES.indexOf(profile))),
  );
  const served = SERVED_ANYWAY.map((range) => toRange(range, 0));
  const unnamed = served.filter(
    (range) => !named.some((own) => own.start === range.start && own.end === range.end),
  );
  return flatten([...unnamed, ...named].sort(widestFirst));
}

function toRange(cidr: string, profile: number): Range {
  const [address, bits] = ipaddr.parseCIDR(cidr);
  const free = BigInt(address.kind() === 'ipv4' ? 32 - bits : 128 - bits);
  const start = ((addressNumber(address.toString()) as bigint) >> free) << free;
  return { start, end: start + (1n << free), profile };
}

/** Of equal ranges the stricter profile comes last, and so lies on top. */
function widestFirst(x: Range, y: Range): number {
  if (x.start !== y.start) return x.start < y.start ? -1 : 1;
  if (x.end !== y.end) return x.end > y.end ? -1 : 1;
  return y.profile - x.profile;
}

/** CIDR ranges lie apart or inside each other, so one pass with a stack of the ranges that are open flattens them. */
function flatten(ranges: readonly Range[]): ClientTable {
  const starts: bigint[] = [];
  const profiles: number[] = [];
  const mark = (start: bigint, profile: number) => {
    if (starts.at(-1) === start) profiles[profiles.length - 1] = profile;
    else {
      starts.push(start);
      profiles.push(profile);
    }
  };
  const open: Range[] = [];
  const closeUntil = (start: bigint | undefined) => {
    for (let top = open.at(-1); top && (start === undefined || top.end <= start); top = open.at(-1)) {
      open.pop();
      mark(top.end, open.at(-1)?.profile ?? -1);
    }
  };
  mark(0n, -1);
  for (const range of ranges) {
    closeUntil(range.start);
    open.push(range);
    mark(range.start, range.profile);
  }
  closeUntil(undefined);
  return { starts, profiles };
}
