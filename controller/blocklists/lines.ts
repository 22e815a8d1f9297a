/** Longer lines are no list entries: a name has at most 253 characters. */
export const MAX_LINE_OCTETS = 4096;

interface LineTarget {
  /** A line without white space around it, never empty; valid only during the call. */
  line(octets: Buffer, start: number, end: number): void;
  /** The beginning of a line over the bound; called once for the line. */
  tooLong(octets: Buffer, start: number, end: number): void;
}

interface LineSplitter {
  push(chunk: Buffer): void;
  /** Ends the last line, with or without its line feed. */
  end(): void;
}

/**
 * Cuts a stream of octets into lines in place: LF or CRLF, a byte-order mark before the first, a line in pieces over
 * any number of chunks. Holds at most one unfinished line.
 */
export function createLineSplitter(target: LineTarget): LineSplitter {
  // A line, its byte-order mark, and one octet more: a line that fills it is too long wherever the chunks were cut.
  const carry = Buffer.alloc(MAX_LINE_OCTETS + 4);
  let carried = 0;
  let first = true;

  const emit = (octets: Buffer, start: number, end: number) => {
    const from = first && hasByteOrderMark(octets, start, end) ? start + 3 : start;
    first = false;
    if (end - from > MAX_LINE_OCTETS) target.tooLong(octets, from, from + MAX_LINE_OCTETS);
    else emitTrimmed(octets, from, end, target);
  };
  const keep = (chunk: Buffer, start: number, end: number) => {
    carried += chunk.copy(carry, carried, start, end);
  };
  const finish = () => {
    emit(carry, 0, carried);
    carried = 0;
  };

  return {
    push: (chunk) => {
      let start = 0;
      for (;;) {
        const end = chunk.indexOf(10, start);
        if (end < 0) break;
        if (carried > 0) {
          keep(chunk, start, end);
          finish();
        } else emit(chunk, start, end);
        start = end + 1;
      }
      keep(chunk, start, chunk.length);
    },
    end: finish,
  };
}

function emitTrimmed(octets: Buffer, from: number, to: number, target: LineTarget): void {
  let start = from;
  let end = to;
  while (start < end && isSpace(octets[start] as number)) start += 1;
  while (end > start && isSpace(octets[end - 1] as number)) end -= 1;
  if (end > start) target.line(octets, start, end);
}

function hasByteOrderMark(octets: Buffer, start: number, end: number): boolean {
  return end - start >= 3 && octets.readUIntBE(start, 3) === 0xefbbbf;
}

/** Space, tab, or the CR of a CRLF. */
export function isSpace(octet: number): boolean {
  return octet === 32 || octet === 9 || octet === 13;
}
