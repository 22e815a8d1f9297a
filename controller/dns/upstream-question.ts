import type { Question } from './question.ts';
import type { Random } from './random.ts';
import { HEADER_OCTETS, lowerCase, TYPE_OPT, UDP_OCTETS, write16 } from './wire.ts';

/** What is asked of upstreams: the question in lower case and our own OPT; nothing else of the client's message. */
export interface UpstreamQuestion {
  readonly octets: Buffer;
  /** Offset just past QCLASS. */
  readonly end: number;
  /** Alike for questions that one answer serves. */
  readonly key: string;
}

const OPT_OCTETS = 11;

/** RD and AD (RFC 6840 section 5.7: tell us whether you validated); CD and DO as the client asked. */
export function composeUpstreamQuestion(question: Question): UpstreamQuestion {
  const { octets: asked, end } = question;
  const octets = Buffer.alloc(end + OPT_OCTETS);
  octets[2] = 0x01;
  octets[3] = 0x20 | (question.checkingDisabled ? 0x10 : 0);
  octets[5] = 1;
  octets[11] = 1;
  for (let at = HEADER_OCTETS; at < end - 4; at++) octets[at] = lowerCase(asked[at] as number);
  for (let at = end - 4; at < end; at++) octets[at] = asked[at] as number;
  write16(octets, end + 1, TYPE_OPT);
  write16(octets, end + 3, UDP_OCTETS);
  octets[end + 7] = question.dnssecOk ? 0x80 : 0;
  // From the flags on: the ID comes later.
  return { octets, end, key: octets.toString('latin1', 2) };
}

/** Whether an answer to `asked` is one to `question`, whatever its spelling. */
export function serves(asked: UpstreamQuestion, question: Question): boolean {
  const { octets, end } = question;
  if (end !== asked.end) return false;
  for (let at = HEADER_OCTETS; at < end; at++) {
    const octet = octets[at] as number;
    if ((at < end - 4 ? lowerCase(octet) : octet) !== asked.octets[at]) return false;
  }
  return true;
}

/** The question under a new ID, and its letters in a new mixture of cases: what a forger must guess. */
export function disguise(question: UpstreamQuestion, id: number, mixture: Random | undefined): Buffer {
  const octets = Buffer.from(question.octets);
  write16(octets, 0, id);
  if (!mixture) return octets;
  let bits = 0;
  let left = 0;
  for (let at = HEADER_OCTETS; at < question.end - 4; at++) {
    const octet = octets[at] as number;
    if (octet < 97 || octet > 122) continue;
    if (left === 0) {
      bits = mixture.next16();
      left = 16;
    }
    if ((bits & 1) !== 0) octets[at] = octet & 0xdf;
    bits >>>= 1;
    left -= 1;
  }
  return octets;
}

/** How well an upstream's message answers `asked`. */
export type Fit = 'fits' | 'other-spelling' | 'refuses' | 'foreign';

/**
 * Whether `answer` is one to `asked` (its ID is looked at by the caller): QR, opcode and the question itself.
 * `refuses` is an error without the question, as servers without EDNS send it.
 */
export function fitOf(answer: Buffer, asked: Buffer, questionEnd: number): Fit {
  if (answer.length < HEADER_OCTETS || ((answer[2] as number) & 0xf8) !== 0x80) return 'foreign';
  const questions = answer.readUInt16BE(4);
  if (questions === 0) return ((answer[3] as number) & 15) !== 0 ? 'refuses' : 'foreign';
  if (questions !== 1 || answer.length < questionEnd) return 'foreign';
  return fitOfQuestion(answer, asked, questionEnd);
}

function fitOfQuestion(answer: Buffer, asked: Buffer, questionEnd: number): Fit {
  let fit: Fit = 'fits';
  for (let at = HEADER_OCTETS; at < questionEnd; at++) {
    const got = answer[at] as number;
    const wanted = asked[at] as number;
    if (got === wanted) continue;
    if (at >= questionEnd - 4 || lowerCase(got) !== lowerCase(wanted)) return 'foreign';
    fit = 'other-spelling';
  }
  return fit;
}
