import {
  addOpt,
  addRootSoa,
  composeError,
  composeOpt,
  composeTruncated,
  type OptTemplate,
  OWN_TTL,
  startAnswer,
} from './compose.ts';
import { STALE_TTL, type StoredAnswer } from './compose-stored.ts';
import type { Query } from './query.ts';
import type { Question } from './question.ts';
import { skipRecordName } from './record-name.ts';
import {
  CLASS_IN,
  EDE_FORGED,
  HEADER_OCTETS,
  NOERROR,
  NXDOMAIN,
  read16,
  read32,
  SERVFAIL,
  TYPE_CNAME,
  write16,
  write32,
} from './wire.ts';

const RECORD_HEAD = 12;

/** A CNAME record of the question's name, ready to copy. @param target the target's wire form */
export function composeCname(target: Uint8Array): Uint8Array {
  const record = new Uint8Array(RECORD_HEAD + target.length);
  write16(record, 0, 0xc000 | HEADER_OCTETS);
  write16(record, 2, TYPE_CNAME);
  write16(record, 4, CLASS_IN);
  write32(record, 6, OWN_TTL);
  write16(record, 10, target.length);
  record.set(target, RECORD_HEAD);
  return record;
}

/** The CNAME alone. @returns octets written */
export function composeAlias(out: Buffer, question: Question, cname: Uint8Array, opt: OptTemplate): number {
  return addOpt(out, startAlias(out, { question, cname, rcode: NOERROR }), question, opt);
}

interface Alias {
  readonly question: Question;
  readonly cname: Uint8Array;
  readonly rcode: number;
}

function startAlias(out: Buffer, { question, cname, rcode }: Alias): number {
  const at = startAnswer(out, question, rcode);
  out.set(cname, at);
  out[7] = 1;
  return at + cname.length;
}

/** Says that a name was rewritten. */
export const FORGED = composeOpt(EDE_FORGED, 'Safe search');
const FORGED_STALE = composeOpt(
  EDE_FORGED,
  'Safe search, with addresses that no upstream confirms at the moment',
);
const FORGED_FAILED = composeOpt(EDE_FORGED, 'Safe search, whose addresses cannot be found at the moment');

/**
 * Answers `query` with the CNAME to its safe search target and the target's addresses from `stored`, whose own chain is
 * left out: its TTL is the shortest of the records that led to the addresses. Nothing of it is validated any more.
 * @returns octets written
 */
export function composeRewritten(out: Buffer, query: Query, cname: Uint8Array, stored: StoredAnswer): number {
  const { question } = query;
  const message = stored.octets.subarray(stored.start, stored.start + stored.length);
  const rcode = (message[3] as number) & 15;
  if (rcode !== NOERROR && rcode !== NXDOMAIN) return composeError(out, question, SERVFAIL, FORGED_FAILED);
  const start = startAlias(out, { question, cname, rcode });
  const owner = 0xc000 | (start - cname.length + RECORD_HEAD);
  const targetEnd = query.sought.question.end;
  const ttl = stored.stale ? STALE_TTL : Math.max(0, shortestTtl(message, targetEnd) - stored.age);
  const addresses = addAddresses(out, start, { message, targetEnd, qtype: question.qtype, owner, ttl });
  write16(out, 6, 1 + addresses.count);
  const end = addresses.count > 0 ? addresses.end : addRootSoa(out, addresses.end);
  const opt = stored.stale ? FORGED_STALE : FORGED;
  if (end + (question.edns ? opt.length : 0) > query.limit) return composeTruncated(out, question);
  return addOpt(out, end, question, opt);
}

function shortestTtl(message: Uint8Array, targetEnd: number): number {
  let ttl = 0x7fff_ffff;
  eachAnswer(message, targetEnd, (at) => {
    ttl = Math.min(ttl, read32(message, at + 4));
  });
  return ttl;
}

interface AddressesFrom {
  readonly message: Uint8Array;
  readonly targetEnd: number;
  readonly qtype: number;
  /** A pointer to the target's name in `out`. */
  readonly owner: number;
  readonly ttl: number;
}

function addAddresses(
  out: Buffer,
  start: number,
  { message, targetEnd, qtype, owner, ttl }: AddressesFrom,
): { readonly end: number; readonly count: number } {
  let end = start;
  let count = 0;
  eachAnswer(message, targetEnd, (at) => {
    if (read16(message, at) !== qtype || read16(message, at + 2) !== CLASS_IN) return;
    const length = read16(message, at + 8);
    write16(out, end, owner);
    write16(out, end + 2, qtype);
    write16(out, end + 4, CLASS_IN);
    write32(out, end + 6, ttl);
    write16(out, end + 10, length);
    out.set(message.subarray(at + 10, at + 10 + length), end + RECORD_HEAD);
    end += RECORD_HEAD + length;
    count += 1;
  });
  return { end, count };
}

/** Calls `see` with the offset of each answer record's TYPE; the message was walked before and is well formed. */
function eachAnswer(message: Uint8Array, targetEnd: number, see: (at: number) => void): void {
  let record = targetEnd;
  for (let left = read16(message, 6); left > 0; left--) {
    const at = skipRecordName(message, record);
    see(at);
    record = at + 10 + read16(message, at + 8);
  }
}
