import type { Query } from './query.ts';

/** What a step says: octets of the answer in `desk.out`, or one of these. */
export const SILENCE = 0;
export const NEXT = -1;
/** The answer goes out by `origin.keep()` when it is there. */
export const LATER = -2;

/** One step of the chain. */
export type Step = (query: Query) => number;
