import { composeName } from '#filter/name-view.ts';
import type { Question } from './question.ts';
import {
  BADVERS,
  CLASS_IN,
  HEADER_OCTETS,
  type NXDOMAIN,
  TYPE_A,
  TYPE_AAAA,
  TYPE_OPT,
  TYPE_SOA,
  UDP_OCTETS,
  write16,
  write32,
} from './wire.ts';

/** Seconds that an answer of ours may be kept: short, so that a change of policy reaches people at once. */
export const OWN_TTL = 10;

const QR = 0x80;
const TC = 0x02;
const RD = 0x01;
const RA = 0x80;
const CD = 0x10;

/** An OPT record ready to copy; its flags are set when it is. */
export type OptTemplate = Uint8Array;
/** An address record ready to copy, its owner a pointer to the question. */
export type AddressTemplate = Uint8Array;

/**
 * Starts an answer: header and question from the question's own octets, so that its spelling comes back.
 * @returns octets written
 */
export function startAnswer(out: Buffer, question: Question, rcode: number): number {
  const { octets, end } = question;
  for (let at = HEADER_OCTETS; at < end; at++) out[at] = octets[at] as number;
  out[0] = octets[0] as number;
  out[1] = octets[1] as number;
  out[2] = QR | (question.flags & 0x78) | (question.flags & RD);
  out[3] = RA | (question.checkingDisabled ? CD : 0) | (rcode & 15);
  out[4] = 0;
  out[5] = end > HEADER_OCTETS ? 1 : 0;
  out[6] = 0;
  out[7] = 0;
  out[8] = 0;
  out[9] = 0;
  out[10] = 0;
  out[11] = 0;
  return end;
}

/** The OPT record of an answer, with an extended error when there is one. @see RFC 6891, RFC 8914 */
export function composeOpt(extendedError?: number, text = '', extendedRcode = 0): OptTemplate {
  const words = Buffer.from(text, 'utf8');
  const option = extendedError === undefined ? 0 : 6 + words.length;
  const opt = new Uint8Array(11 + option);
  write16(opt, 1, TYPE_OPT);
  write16(opt, 3, UDP_OCTETS);
  opt[5] = extendedRcode;
  write16(opt, 9, option);
  if (extendedError === undefined) return opt;
  write16(opt, 11, 15);
  write16(opt, 13, 2 + words.length);
  write16(opt, 15, extendedError);
  opt.set(words, 17);
  return opt;
}

const PLAIN_OPT = composeOpt();
const BADVERS_OPT = composeOpt(undefined, '', BADVERS >> 4);

/**
 * Ends an answer of `at` octets with the OPT record, for askers that sent one.
 * @returns octets written
 */
export function addOpt(out: Buffer, at: number, question: Question, opt: OptTemplate = PLAIN_OPT): number {
  if (!question.edns) return at;
  for (let i = 0; i < opt.length; i++) out[at + i] = opt[i] as number;
  if (question.dnssecOk) out[at + 7] = 0x80;
  write16(out, 10, (((out[10] as number) << 8) | (out[11] as number)) + 1);
  return at + opt.length;
}

/** An answer that is only an rcode. @returns octets written */
export function composeError(
  out: Buffer,
  question: Question,
  rcode: number,
  opt: OptTemplate = rcode === BADVERS ? BADVERS_OPT : PLAIN_OPT,
): number {
  return addOpt(out, startAnswer(out, question, rcode), question, opt);
}

/** An answer that did not fit: question and OPT only, so that the asker comes back over TCP. @see RFC 2181 section 9 */
export function composeTruncated(out: Buffer, question: Question): number {
  const length = composeError(out, question, out[3] as number);
  out[2] = (out[2] as number) | TC;
  return length;
}

/** An address record of the question's name. @param octets 4 or 16 of them */
export function composeAddress(octets: Uint8Array): AddressTemplate {
  const record = new Uint8Array(12 + octets.length);
  record[0] = 0xc0;
  record[1] = HEADER_OCTETS;
  write16(record, 2, octets.length === 4 ? TYPE_A : TYPE_AAAA);
  write16(record, 4, CLASS_IN);
  write32(record, 6, OWN_TTL);
  write16(record, 10, octets.length);
  record.set(octets, 12);
  return record;
}

/** What one name's A and AAAA questions are answered with; without a record they get NODATA. */
export interface Addresses {
  readonly v4: AddressTemplate | undefined;
  readonly v6: AddressTemplate | undefined;
}

/** An answer of one address record, or NODATA for every other type. @returns octets written */
export function composeAddressed(
  out: Buffer,
  question: Question,
  addresses: Addresses,
  opt?: OptTemplate,
): number {
  const record =
    question.qtype === TYPE_A ? addresses.v4 : question.qtype === TYPE_AAAA ? addresses.v6 : undefined;
  if (!record) return composeNegative(out, question, 0, opt);
  const at = startAnswer(out, question, 0);
  for (let i = 0; i < record.length; i++) out[at + i] = record[i] as number;
  out[7] = 1;
  return addOpt(out, at + record.length, question, opt);
}

/** Everything of our SOA record behind its owner. @see RFC 2308 section 3: its TTL says how long a negative is kept */
const SOA = (() => {
  const server = composeName('gatehouse.home.arpa');
  const person = composeName('hostmaster.gatehouse.home.arpa');
  const record = new Uint8Array(10 + server.length + person.length + 20);
  write16(record, 0, TYPE_SOA);
  write16(record, 2, CLASS_IN);
  write32(record, 4, OWN_TTL);
  write16(record, 8, record.length - 10);
  record.set(server, 10);
  record.set(person, 10 + server.length);
  [1, 3600, 600, 86_400, OWN_TTL].forEach((value, i) => {
    write32(record, record.length - 20 + i * 4, value);
  });
  return record;
})();

/**
 * NXDOMAIN, or NODATA for `rcode` 0, with a SOA so that it is kept for a short time only.
 * The SOA's owner is the question's last label: always a parent of the name, and two octets.
 * @returns octets written
 */
export function composeNegative(
  out: Buffer,
  question: Question,
  rcode: typeof NXDOMAIN | 0,
  opt?: OptTemplate,
): number {
  const { name } = question;
  let at = startAnswer(out, question, rcode);
  if (name.labels > 1) {
    write16(out, at, 0xc000 | (name.starts[name.labels - 1] as number));
    at += 2;
  } else {
    out[at] = 0;
    at += 1;
  }
  for (let i = 0; i < SOA.length; i++) out[at + i] = SOA[i] as number;
  out[9] = 1;
  return addOpt(out, at + SOA.length, question, opt);
}

/** Adds our SOA as of the root, a parent of every name, and counts it. @returns offset just past it */
export function addRootSoa(out: Buffer, at: number): number {
  out[at] = 0;
  out.set(SOA, at + 1);
  out[9] = 1;
  return at + 1 + SOA.length;
}

/** `ANY` is answered with one small record that says so. @see RFC 8482 section 4.2 */
const HINFO = Uint8Array.of(
  0xc0,
  HEADER_OCTETS,
  0,
  13,
  0,
  1,
  0,
  0,
  0x0e,
  0x10,
  0,
  9,
  7,
  ...Buffer.from('RFC8482'),
  0,
);

/** @returns octets written */
export function composeAny(out: Buffer, question: Question): number {
  const at = startAnswer(out, question, 0);
  out.set(HINFO, at);
  out[7] = 1;
  return addOpt(out, at + HINFO.length, question);
}
