import { isIP } from 'node:net';
import { BLOCKS, type EntrySink, type LineReader } from './entries.ts';
import { afterSpace, fieldEnd } from './read-domains.ts';

const HASH = 35;

/** Names that every hosts file holds for the machine itself (hosts(5), Debian and macOS defaults). */
const MACHINE_NAMES = new Set([
  'localhost',
  'localhost.localdomain',
  'localhost4',
  'localhost6',
  'localhost6.localdomain6',
  'local',
  'broadcasthost',
  'ip6-localhost',
  'ip6-loopback',
  'ip6-localnet',
  'ip6-mcastprefix',
  'ip6-allnodes',
  'ip6-allrouters',
  'ip6-allhosts',
  '0.0.0.0',
]);
const LONGEST_MACHINE_NAME = Math.max(...[...MACHINE_NAMES].map((name) => name.length));

/** An address, then one or more names; `#` starts a comment. The address is not looked at further: blocked is blocked. */
export const readHostsLine: LineReader = (octets, start, end, sink) => {
  if (octets[start] === HASH) return;
  const addressEnd = fieldEnd(octets, start, end);
  let at = afterSpace(octets, addressEnd, end);
  if (at === end || octets[at] === HASH || !isAddress(octets, start, addressEnd)) {
    sink.skip(octets, start, end, 'unreadable');
    return;
  }
  while (at < end && octets[at] !== HASH) {
    const stop = nameEnd(octets, at, end);
    name(octets, at, stop, sink);
    at = afterSpace(octets, stop, end);
  }
};

function nameEnd(octets: Buffer, start: number, end: number): number {
  const stop = fieldEnd(octets, start, end);
  const hash = octets.subarray(start, stop).indexOf(HASH);
  return hash < 0 ? stop : start + hash;
}

function name(octets: Buffer, start: number, end: number, sink: EntrySink): void {
  if (end - start <= LONGEST_MACHINE_NAME && mayBeMachineName(octets, start, end)) {
    if (MACHINE_NAMES.has(octets.toString('latin1', start, end).toLowerCase())) return;
  }
  sink.entry(octets, start, end, BLOCKS);
}

/** Whether it is worth making a string: the first letter is one of theirs. */
function mayBeMachineName(octets: Buffer, start: number, end: number): boolean {
  const first = (octets[start] as number) | 32;
  return end > start && (first === 108 || first === 98 || first === 105 || first === 48);
}

/** The addresses that most lists use are told by their octets; others are parsed. */
function isAddress(octets: Buffer, start: number, end: number): boolean {
  if (end - start === 7 && octets[start] === 48 && octets.toString('latin1', start, end) === '0.0.0.0')
    return true;
  return end - start <= 45 && isIP(octets.toString('latin1', start, end).replace(/%.*$/, '')) !== 0;
}
