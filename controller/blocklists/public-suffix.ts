import { getPublicSuffix } from 'tldts';
import { fingerprintOf } from '#filter/fingerprint.ts';
import type { NameScan } from './name-scan.ts';

/** The public suffix list's own part (registries), without the companies that let others use their names. */
const REGISTRIES_ONLY = {
  extractHostname: false,
  validateHostname: false,
  detectIp: false,
  mixedInputs: false,
  allowPrivateDomains: false,
};

/** Longest registry suffix in labels, such as `paroch.k12.ma.us`. */
const MOST_LABELS = 4;
/** More than half of all names; their registries have no suffix below the top. */
const FLAT = new Set(['com', 'net', 'org'].map((top) => fingerprintOf(top).high));

/**
 * Whether the name in `octets[start, end)` is a registry's suffix, such as `co.uk`: blocking it would block everybody's
 * names below it, so it is a mistake in a list.
 */
export function isRegistrySuffix(octets: Buffer, start: number, end: number, scan: NameScan): boolean {
  if (scan.labels > MOST_LABELS || FLAT.has(scan.highs[0] as number)) return false;
  const name = octets.toString('latin1', start, end).toLowerCase();
  return getPublicSuffix(name, REGISTRIES_ONLY) === name;
}
