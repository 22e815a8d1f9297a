import { argon2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const argon2Async = promisify(argon2);

/** What one hash costs: memory in KiB, passes over it, lanes. */
export interface PasswordCost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** @see OWASP Password Storage Cheat Sheet, argon2id */
export const PASSWORD_COST: PasswordCost = { memoryKib: 19_456, passes: 2, parallelism: 1 };

export type Random = (octets: number) => Uint8Array;

const TAG_OCTETS = 32;
const SALT_OCTETS = 16;
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/**
 * Hashes a password with argon2id under a new salt.
 * @returns the PHC string, `$argon2id$v=19$m=...,t=...,p=...$salt$tag`
 * @see RFC 9106
 */
export async function hashPassword(password: string, cost: PasswordCost, random: Random): Promise<string> {
  const salt = random(SALT_OCTETS);
  const tag = await derive(password, salt, cost);
  const parameters = `m=${cost.memoryKib},t=${cost.passes},p=${cost.parallelism}`;
  return `$argon2id$v=19$${parameters}$${bare64(salt)}$${bare64(tag)}`;
}

/** Whether `password` is the one that `phc` was made from; false for a string that is no argon2id hash. */
export async function isPassword(password: string, phc: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt, tag] = PHC.exec(phc) ?? [];
  if (salt === undefined || tag === undefined) return false;
  const cost = { memoryKib: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  const wanted = Buffer.from(tag, 'base64');
  const got = await derive(password, Buffer.from(salt, 'base64'), cost);
  return wanted.length === got.length && timingSafeEqual(wanted, got);
}

/** Passwords typed on another keyboard are the same password. @see NIST SP 800-63B section 5.1.1.2 (NFKC) */
function derive(password: string, nonce: Uint8Array, cost: PasswordCost): Promise<Buffer> {
  return argon2Async('argon2id', {
    message: password.normalize('NFKC'),
    nonce,
    parallelism: cost.parallelism,
    tagLength: TAG_OCTETS,
    memory: cost.memoryKib,
    passes: cost.passes,
  });
}

function bare64(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64').replaceAll('=', '');
}
