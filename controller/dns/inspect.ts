import { decide, isBlocked, type VerdictCode } from '#filter/decide.ts';
import { createMatch, matchName } from '#filter/match.ts';
import { createNameView } from '#filter/name-view.ts';
import type { Table } from '#filter/table.ts';
import { isPrivateAddress } from './private-address.ts';
import type { Query } from './query.ts';
import { expandName, skipRecordName } from './record-name.ts';
import {
  HEADER_OCTETS,
  NXDOMAIN,
  read16,
  read32,
  TYPE_A,
  TYPE_AAAA,
  TYPE_CNAME,
  TYPE_DNAME,
  TYPE_HTTPS,
  TYPE_MX,
  TYPE_NS,
  TYPE_OPT,
  TYPE_PTR,
  TYPE_SOA,
  TYPE_SRV,
  TYPE_SVCB,
} from './wire.ts';

/** TTLs and targets of one message that are kept in mind; an answer with more of them is not kept in the cache. */
const MOST_TTLS = 250;
const MOST_TARGETS = 64;

/** What one walk over an upstream's answer found. One is made a worker and filled again. */
export interface Inspection {
  /** Octets without the OPT record (and what came after it). */
  length: number;
  additional: number;
  readonly ttls: Uint16Array;
  ttlCount: number;
  /** Seconds until the first record goes stale; for a negative answer by its SOA (RFC 2308). */
  ttl: number;
  /** Where the names stand that the first name leads to: CNAME, and TargetName of HTTPS and SVCB. */
  readonly targets: Uint16Array;
  targetCount: number;
  /** Whether an address in it belongs to this machine or a private network. */
  privateAddress: boolean;
  /** More records than are kept in mind. */
  crowded: boolean;
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
    crowded: false,
    soa: false,
  };
}

const NO_TTL = 0xffff_ffff;

/**
 * Walks the answer in `octets`, whose question ends at `questionEnd`, in place.
 * @returns false when it is malformed in any record
 */
export function walkAnswer(octets: Uint8Array, questionEnd: number, found: Inspection): boolean {
  const answers = read16(octets, 6);
  const authority = read16(octets, 8);
  found.additional = read16(octets, 10);
  found.length = octets.length;
  found.ttlCount = 0;
  found.ttl = NO_TTL;
  found.targetCount = 0;
  found.privateAddress = false;
  found.crowded = false;
  found.soa = false;
  let at = questionEnd;
  const records = answers + authority + found.additional;
  for (let i = 0; i < records; i++) {
    const section = i < answers ? 0 : i < answers + authority ? 1 : 2;
    const next = walkRecord(octets, at, section, found);
    if (next < 0) return false;
    if (next === 0) {
      // OPT is about one hop only. What follows it is optional and goes with it.
      found.length = at;
      found.additional = i - answers - authority;
      break;
    }
    at = next;
  }
  if (at > octets.length) return false;
  if (found.length > at) found.length = at;
  if (isNegative(octets, answers) && !found.soa) found.ttl = 0;
  return true;
}

function isNegative(octets: Uint8Array, answers: number): boolean {
  return answers === 0 || ((octets[3] as number) & 15) === NXDOMAIN;
}

/** @returns offset just past the record; 0 for an OPT record; -1 when it is malformed */
function walkRecord(octets: Uint8Array, start: number, section: number, found: Inspection): number {
  const at = skipRecordName(octets, start);
  if (at < 0 || at + 10 > octets.length) return -1;
  const type = read16(octets, at);
  const rdata = at + 10;
  const end = rdata + read16(octets, at + 8);
  if (end > octets.length) return -1;
  if (type === TYPE_OPT) return section === 2 ? 0 : -1;
  if (!rdataReads(octets, type, rdata, end)) return -1;
  keepTtl(octets, at + 4, type, found, section === 1 ? end : 0);
  if (section === 0) keepMeaning(octets, type, rdata, found);
  return end;
}

function keepTtl(octets: Uint8Array, at: number, type: number, found: Inspection, soaEnd: number): void {
  let ttl = read32(octets, at);
  // RFC 2181 section 8: a TTL with the top bit set counts as none.
  if (ttl > 0x7fff_ffff) ttl = 0;
  if (type === TYPE_SOA && soaEnd > 0) {
    ttl = Math.min(ttl, read32(octets, soaEnd - 4));
    found.soa = true;
  }
  found.ttl = Math.min(found.ttl, ttl);
  if (found.ttlCount < MOST_TTLS) found.ttls[found.ttlCount++] = at;
  else found.crowded = true;
}

function keepMeaning(octets: Uint8Array, type: number, rdata: number, found: Inspection): void {
  if (type === TYPE_A || type === TYPE_AAAA) {
    if (isPrivateAddress(octets, rdata, type === TYPE_A)) found.privateAddress = true;
    return;
  }
  let target = -1;
  if (type === TYPE_CNAME) target = rdata;
  else if (type === TYPE_HTTPS || type === TYPE_SVCB) target = rdata + 2;
  if (target < 0) return;
  if (found.targetCount < MOST_TARGETS) found.targets[found.targetCount++] = target;
  // A chain longer than anybody walks: what is not asked of the filter is not passed on.
  else found.targetCount = MOST_TARGETS + 1;
}

/** Whether RDATA of the types that hold names or addresses is what it should be; others are passed on as they are. */
function rdataReads(octets: Uint8Array, type: number, rdata: number, end: number): boolean {
  switch (type) {
    case TYPE_A:
      return end - rdata === 4;
    case TYPE_AAAA:
      return end - rdata === 16;
    case TYPE_CNAME:
    case TYPE_NS:
    case TYPE_PTR:
    case TYPE_DNAME:
      return skipRecordName(octets, rdata) === end;
    case TYPE_MX:
      return end - rdata > 2 && skipRecordName(octets, rdata + 2) === end;
    case TYPE_SRV:
      return end - rdata > 6 && skipRecordName(octets, rdata + 6) === end;
    case TYPE_HTTPS:
    case TYPE_SVCB: {
      const after = end - rdata > 2 ? skipRecordName(octets, rdata + 2) : -1;
      return after > 0 && after <= end;
    }
    case TYPE_SOA: {
      const person = skipRecordName(octets, rdata);
      return person > 0 && person < end && skipRecordName(octets, person) === end - 20;
    }
    default:
      return true;
  }
}

/** What the walk's findings mean for one asker: the names are asked of the filter, the addresses of the rule. */
export const CLEAN = 0;
/** An address of this machine or a private network under a public name. */
export const REBINDING = -1;

export type JudgeAnswer = (
  octets: Uint8Array,
  found: Inspection,
  query: Query,
  tables: { readonly index: Table; readonly overlay: Table },
) => VerdictCode | typeof REBINDING;

/**
 * Makes the judge of walked answers. It answers `CLEAN`, `REBINDING`, or the verdict of the name in the chain that is
 * blocked. An own allow or the never-block list, said of the first name, covers the names it leads to and its
 * addresses; the locked core holds all the same.
 */
export function createJudge(): { judge: JudgeAnswer; lastHadMatches: () => boolean } {
  const view = createNameView();
  const match = createMatch();
  const expanded = new Uint8Array(255);
  let hadMatches = false;
  const judge: JudgeAnswer = (octets, found, query, tables) => {
    hadMatches = found.privateAddress || found.targetCount > MOST_TARGETS;
    const first = query.match;
    const vouched = first.neverBlock || (first.ownAllow & query.profile.bit) !== 0;
    if (found.targetCount > MOST_TARGETS && !vouched) return REBINDING;
    const targets = Math.min(found.targetCount, MOST_TARGETS);
    let hit: VerdictCode = CLEAN;
    for (let i = 0; i < targets; i++) {
      if (!expandName(octets, found.targets[i] as number, expanded, view)) return REBINDING;
      if (view.labels === 0) continue;
      matchName(tables.index, tables.overlay, view, match);
      if (match.categories !== 0 || match.ownBlock !== 0) hadMatches = true;
      match.neverBlock ||= first.neverBlock;
      match.ownAllow |= first.ownAllow;
      const verdict = decide(match, query.profile, query.nowMs);
      if (isBlocked(verdict) && hit === CLEAN) hit = verdict;
    }
    if (hit !== CLEAN) return hit;
    return found.privateAddress && !vouched ? REBINDING : CLEAN;
  };
  return { judge, lastHadMatches: () => hadMatches };
}
