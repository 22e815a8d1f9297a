import { fingerprintOf } from '#filter/fingerprint.ts';
import type { NameScan } from './name-scan.ts';

/** Zones whose names a list should never hold: public bodies, health, schools, police. */
const PROTECTED_ZONES = ['gov.uk', 'nhs.uk', 'ac.uk', 'sch.uk', 'police.uk'] as const;
const MOST_WARNINGS = 20;

/** Looks at each name of a list for what it should not block. Reports only: the never-block list protects. */
export interface Lint {
  /** `scan` is the name in `octets[start, end)`. */
  see(octets: Buffer, start: number, end: number, scan: NameScan): void;
  /** At most 20 sentences; the last one counts the rest. */
  warnings(): string[];
}

/** @param neverBlock names (A-labels) of the provider's never-block list */
export function createLint(neverBlock: readonly string[]): Lint {
  const zones = new Map<number, string>();
  const parents = new Map<number, string>();
  for (const zone of [...PROTECTED_ZONES, ...neverBlock]) {
    zones.set(keyOf(zone), zone);
    for (let at = zone.indexOf('.'); at >= 0; at = zone.indexOf('.', at + 1))
      parents.set(keyOf(zone.slice(at + 1)), zone);
  }
  const likely = new Uint8Array(0x10000);
  for (const key of [...zones.keys(), ...parents.keys()]) likely[key % 0x10000] = 1;

  const found: string[] = [];
  let count = 0;
  const note = (octets: Buffer, start: number, end: number, text: string) => {
    count += 1;
    if (found.length < MOST_WARNINGS) found.push(`${octets.toString('latin1', start, end)} ${text}`);
  };

  /** What is wrong with holding the suffix of `key`; `whole` when it is the entry itself. */
  const fault = (key: number, whole: boolean): string | undefined => {
    const zone = zones.get(key);
    if (zone !== undefined) return whole ? 'is protected' : `is under ${zone}`;
    const child = whole ? parents.get(key) : undefined;
    return child === undefined ? undefined : `holds the protected name ${child}`;
  };

  return {
    see: (octets, start, end, scan) => {
      for (let label = 0; label < scan.labels; label++) {
        const low = scan.lows[label] as number;
        if (likely[low] === 0) continue;
        const text = fault((scan.highs[label] as number) * 0x10000 + low, label === scan.labels - 1);
        if (text === undefined) continue;
        note(octets, start, end, text);
        return;
      }
    },
    warnings: () =>
      count <= MOST_WARNINGS
        ? found
        : [...found.slice(0, MOST_WARNINGS - 1), `and ${count - MOST_WARNINGS + 1} more such entries`],
  };
}

function keyOf(name: string): number {
  const { high, low } = fingerprintOf(name);
  return high * 0x10000 + low;
}
