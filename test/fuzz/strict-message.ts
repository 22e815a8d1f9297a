import assert from 'node:assert/strict';

/** A message that was read to its last octet. */
export interface StrictMessage {
  readonly id: number;
  readonly flags: number;
  readonly questions: number;
  /** Octets of the question, as they stand. */
  readonly question: Buffer;
  readonly records: readonly StrictRecord[];
}

export interface StrictRecord {
  readonly section: 1 | 2 | 3;
  readonly type: number;
  readonly ttl: number;
  readonly data: Buffer;
}

const TYPES_OF_ONE_NAME = new Map([
  [2, 0],
  [5, 0],
  [12, 0],
  [15, 2],
  [33, 6],
  [39, 0],
]);

/**
 * Reads a message as strictly as a suspicious client would; shares no line with the product's reader.
 * @throws AssertionError naming what is wrong
 */
export function readStrictly(octets: Buffer): StrictMessage {
  assert.ok(octets.length >= 12, `a header of 12 octets, got ${octets.length}`);
  const counts = [4, 6, 8, 10].map((place) => octets.readUInt16BE(place)) as [number, number, number, number];
  assert.ok(counts[0] <= 1, `one question at most, got ${counts[0]}`);
  let at = counts[0] === 1 ? endOfName(octets, 12) + 4 : 12;
  assert.ok(at <= octets.length, 'the question is cut short');
  const question = octets.subarray(12, at);
  const records: StrictRecord[] = [];
  for (const section of [1, 2, 3] as const) {
    for (let i = 0; i < counts[section]; i++) {
      const { record, end } = readRecord(octets, at, section);
      records.push(record);
      at = end;
    }
  }
  assert.equal(at, octets.length, 'octets behind the last record');
  const opts = records.filter(({ type }) => type === 41);
  assert.ok(opts.length <= 1 && opts.every(({ section }) => section === 3), 'one OPT, in the third section');
  return {
    id: octets.readUInt16BE(0),
    flags: octets.readUInt16BE(2),
    questions: counts[0],
    question,
    records,
  };
}

function readRecord(octets: Buffer, start: number, section: 1 | 2 | 3) {
  const at = endOfName(octets, start);
  assert.ok(at + 10 <= octets.length, 'a record is cut short');
  const type = octets.readUInt16BE(at);
  const end = at + 10 + octets.readUInt16BE(at + 8);
  assert.ok(end <= octets.length, 'RDATA is cut short');
  const data = octets.subarray(at + 10, end);
  if (type === 1) assert.equal(data.length, 4, 'an A record has 4 octets');
  if (type === 28) assert.equal(data.length, 16, 'an AAAA record has 16 octets');
  const before = TYPES_OF_ONE_NAME.get(type);
  if (before !== undefined)
    assert.equal(endOfName(octets, at + 10 + before), end, `type ${type} is one name`);
  if (type === 6) assert.equal(endOfName(octets, endOfName(octets, at + 10)) + 20, end, 'SOA');
  return { record: { section, type, ttl: octets.readUInt32BE(at + 4), data }, end };
}

/** Follows pointers, which must go backwards; offset just past the name where it stands. */
function endOfName(octets: Buffer, start: number): number {
  let at = start;
  let end = -1;
  let length = 0;
  let before = start;
  for (;;) {
    const octet = octets[at];
    assert.ok(octet !== undefined, 'a name is cut short');
    if (octet >= 0xc0) {
      assert.ok(at + 1 < octets.length, 'a pointer is cut short');
      if (end < 0) end = at + 2;
      at = octets.readUInt16BE(at) & 0x3fff;
      assert.ok(at < before, 'a pointer that does not go backwards');
      before = at;
      continue;
    }
    assert.ok(octet < 64, `a label of ${octet} octets`);
    length += octet + 1;
    assert.ok(length <= 255, 'a name of more than 255 octets');
    at += octet + 1;
    if (octet === 0) return end < 0 ? at : end;
  }
}

/** The question that a client's message asks, as octets; undefined when there is no way to tell. */
export function askedQuestion(octets: Buffer): Buffer | undefined {
  if (octets.length < 12 || octets.readUInt16BE(4) !== 1) return undefined;
  if (((octets[2] as number) & 0xf8) !== 0) return undefined;
  let at = 12;
  for (;;) {
    const length = octets[at];
    if (length === undefined || length > 63) return undefined;
    at += length + 1;
    if (at - 12 > 255) return undefined;
    if (length === 0) break;
  }
  return at + 4 <= octets.length ? octets.subarray(12, at + 4) : undefined;
}
