import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { canonicalJson } from '#contract/canonical.ts';
import type { LedgerEntry } from '#contract/ledger.ts';

/** The `prev` of the first entry. */
export const NO_ENTRY = '0'.repeat(64);

/** One entry ready to be written: `text` is what `hash` covers, `signature` covers the hash. */
export interface Seal {
  readonly text: string;
  readonly hash: string;
  readonly signature: string;
}

/** Hex SHA-256 of octets, or of the UTF-8 octets of a text. */
export function sha256(octets: string | Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex');
}

/** Makes an entry's canonical text, its hash (hex SHA-256) and the Ed25519 signature of the hash's 32 octets (base64). */
export function sealEntry(entry: LedgerEntry, sign: (octets: Uint8Array) => Uint8Array): Seal {
  const text = canonicalJson(entry);
  const hash = sha256(text);
  return { text, hash, signature: Buffer.from(sign(Buffer.from(hash, 'hex'))).toString('base64') };
}

/** What stands in the chain for a personal value: hex SHA-256 of the salt's octets and the value's UTF-8 octets. */
export function personalHash(saltHex: string, value: string | Uint8Array): string {
  return createHash('sha256').update(Buffer.from(saltHex, 'hex')).update(value).digest('hex');
}

/** Reads a public key as the genesis entry holds it: base64 of its DER (SPKI); undefined when it is no Ed25519 key. */
export function readPublicKey(text: unknown): KeyObject | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    const key = createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Whether `signature` is the one way of writing this key's signature of `hash`. */
export function isSigned(key: KeyObject, hash: string, signature: string): boolean {
  const octets = Buffer.from(signature, 'base64');
  return (
    octets.toString('base64') === signature &&
    octets.length === 64 &&
    verify(null, Buffer.from(hash, 'hex'), key, octets)
  );
}

/** A box is named by its public key: `gh-` and the first 8 hex digits of the SHA-256 of the key's DER. */
export function boxId(publicKeyBase64: string): string {
  return `gh-${sha256(Buffer.from(publicKeyBase64, 'base64')).slice(0, 8)}`;
}
