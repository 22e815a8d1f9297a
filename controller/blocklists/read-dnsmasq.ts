import { BLOCKS, EXCEPTS, type LineReader } from './entries.ts';
import { isSpace } from './lines.ts';
import { afterWildcard } from './read-domains.ts';

const HASH = 35;
const SLASH = 47;
const EQUALS = 61;

/**
 * `address=/x/…`, `server=/x/`, `local=/x/`, each with one or more names; `x` stands for itself and all below it.
 * Any target of `address` blocks (blocklists use several sinkholes). For `server` and `local` an empty target means
 * that nobody is asked, so it blocks; `#` means the ordinary servers, so it excepts; another server is a detour and
 * says nothing about blocking.
 * @see dnsmasq(8), --address and --server
 */
export const readDnsmasqLine: LineReader = (octets, start, end, sink) => {
  if (octets[start] === HASH) return;
  const equals = offsetOf(EQUALS, octets, start, end);
  const last = lastSlash(octets, equals, end);
  const option = octets.toString('latin1', start, Math.min(equals, start + LONGEST_OPTION)).trim();
  if (last <= equals + 1 || octets[equals + 1] !== SLASH || !OPTIONS.has(option)) {
    sink.skip(octets, start, end, OPTIONS.has(option) || equals === end ? 'unreadable' : 'notForDns');
    return;
  }
  const kind = kindOf(option, target(octets, last + 1, end));
  if (kind === 0) {
    sink.skip(octets, start, end, 'notForDns');
    return;
  }
  let at = equals + 2;
  while (at <= last) {
    const stop = offsetOf(SLASH, octets, at, end);
    sink.entry(octets, afterWildcard(octets, at, stop), stop, kind);
    at = stop + 1;
  }
};

const OPTIONS = new Set(['address', 'server', 'local']);
const LONGEST_OPTION = 40;

function kindOf(option: string, target: string): number {
  if (option === 'address' || target === '') return BLOCKS;
  return target === '#' ? EXCEPTS : 0;
}

/**
 * What stands behind the last slash, without a comment. Not by an expression such as `\s+#`: over a line of spaces it
 * would take the square of their number.
 */
function target(octets: Buffer, start: number, end: number): string {
  let at = start;
  while (at < end && !(octets[at] === HASH && at > start && isSpace(octets[at - 1] as number))) at += 1;
  const text = octets.toString('latin1', start, at);
  return at < end ? text.trimEnd() : text;
}

/** Offset of the first `octet` in `[start, end)`, or `end`. */
function offsetOf(octet: number, octets: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && octets[at] !== octet) at += 1;
  return at;
}

/** Offset of the last slash before a comment, or one less than `start`. A comment starts with a space and a hash sign. */
function lastSlash(octets: Buffer, start: number, end: number): number {
  let last = start - 1;
  for (let at = start; at < end; at++) {
    if (octets[at] === SLASH) last = at;
    else if (octets[at] === HASH && octets[at - 1] === 32) break;
  }
  return last;
}
