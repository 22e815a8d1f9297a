import { isPrivateAddress } from './private-address.ts';
import { dataReads } from './record-data.ts';
import { beginReach, type Reach, skipRecordName } from './record-name.ts';
import {
  NXDOMAIN,
  read16,
  read32,
  TYPE_A,
  TYPE_AAAA,
  TYPE_CNAME,
  TYPE_HTTPS,
  TYPE_OPT,
  TYPE_SOA,
  TYPE_SVCB,
} from './wire.ts';

/** TTLs and targets of one message that are kept in mind; an answer with more TTLs is not kept in the cache. */
const MOST_TTLS = 250;
const MOST_TARGETS = 64;

/** What one walk over an upstream's answer found. One is made a worker and filled again. */
export interface Inspection {
  /** Octets without the OPT record (and what came after it), and additional records that leaves. */
  length: number;
  additional: number;
  readonly ttls: Uint16Array;
  ttlCount: number;
  /** Seconds until the first record goes stale; for a negative answer by its SOA (RFC 2308); 0: not to be kept. */
  ttl: number;
  /** Where the names stand that the first name leads to: CNAME, and TargetName of HTTPS and SVCB. */
  readonly targets: Uint16Array;
  targetCount: number;
  /** Whether an address in it belongs to this machine or a private network. */
  privateAddress: boolean;
  /** Whether there are HTTPS or SVCB records, in any section. */
  services: boolean;
  /** More records than are kept in mind, or a name that runs through a TTL: not to be kept. */
  crowded: boolean;
  /** A chain longer than anybody walks. */
  endless: boolean;
  /** Whether the authority section has a SOA: without one nobody knows how long a negative answer holds. */
  soa: boolean;
}

export function createInspection(): Inspection {
  return {
    length: 0,
    additional: 0,
    ttls: new Uint16Array(MOST_TTLS),
    ttlCount: 0,
    ttl: 0,
    targets: new Uint16Array(MOST_TARGETS),
    targetCount: 0,
    privateAddress: false,
    services: false,
    crowded: false,
    endless: false,
    soa: false,
  };
}

const ANSWER = 0;
const AUTHORITY = 1;
const ADDITIONAL = 2;
/** The walk met an OPT record. */
const AT_OPT = 0;

/**
 * Walks the answer in `octets`, whose question ends at `questionEnd`, in place.
 * @returns false when it is malformed in any record
 */
export function walkAnswer(octets: Uint8Array, questionEnd: number, found: Inspection): boolean {
  const answers = read16(octets, 6);
  const others = answers + read16(octets, 8);
  const records = others + read16(octets, 10);
  found.ttlCount = 0;
  found.ttl = 0xffff_ffff;
  found.targetCount = 0;
  found.privateAddress = false;
  found.services = false;
  found.crowded = false;
  found.endless = false;
  found.soa = false;
  const reach = beginReach(questionEnd);
  let at = questionEnd;
  let record = 0;
  for (; record < records; record++) {
    const section = record < answers ? ANSWER : record < others ? AUTHORITY : ADDITIONAL;
    const next = walkRecord(octets, at, section, found);
    if (next < 0) return false;
    // OPT is about one hop only. What follows it is optional and goes with it.
    if (next === AT_OPT) break;
    at = next;
  }
  found.length = at;
  found.additional = record - others;
  found.crowded ||= readsAges(reach, found);
  if (!found.soa && isNegative(octets, answers)) found.ttl = 0;
  return true;
}

/**
 * Whether a name runs through a TTL: then it would be another name as soon as the TTL is counted down, and what was
 * inspected is not what a cache would give out. No honest message has one, so it is not kept.
 */
function readsAges({ spans, count, crowded }: Reach, { ttls, ttlCount }: Inspection): boolean {
  if (crowded) return true;
  for (let span = 0; span < count; span++) {
    const start = spans[span * 2] as number;
    const end = spans[span * 2 + 1] as number;
    for (let i = 0; i < ttlCount; i++) {
      const ttl = ttls[i] as number;
      if (ttl < end && ttl + 4 > start) return true;
    }
  }
  return false;
}

function isNegative(octets: Uint8Array, answers: number): boolean {
  return answers === 0 || ((octets[3] as number) & 15) === NXDOMAIN;
}

/** @returns offset just past the record; `AT_OPT`; -1 when it is malformed */
function walkRecord(octets: Uint8Array, start: number, section: number, found: Inspection): number {
  const at = skipRecordName(octets, start);
  if (at < 0 || at + 10 > octets.length) return -1;
  const type = read16(octets, at);
  const data = at + 10;
  const end = data + read16(octets, at + 8);
  if (end > octets.length) return -1;
  if (type === TYPE_OPT) return section === ADDITIONAL ? AT_OPT : -1;
  if (!dataReads(octets, type, data, end)) return -1;
  noteTtl(octets, at + 4, found);
  if (type === TYPE_HTTPS || type === TYPE_SVCB) found.services = true;
  if (section === ANSWER) noteMeaning(octets, type, data, found);
  else if (section === AUTHORITY && type === TYPE_SOA) {
    found.soa = true;
    found.ttl = Math.min(found.ttl, read32(octets, end - 4));
  }
  return end;
}

function noteTtl(octets: Uint8Array, at: number, found: Inspection): void {
  const ttl = read32(octets, at);
  // RFC 2181 section 8: a TTL with the top bit set counts as none.
  found.ttl = ttl > 0x7fff_ffff ? 0 : Math.min(found.ttl, ttl);
  if (found.ttlCount < MOST_TTLS) found.ttls[found.ttlCount++] = at;
  else found.crowded = true;
}

function noteMeaning(octets: Uint8Array, type: number, data: number, found: Inspection): void {
  switch (type) {
    case TYPE_A:
    case TYPE_AAAA:
      if (isPrivateAddress(octets, data, type === TYPE_A)) found.privateAddress = true;
      return;
    case TYPE_CNAME:
      noteTarget(data, found);
      return;
    case TYPE_HTTPS:
    case TYPE_SVCB:
      noteTarget(data + 2, found);
  }
}

function noteTarget(at: number, found: Inspection): void {
  if (found.targetCount < MOST_TARGETS) found.targets[found.targetCount++] = at;
  else found.endless = true;
}
