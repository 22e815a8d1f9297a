import { skipRecordName } from './record-name.ts';
import {
  TYPE_A,
  TYPE_AAAA,
  TYPE_CNAME,
  TYPE_DNAME,
  TYPE_HTTPS,
  TYPE_MX,
  TYPE_NS,
  TYPE_PTR,
  TYPE_SOA,
  TYPE_SRV,
  TYPE_SVCB,
} from './wire.ts';

/** Whether the RDATA in `octets[start, end)` is what its type says. */
type Check = (octets: Uint8Array, start: number, end: number) => boolean;

const octetsLong =
  (length: number): Check =>
  (_octets, start, end) =>
    end - start === length;

/** A name, `before` octets after the start, and nothing after it. */
const nameOnly =
  (before: number): Check =>
  (octets, start, end) =>
    end - start > before && skipRecordName(octets, start + before) === end;

/** Priority, TargetName, parameters. @see RFC 9460 section 2.2 */
const service: Check = (octets, start, end) => {
  const after = end - start > 2 ? skipRecordName(octets, start + 2) : -1;
  return after > 0 && after <= end;
};

const authority: Check = (octets, start, end) => {
  const person = skipRecordName(octets, start);
  return person > 0 && person < end && skipRecordName(octets, person) === end - 20;
};

const CHECKS: ReadonlyMap<number, Check> = new Map([
  [TYPE_A, octetsLong(4)],
  [TYPE_AAAA, octetsLong(16)],
  [TYPE_CNAME, nameOnly(0)],
  [TYPE_NS, nameOnly(0)],
  [TYPE_PTR, nameOnly(0)],
  [TYPE_DNAME, nameOnly(0)],
  [TYPE_MX, nameOnly(2)],
  [TYPE_SRV, nameOnly(6)],
  [TYPE_HTTPS, service],
  [TYPE_SVCB, service],
  [TYPE_SOA, authority],
]);

/** Whether RDATA of the types that hold names or addresses can be read; other types are passed on as they are. */
export function dataReads(octets: Uint8Array, type: number, start: number, end: number): boolean {
  return CHECKS.get(type)?.(octets, start, end) ?? true;
}
