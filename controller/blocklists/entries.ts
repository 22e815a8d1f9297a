/** What a line of a list says of a name: bits, because one name may be said several things. */
export const BLOCKS = 1;
/** Blocks the name itself and not the names below it. */
export const BLOCKS_EXACTLY = 2;
/** Takes the name, and the names below it, out of the list again. */
export const EXCEPTS = 4;
/** A block that no exception of the list lifts. */
export const BLOCKS_FIRMLY = 8;
/** An exception that stands against firm blocks too. */
export const EXCEPTS_FIRMLY = 16;

/** Why something in a list is not in force. `notForDns` is a rule that only a browser could follow. */
export type SkipReason = 'unreadable' | 'tooLong' | 'notForDns' | 'address' | 'singleLabel' | 'publicSuffix';

/**
 * Where a format's reader puts what it read. `octets[start, end)` is valid only during the call: it belongs to the
 * reader, so that no line becomes a string on the common path.
 */
export interface EntrySink {
  entry(octets: Buffer, start: number, end: number, kind: number): void;
  skip(octets: Buffer, start: number, end: number, reason: SkipReason): void;
}

/** Reads one line, trimmed and not empty, into a sink. */
export type LineReader = (octets: Buffer, start: number, end: number, sink: EntrySink) => void;
