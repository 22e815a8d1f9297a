import { composeName } from '#filter/name-view.ts';

/** QTYPE by name, as tests write it. */
export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  HINFO: 13,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  HTTPS: 65,
  ANY: 255,
} as const;

export interface QueryShape {
  readonly qtype?: number;
  readonly qclass?: number;
  readonly id?: number;
  /** Octets 2 and 3 of the header. */
  readonly flags?: number;
  /** Without it no OPT is sent. */
  readonly edns?: {
    readonly size?: number;
    readonly dnssecOk?: boolean;
    readonly version?: number;
    readonly options?: Buffer;
  };
}

/** A question as a client sends it. */
export function aQuery(name: string | Uint8Array, shape: QueryShape = {}): Buffer {
  const qname = typeof name === 'string' ? composeName(name) : name;
  const header = words(shape.id ?? 0x4747, shape.flags ?? 0x0100, 1, 0, 0, shape.edns ? 1 : 0);
  const question = Buffer.concat([qname, words(shape.qtype ?? TYPE.A, shape.qclass ?? 1)]);
  return Buffer.concat([header, question, shape.edns ? anOpt(shape.edns) : Buffer.alloc(0)]);
}

export function anOpt({
  size = 1232,
  dnssecOk,
  version = 0,
  options,
}: NonNullable<QueryShape['edns']>): Buffer {
  const data = options ?? Buffer.alloc(0);
  const flags = Buffer.from([0, version, dnssecOk ? 0x80 : 0, 0]);
  return Buffer.concat([Buffer.alloc(1), words(41, size), flags, words(data.length), data]);
}

export function words(...values: readonly number[]): Buffer {
  const octets = Buffer.alloc(values.length * 2);
  values.forEach((value, place) => {
    octets.writeUInt16BE(value, place * 2);
  });
  return octets;
}

/** A record with its owner a pointer to the question, for answers of scripted upstreams. */
export function aRecord(
  type: number,
  data: Uint8Array,
  ttl = 300,
  owner: Uint8Array = words(0xc00c),
): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt32BE(ttl, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([owner, head, data]);
}

/** A SOA for negative answers that may be kept for `minimum` seconds. */
export function aSoa(minimum: number, ttl = 3600): Buffer {
  const numbers = Buffer.alloc(20);
  numbers.writeUInt32BE(minimum, 16);
  return aRecord(
    TYPE.SOA,
    Buffer.concat([composeName('a.test'), composeName('b.test'), numbers]),
    ttl,
    Buffer.alloc(1),
  );
}

export interface Answer {
  readonly id: number;
  readonly flags: {
    readonly qr: boolean;
    readonly aa: boolean;
    readonly tc: boolean;
    readonly rd: boolean;
    readonly ra: boolean;
    readonly ad: boolean;
    readonly cd: boolean;
  };
  readonly opcode: number;
  /** With the upper bits of the OPT record. */
  readonly rcode: number;
  readonly counts: readonly [question: number, answer: number, authority: number, additional: number];
  /** The question's octets as they came. */
  readonly question: Buffer;
  readonly records: readonly {
    readonly section: number;
    readonly type: number;
    readonly ttl: number;
    readonly data: Buffer;
  }[];
  readonly opt:
    | {
        readonly size: number;
        readonly dnssecOk: boolean;
        readonly ede: { code: number; text: string } | undefined;
      }
    | undefined;
}

/** Reads an answer strictly: every count must be right and no octet left. Shares nothing with the product's reader. */
export function readAnswer(octets: Buffer): Answer {
  const flags = octets.readUInt16BE(2);
  const counts = [4, 6, 8, 10].map((at) => octets.readUInt16BE(at)) as unknown as Answer['counts'];
  let at = 12;
  if (counts[0] === 1) at = endOfName(octets, at) + 4;
  const question = octets.subarray(12, at);
  const records: Answer['records'][number][] = [];
  let opt: Answer['opt'];
  let upper = 0;
  [1, 2, 3].forEach((section) => {
    for (let i = 0; i < (counts[section] as number); i++) {
      const head = endOfName(octets, at);
      const type = octets.readUInt16BE(head);
      const data = octets.subarray(head + 10, head + 10 + octets.readUInt16BE(head + 8));
      if (type === 41) {
        upper = octets[head + 4] as number;
        opt = {
          size: octets.readUInt16BE(head + 2),
          dnssecOk: octets.readUInt8(head + 6) >= 0x80,
          ede: edeOf(data),
        };
      } else records.push({ section, type, ttl: octets.readUInt32BE(head + 4), data });
      at = head + 10 + data.length;
    }
  });
  if (at !== octets.length)
    throw new Error(`the answer has ${octets.length} octets, its records end at ${at}`);
  const bit = (mask: number) => (flags & mask) !== 0;
  return {
    id: octets.readUInt16BE(0),
    flags: {
      qr: bit(0x8000),
      aa: bit(0x400),
      tc: bit(0x200),
      rd: bit(0x100),
      ra: bit(0x80),
      ad: bit(0x20),
      cd: bit(0x10),
    },
    opcode: (flags >> 11) & 15,
    rcode: (upper << 4) | (flags & 15),
    counts,
    question,
    records,
    opt,
  };
}

function edeOf(data: Buffer): { code: number; text: string } | undefined {
  for (let at = 0; at < data.length; at += 4 + data.readUInt16BE(at + 2)) {
    if (data.readUInt16BE(at) !== 15) continue;
    const length = data.readUInt16BE(at + 2);
    return { code: data.readUInt16BE(at + 4), text: data.subarray(at + 6, at + 4 + length).toString() };
  }
  return undefined;
}

function endOfName(octets: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const length = octets.readUInt8(at);
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    at += length + 1;
  }
}
