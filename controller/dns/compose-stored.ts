import { addOpt, composeTruncated, type OptTemplate } from './compose.ts';
import type { Query } from './query.ts';
import { HEADER_OCTETS, read16, read32, write32 } from './wire.ts';

/** Seconds that a stale answer may be kept by the one who gets it. @see RFC 8767 section 4 */
export const STALE_TTL = 30;
const OPT_ROOM = 17;
const AD = 0x20;

/** An upstream's answer as it lies in a buffer: in the cache, or as it came. */
export interface StoredAnswer {
  readonly octets: Buffer;
  readonly start: number;
  /** Without the OPT record. */
  readonly length: number;
  /** Where the offsets of its TTLs (16 bits each, from `start`) lie in `octets`. */
  readonly ttls: number;
  readonly ttlCount: number;
  /** Seconds since it came. */
  readonly age: number;
  readonly stale: boolean;
}

/**
 * Answers `query` with the octets of `stored`: ID, flags and the question's spelling are the asker's, TTLs are less by
 * the answer's age. The rest is copied.
 * @returns octets written
 */
export function composeStored(out: Buffer, query: Query, stored: StoredAnswer, opt?: OptTemplate): number {
  const { question } = query;
  const { octets, start, length } = stored;
  if (length + (question.edns ? (opt?.length ?? OPT_ROOM) : 0) > query.limit) {
    out[3] = (octets[start + 3] as number) & 15;
    return composeTruncated(out, question);
  }
  octets.copy(out, 0, start, start + length);
  const asked = question.octets;
  out[0] = asked[0] as number;
  out[1] = asked[1] as number;
  // QR, opcode QUERY, not authoritative, not truncated; RD as asked, RA.
  out[2] = 0x80 | (question.flags & 1);
  const believed = question.dnssecOk || question.authenticData ? AD : 0;
  out[3] = 0x80 | ((out[3] as number) & (believed | 15)) | (question.checkingDisabled ? 0x10 : 0);
  for (let at = HEADER_OCTETS; at < question.end; at++) out[at] = asked[at] as number;
  if (stored.age > 0) ageTtls(out, stored);
  return addOpt(out, length, question, opt);
}

function ageTtls(out: Buffer, { octets, ttls, ttlCount, age, stale }: StoredAnswer): void {
  for (let i = 0; i < ttlCount; i++) {
    const at = read16(octets, ttls + i * 2);
    write32(out, at, stale ? STALE_TTL : Math.max(0, read32(out, at) - age));
  }
}
