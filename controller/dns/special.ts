import { SPECIAL } from '#filter/special-names.ts';
import {
  type Addresses,
  composeAddress,
  composeAddressed,
  composeAny,
  composeError,
  composeNegative,
} from './compose.ts';
import type { Question } from './question.ts';
import {
  CLASS_IN,
  NXDOMAIN,
  REFUSED,
  TYPE_ANY,
  TYPE_AXFR,
  TYPE_DNSKEY,
  TYPE_DS,
  TYPE_IXFR,
  TYPE_NS,
  TYPE_SOA,
} from './wire.ts';

const LOOPBACK: Addresses = {
  v4: composeAddress(Uint8Array.of(127, 0, 0, 1)),
  v6: composeAddress(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)),
};

/**
 * Questions that no resolver should pass on: another class, whole zones, everything at once.
 * @returns octets written; 0 when the question is an ordinary one
 */
export function composeOddQuestion(out: Buffer, question: Question): number {
  const { qclass, qtype } = question;
  if (qclass !== CLASS_IN || qtype === TYPE_AXFR || qtype === TYPE_IXFR) {
    return composeError(out, question, REFUSED);
  }
  return qtype === TYPE_ANY ? composeAny(out, question) : 0;
}

/**
 * The answer to a name that is decided before any list.
 * @param special the number the overlay gives for the name
 * @returns octets written; 0 when the name is an ordinary one
 */
export function composeSpecial(out: Buffer, question: Question, special: number, page: Addresses): number {
  switch (special) {
    case 0:
      return isLocalName(question) ? composeNegative(out, question, NXDOMAIN) : 0;
    case SPECIAL.designation:
      return composeNegative(out, question, 0);
    case SPECIAL.check:
    case SPECIAL.own:
      return composeAddressed(out, question, page);
    case SPECIAL.localhost:
      return composeAddressed(out, question, LOOPBACK);
    default:
      return composeNegative(out, question, NXDOMAIN);
  }
}

/**
 * A single label is the name of a machine nearby and tells the upstream about the network; what is asked of
 * top-level domains themselves (a validating resolver behind us asks it) goes up.
 */
function isLocalName({ name, qtype }: Question): boolean {
  if (name.labels !== 1) return false;
  return qtype !== TYPE_DS && qtype !== TYPE_DNSKEY && qtype !== TYPE_NS && qtype !== TYPE_SOA;
}
