import { createHash, timingSafeEqual } from 'node:crypto';
import { countAttempts } from './attempts.ts';
import type { Random } from './password.ts';

/** 32 symbols that nobody takes for one another: 0, 1, I and O are left out. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const LENGTH = 8;

const TRIES = 5;
const MINUTE_MS = 60_000;

/** A wrong code, or one that was used before. */
export class ClaimRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ClaimRefused';
  }
}

/** Makes the code that is printed on the terminal at the first start: 40 bits, 8 symbols. */
export function claimCode(random: Random): string {
  return [...random(LENGTH)].map((octet) => ALPHABET[octet % ALPHABET.length]).join('');
}

/** Whether a text read back from disk is a claim code. */
export function isClaimCode(text: string): boolean {
  return text.length === LENGTH && [...text].every((symbol) => ALPHABET.includes(symbol));
}

/** The one chance to become the owner of a new box. */
export interface ClaimDesk {
  /**
   * Does `work` when the code is right, and lets nobody else in meanwhile; once `work` has succeeded the code is
   * spent, and when it fails the code stays good.
   * @throws ClaimRefused, TooManyAttempts, or what `work` throws
   */
  redeem<T>(candidate: string, work: () => Promise<T>): Promise<T>;
}

/** Five tries a minute, whoever asks: a code of 40 bits is then out of reach. `now` is in milliseconds since 1970. */
export function openClaim({ code, now }: { readonly code: string; readonly now: () => number }): ClaimDesk {
  const attempts = countAttempts({ allowed: TRIES, windowMs: MINUTE_MS, now, keys: 1 });
  let state: 'open' | 'busy' | 'spent' = 'open';
  return {
    async redeem(candidate, work) {
      if (state === 'spent') throw new ClaimRefused('this box has been claimed already');
      attempts.begin('code');
      if (!isSame(candidate, code)) throw new ClaimRefused('this is not the code that the box printed');
      attempts.takeBack('code');
      if (state === 'busy') throw new ClaimRefused('somebody else is claiming this box just now');
      state = 'busy';
      try {
        const answer = await work();
        state = 'spent';
        return answer;
      } catch (error) {
        state = 'open';
        throw error;
      }
    },
  };
}

/** Small letters, spaces and hyphens are how people read a code out; hashing makes both sides as long. */
function isSame(candidate: string, code: string): boolean {
  const digest = (text: string) =>
    createHash('sha256').update(text.replaceAll(/[\s-]/g, '').toUpperCase()).digest();
  return timingSafeEqual(digest(candidate), digest(code));
}
