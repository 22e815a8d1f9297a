import { createNameView, type NameView, readName } from '#filter/name-view.ts';
import { skipRecordName } from './record-name.ts';
import { BADVERS, FORMERR, HEADER_OCTETS, NOTIMP, read16, TYPE_AXFR, TYPE_IXFR, TYPE_OPT } from './wire.ts';

/** What reading a message says of it. All but `READ_OK` and `READ_DROP` are answered with that rcode. */
export const READ_OK = 0;
export const READ_FORMERR = FORMERR;
export const READ_NOTIMP = NOTIMP;
export const READ_BADVERS = BADVERS;
/** Nothing is said: an answer would go to somebody who did not ask, or start a loop. */
export const READ_DROP = -1;

const COOKIE = 10;
const CLIENT_SUBNET = 8;

/** A message's question, read in place. One is made a worker and filled again for each message. */
export interface Question {
  octets: Uint8Array;
  readonly name: NameView;
  qtype: number;
  qclass: number;
  /** Offset just past QCLASS; the header's length when no question could be read. */
  end: number;
  /** Octet 2 of the header: QR, OPCODE, AA, TC, RD. */
  flags: number;
  checkingDisabled: boolean;
  /** AD in a question: the asker understands it (RFC 6840 section 5.7). */
  authenticData: boolean;
  edns: boolean;
  udpOctets: number;
  dnssecOk: boolean;
  clientSubnet: boolean;
  cookie: boolean;
  /** The highest EDNS version asked for. */
  ednsVersion: number;
}

export function createQuestion(): Question {
  return {
    octets: new Uint8Array(0),
    name: createNameView(),
    qtype: 0,
    qclass: 0,
    end: HEADER_OCTETS,
    flags: 0,
    checkingDisabled: false,
    authenticData: false,
    edns: false,
    udpOctets: 0,
    dnssecOk: false,
    clientSubnet: false,
    cookie: false,
    ednsVersion: 0,
  };
}

/**
 * Reads `octets` as a question, in place.
 * @returns one of the `READ_` codes
 * @see RFC 1035 section 4.1, RFC 6891, RFC 9619 (one question)
 */
export function readQuestion(octets: Uint8Array, question: Question): number {
  if (octets.length < HEADER_OCTETS) return READ_DROP;
  const flags = octets[2] as number;
  if ((flags & 0x80) !== 0) return READ_DROP;
  const more = octets[3] as number;
  question.octets = octets;
  question.flags = flags;
  question.checkingDisabled = (more & 0x10) !== 0;
  question.authenticData = (more & 0x20) !== 0;
  question.end = HEADER_OCTETS;
  question.edns = false;
  question.udpOctets = 0;
  question.dnssecOk = false;
  question.clientSubnet = false;
  question.cookie = false;
  question.ednsVersion = 0;
  if ((flags & 0x78) !== 0) return READ_NOTIMP;
  if (read16(octets, 4) !== 1) return READ_FORMERR;
  const nameEnd = readName(octets, HEADER_OCTETS, question.name);
  if (nameEnd < 0 || nameEnd + 4 > octets.length) return READ_FORMERR;
  question.qtype = read16(octets, nameEnd);
  question.qclass = read16(octets, nameEnd + 2);
  question.end = nameEnd + 4;
  return readRecords(octets, question);
}

/** A question carries no records but additional ones; IXFR has one in the authority section (RFC 1995). */
function readRecords(octets: Uint8Array, question: Question): number {
  const authority = read16(octets, 8);
  const additional = read16(octets, 10);
  if (read16(octets, 6) !== 0) return READ_FORMERR;
  if (authority > (question.qtype === TYPE_IXFR ? 1 : 0)) return READ_FORMERR;
  let at = question.end;
  for (let i = 0; i < authority + additional; i++) {
    at = readRecord(octets, at, question, i >= authority);
    if (at < 0) return READ_FORMERR;
  }
  if (at !== octets.length || !canBeAsked(question.qtype)) return READ_FORMERR;
  return question.ednsVersion > 0 ? READ_BADVERS : READ_OK;
}

/**
 * Whether `qtype` can be a question's. OPT, TSIG, TKEY and the other types that only travel with messages cannot, nor
 * can MAILA and MAILB, which are gone. Zone transfers and ANY can, and are answered as odd questions.
 * @see RFC 6895 section 3.1, RFC 9824 section 3.4 (NXNAME, 128)
 */
function canBeAsked(qtype: number): boolean {
  if (qtype < 128 || qtype > 254) return qtype !== 0 && qtype !== TYPE_OPT;
  return qtype === TYPE_IXFR || qtype === TYPE_AXFR;
}

/** @returns offset just past the record at `start`; -1 when it is malformed or a second OPT. */
function readRecord(octets: Uint8Array, start: number, question: Question, additional: boolean): number {
  const at = skipRecordName(octets, start);
  if (at < 0 || at + 10 > octets.length) return -1;
  const end = at + 10 + read16(octets, at + 8);
  if (end > octets.length) return -1;
  if (read16(octets, at) !== TYPE_OPT) return end;
  if (question.edns || !additional || octets[start] !== 0) return -1;
  question.edns = true;
  question.udpOctets = read16(octets, at + 2);
  question.ednsVersion = octets[at + 5] as number;
  question.dnssecOk = ((octets[at + 6] as number) & 0x80) !== 0;
  return readOptions(octets, at + 10, end, question);
}

/** @returns `end`; -1 when an option is cut short. @see RFC 6891 section 6.1.2 */
function readOptions(octets: Uint8Array, start: number, end: number, question: Question): number {
  let at = start;
  while (at < end) {
    if (at + 4 > end) return -1;
    const option = read16(octets, at);
    const length = read16(octets, at + 2);
    at += 4 + length;
    if (at > end) return -1;
    if (!noteOption(option, length, question)) return -1;
  }
  return at;
}

/** RFC 7873 section 5.2.2: a cookie is 8 octets of the client's, and none or 8 to 32 of the server's. */
function noteOption(option: number, length: number, question: Question): boolean {
  if (option === CLIENT_SUBNET) question.clientSubnet = true;
  if (option !== COOKIE) return true;
  question.cookie = true;
  return length === 8 || (length >= 16 && length <= 40);
}
