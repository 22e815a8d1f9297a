import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '#contract/canonical.ts';
import type { NewEntry, SealedEntry } from '#contract/ledger.ts';
import type { Settings } from '#contract/settings.ts';

/** Where in the document, such as ['profiles', 'learner', 'block']; empty for the whole. */
const Path = z.array(z.string()).max(8);
export type Path = z.infer<typeof Path>;

/** One change as it stands in the ledger: enough to make it again on the document it was made on. */
export const SettingsChange = z.object({
  by: z.string(),
  /** The document's generation after the change. */
  generation: z.int().min(1),
  path: Path,
  before: z.json(),
  after: z.json(),
  why: z.string(),
  /** Hex SHA-256 of the canonical JSON of the whole document after the change. */
  fingerprint: z.string(),
});
export type SettingsChange = z.infer<typeof SettingsChange>;

/** The change as an entry for the ledger. */
export function toEntry({ by, ...body }: SettingsChange): NewEntry {
  return { kind: 'settings.changed', by, body };
}

/** The change that an entry of kind `settings.changed` holds. */
export function fromEntry(entry: SealedEntry): SettingsChange {
  return SettingsChange.parse({ ...entry.body, by: entry.by });
}

/** Hex SHA-256 of the canonical document. */
export function fingerprintOf(settings: Settings): string {
  return createHash('sha256').update(canonicalJson(settings)).digest('hex');
}

/** The value at `path`; null where there is none. */
export function valueAt(document: unknown, path: Path): unknown {
  let value = document;
  for (const key of path) value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value ?? null;
}

/** A copy of `document` with `value` at `path`; null takes away what stood there. */
export function replaceAt(document: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const copy: Record<string, unknown> = isObject(document) ? { ...document } : {};
  const replaced = replaceAt(copy[key], rest, value);
  if (replaced === null) delete copy[key];
  else copy[key] = replaced;
  return copy;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
