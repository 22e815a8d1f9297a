import { z } from 'zod';

/** What the ledger keeps. A kind is never renamed: old entries carry it for ever. */
export const LedgerKind = z.enum([
  'genesis',
  'claimed',
  'settings.changed',
  'check.signed',
  'incident.opened',
  'alert.dismissed',
  'button.pressed',
  'override.started',
  'override.ended',
  'list.updated',
  'list.refused',
]);
export type LedgerKind = z.infer<typeof LedgerKind>;

/**
 * One entry as it is hashed: its canonical JSON (keys sorted, no white space) is what the chain covers.
 * `by` is a person's id, or `box` for what the appliance did itself. Personal values stay outside:
 * `personal` holds only their salted SHA-256, so that erasing a value later does not break the chain.
 */
export const LedgerEntry = z.object({
  seq: z.int().min(1),
  at: z.iso.datetime(),
  kind: LedgerKind,
  by: z.string(),
  body: z.record(z.string(), z.json()),
  personal: z.record(z.string(), z.string()),
  /** Hex SHA-256 of the entry before; 64 zeros for the first. */
  prev: z.string(),
});
export type LedgerEntry = z.infer<typeof LedgerEntry>;

/** An entry with its own hash (hex SHA-256), the box's Ed25519 signature of that hash (base64) and known personal values. */
export const SealedEntry = LedgerEntry.extend({
  hash: z.string(),
  signature: z.string(),
  known: z.record(z.string(), z.string()),
});
export type SealedEntry = z.infer<typeof SealedEntry>;

/** What somebody hands to the ledger; sequence, time, chain and signature are added there. */
export interface NewEntry {
  readonly kind: LedgerKind;
  readonly by: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Values about people, hashed with a salt before they enter the chain. */
  readonly personal?: Readonly<Record<string, string>>;
}

export const LedgerHead = z.object({
  seq: z.int(),
  hash: z.string(),
  signature: z.string(),
  at: z.iso.datetime(),
});
export type LedgerHead = z.infer<typeof LedgerHead>;
