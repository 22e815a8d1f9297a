import { fingerprintOf } from '#filter/fingerprint.ts';
import { BLOCKS, BLOCKS_EXACTLY, EXCEPTS } from './entries.ts';

/** A name or a parent of it, with its fingerprint. */
export interface Suffix {
  readonly text: string;
  readonly high: number;
  readonly low: number;
}

/** `name` and its parents, the top-level domain first: the order in which lists are asked. */
export function suffixesOf(name: string): Suffix[] {
  const labels = name.split('.');
  return labels.map((_, i) => {
    const text = labels.slice(labels.length - 1 - i).join('.');
    return { text, ...fingerprintOf(text) };
  });
}

/**
 * What one list says of a name, from what it says of each suffix (`kinds`, the top-level domain first): the place of the
 * entry that blocks it, or -1. The more specific entry wins, as in `matchName`.
 */
export function blockedBy(kinds: readonly number[]): number {
  let holder = -1;
  kinds.forEach((kind, i) => {
    if ((kind & EXCEPTS) !== 0) holder = -1;
    if ((kind & BLOCKS) !== 0) holder = i;
  });
  const whole = kinds.length - 1;
  return ((kinds[whole] ?? 0) & BLOCKS_EXACTLY) !== 0 ? whole : holder;
}
