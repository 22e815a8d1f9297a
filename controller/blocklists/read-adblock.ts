import {
  BLOCKS,
  BLOCKS_EXACTLY,
  BLOCKS_FIRMLY,
  type EntrySink,
  EXCEPTS,
  EXCEPTS_FIRMLY,
  type LineReader,
} from './entries.ts';
import { afterWildcard } from './read-domains.ts';

const BANG = 33;
const HASH = 35;
const DOLLAR = 36;
const AT = 64;
const BRACKET = 91;
const CARET = 94;
const PIPE = 124;

/**
 * `||x^` blocks a name and all below it, `|x^` the name alone, `@@||x^` excepts. Options that mean something for DNS
 * are `important`, `denyallow` and `all`; a rule with any other option, a path, a pattern or a page element is for a
 * browser: DNS would do more than it says, so it is skipped.
 * @see https://adguard-dns.io/kb/general/dns-filtering-syntax/
 */
export const readAdblockLine: LineReader = (octets, start, end, sink) => {
  const first = octets[start];
  if (first === BANG || first === BRACKET) return;
  if (first === HASH && isComment(octets, start, end)) return;
  const excepts = first === AT && octets[start + 1] === AT;
  const from = excepts ? start + 2 : start;
  const anchors = countPipes(octets, from, end);
  const stop = patternEnd(octets, from + anchors, end);
  const options = readOptions(octets, stop, end);
  if (options === undefined || anchors > 2) {
    sink.skip(octets, start, end, 'notForDns');
    return;
  }
  const name = { from: afterWildcard(octets, from + anchors, stop), stop };
  if (hasForeignOctet(octets, name.from, stop)) sink.skip(octets, start, end, 'notForDns');
  else addRule(octets, name, { excepts, exactly: anchors === 1, ...options }, sink);
};

interface Options {
  readonly important: boolean;
  readonly denyallow: readonly string[];
}
const NO_OPTIONS: Options = { important: false, denyallow: [] };

function addRule(
  octets: Buffer,
  name: { readonly from: number; readonly stop: number },
  rule: Options & { readonly excepts: boolean; readonly exactly: boolean },
  sink: EntrySink,
): void {
  sink.entry(octets, name.from, name.stop, kindOf(rule));
  for (const spared of rule.denyallow) {
    const text = Buffer.from(spared);
    // A rule cannot spare what it does not block; with an exception `denyallow` has no meaning.
    if (!rule.excepts) sink.entry(text, 0, text.length, EXCEPTS);
  }
}

function kindOf(rule: { excepts: boolean; exactly: boolean; important: boolean }): number {
  if (rule.excepts) return rule.important ? EXCEPTS | EXCEPTS_FIRMLY : EXCEPTS;
  const blocks = rule.exactly ? BLOCKS_EXACTLY : BLOCKS;
  return rule.important ? blocks | BLOCKS_FIRMLY : blocks;
}

/** `# text` and a lone `#`; `##` and its kin are rules for page elements. */
function isComment(octets: Buffer, start: number, end: number): boolean {
  return end - start === 1 || octets[start + 1] === 32 || octets[start + 1] === 9;
}

function countPipes(octets: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && octets[at] === PIPE) at += 1;
  return at - start;
}

/** Offset of the `^`, `|` or `$` that ends the pattern, or `end`. */
function patternEnd(octets: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && octets[at] !== CARET && octets[at] !== DOLLAR && octets[at] !== PIPE) at += 1;
  return at;
}

/** What follows the name: `^`, `^|`, and `$` options. Undefined when any of it has no meaning for DNS. */
function readOptions(octets: Buffer, start: number, end: number): Options | undefined {
  if (start === end || (octets[start] === CARET && start + 1 === end)) return NO_OPTIONS;
  const [anchor = '', list] = octets.toString('utf8', start, end).split('$', 2);
  if (!/^\^?\|?$/.test(anchor)) return undefined;
  const options = list === undefined ? [] : list.split(',');
  const denyallow = options.filter((option) => option.startsWith('denyallow='));
  const foreign = options.some((option) => !DNS_OPTIONS.has(option) && !denyallow.includes(option));
  if (foreign) return undefined;
  return {
    important: options.includes('important'),
    denyallow: denyallow.flatMap((option) => option.slice('denyallow='.length).split('|')),
  };
}

const DNS_OPTIONS = new Set(['important', 'all']);

/** Octets that no name has: the rule is a path, a pattern, an element or a port. Letters beyond ASCII may be a name's. */
function hasForeignOctet(octets: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (FOREIGN[octets[at] as number] === 1) return true;
  }
  return start === end;
}

const FOREIGN = Uint8Array.from({ length: 256 }, (_, octet) =>
  /[a-zA-Z0-9._-]/.test(String.fromCharCode(octet)) || octet > 127 ? 0 : 1,
);
