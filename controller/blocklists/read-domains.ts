import { BLOCKS, type LineReader } from './entries.ts';
import { isSpace } from './lines.ts';

const HASH = 35;
const BANG = 33;
const STAR = 42;
const DOT = 46;

/**
 * One name a line, `#` and `!` comments. `*.x` and `.x` stand for `x`: publishers write them for a name and all
 * below it. A hash sign after white space starts a comment.
 */
export const readDomainsLine: LineReader = (octets, start, end, sink) => {
  const first = octets[start];
  if (first === HASH || first === BANG) return;
  const stop = fieldEnd(octets, start, end);
  const from = afterWildcard(octets, start, stop);
  if (stop < end && octets[afterSpace(octets, stop, end)] !== HASH)
    sink.skip(octets, start, end, 'unreadable');
  else sink.entry(octets, from, stop, BLOCKS);
};

/** Offset of the first white space from `start` on, or `end`. */
export function fieldEnd(octets: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && !isSpace(octets[at] as number)) at += 1;
  return at;
}

/** Offset of the first octet from `start` on that is no white space, or `end`. */
export function afterSpace(octets: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && isSpace(octets[at] as number)) at += 1;
  return at;
}

/** Offset just past a leading `*.` or `.`; `start` when there is none. */
export function afterWildcard(octets: Buffer, start: number, end: number): number {
  if (end - start > 2 && octets[start] === STAR && octets[start + 1] === DOT) return start + 2;
  return end - start > 1 && octets[start] === DOT ? start + 1 : start;
}
