import type { Match } from '#filter/match.ts';
import type { StoredAnswer } from './compose-stored.ts';
import type { Inspection } from './inspect.ts';
import type { Question } from './question.ts';
import { createRing, type Ring } from './ring.ts';
import { HEADER_OCTETS, lowerCase, SERVFAIL } from './wire.ts';

/** Seconds that an answer is kept at most, and that a stale one may still be given. @see RFC 8767 section 4 */
const MOST_TTL = 86_400;
const MOST_STALE = 86_400;
/** Seconds that an upstream's SERVFAIL is kept. @see RFC 9520 section 3.2 */
const FAILURE_TTL = 5;
/** Longer answers are rare, and would push many others out. */
const MOST_MESSAGE_OCTETS = 8192;
/** Ways of one set of places. */
const WAYS = 8;
/** Less than any entry takes: settles how many places there are, so that the ring is full before a set is. */
const SMALL_ENTRY_OCTETS = 32;

/** An entry's head, behind its position; the message follows, then its TTLs' offsets, 16 bits each. */
const LOW_TYPE = 1;
const KEY_FLAGS = 2;
const STORED_AT = 3;
const TTL = 4;
const LENGTHS = 5;
const CLEAN_UNDER = 6;
const HEAD_WORDS = 7;

/** An entry as found. One is made a cache and filled again for each look-up. */
export interface CacheEntry extends StoredAnswer {
  /** The generation of policy and index under which nothing in it concerned the filter; 0: look each time. */
  readonly cleanUnder: number;
  /** For `markClean`. */
  readonly head: number;
}
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Answers of upstreams as octets, by question. What is asked for when it is about to go is put to the ring's head again. */
export interface Cache {
  /** @returns the entry, fresh or stale by less than a day; undefined when there is none */
  find(question: Question, match: Match, nowMs: number): CacheEntry | undefined;
  /** Keeps the walked answer `octets`. Answers that may not be kept are left alone. */
  store(question: Question, match: Match, answer: Buffer, facts: StoreFacts): void;
  markClean(entry: CacheEntry, generation: number): void;
}

export interface StoreFacts {
  readonly found: Inspection;
  readonly nowMs: number;
  readonly cleanUnder: number;
}

/** @param octets of the ring; the cache never takes more, but for a few percent of places */
export function createCache(octets: number): Cache {
  const ring = createRing(octets);
  const { words } = ring;
  const places = createPlaces(ring);
  const entry: Mutable<CacheEntry> = {
    octets: ring.octets,
    start: 0,
    length: 0,
    ttls: 0,
    ttlCount: 0,
    age: 0,
    stale: false,
    cleanUnder: 0,
    head: 0,
  };
  return {
    find(question, match, nowMs) {
      const place = places.find(question, match);
      if (place < 0) return undefined;
      const position = places.positionAt(place);
      let at = ring.at(position);
      const age = Math.floor(nowMs / 1000) - (words[at + STORED_AT] as number);
      const ttl = words[at + TTL] as number;
      // A clock that was set back makes ages below nothing: such an entry is not believed.
      if (age < 0 || age >= ttl + MOST_STALE) return undefined;
      if (age < ttl && ring.goesSoon(position)) at = ring.at(places.renew(place));
      const lengths = words[at + LENGTHS] as number;
      entry.head = at;
      entry.start = (at + HEAD_WORDS) * 4;
      entry.length = lengths & 0xffff;
      entry.ttlCount = lengths >>> 16;
      entry.ttls = entry.start + entry.length + (entry.length & 1);
      entry.age = age;
      entry.stale = age >= ttl;
      entry.cleanUnder = words[at + CLEAN_UNDER] as number;
      return entry;
    },
    store(question, match, answer, { found, nowMs, cleanUnder }) {
      const failed = ((answer[3] as number) & 15) === SERVFAIL;
      const ttl = failed ? FAILURE_TTL : Math.min(found.ttl, MOST_TTL);
      if (ttl === 0 || found.crowded || found.length > MOST_MESSAGE_OCTETS) return;
      const at = ring.at(places.make(question, match, entryWords(found.length, found.ttlCount)));
      words[at + STORED_AT] = Math.floor(nowMs / 1000);
      words[at + TTL] = ttl;
      words[at + LENGTHS] = found.length | (found.ttlCount << 16);
      words[at + CLEAN_UNDER] = cleanUnder;
      const start = (at + HEAD_WORDS) * 4;
      answer.copy(ring.octets, start, 0, found.length);
      ring.octets.writeUInt16BE(found.additional, start + 10);
      const ttls = start + found.length + (found.length & 1);
      for (let i = 0; i < found.ttlCount; i++)
        ring.octets.writeUInt16BE(found.ttls[i] as number, ttls + i * 2);
    },
    markClean(found, generation) {
      words[found.head + CLEAN_UNDER] = generation;
    },
  };
}

function entryWords(length: number, ttlCount: number): number {
  return HEAD_WORDS + ((length + (length & 1) + ttlCount * 2 + 3) >>> 2);
}

/** Which entry has which question: sets of eight places, each with the position of an entry and a part of its key. */
interface Places {
  /** @returns the place of the question's entry; -1 when there is none */
  find(question: Question, match: Match): number;
  positionAt(place: number): number;
  /** Makes an entry for the question, instead of the one it had, or of the oldest of its set. @returns its position */
  make(question: Question, match: Match, count: number): number;
  /** Puts the entry to the ring's head. @returns its new position */
  renew(place: number): number;
}

function createPlaces(ring: Ring): Places {
  const { words } = ring;
  const sets = 1 << Math.floor(Math.log2((words.length * 4) / SMALL_ENTRY_OCTETS / WAYS));
  const positions = new Uint32Array(sets * WAYS);
  /** Looked at first: the entries themselves lie all over the ring. */
  const tags = new Uint32Array(sets * WAYS);
  const setOf = (high: number, lowType: number, flags: number) =>
    ((Math.imul(high ^ Math.imul(lowType ^ flags, 0x9e3779b1), 0x85ebca6b) >>> 9) & (sets - 1)) * WAYS;

  const holds = (position: number, question: Question, match: Match) => {
    const at = ring.at(position);
    return (
      words[at + LOW_TYPE] === lowTypeOf(question, match) &&
      words[at + KEY_FLAGS] === keyFlags(question) &&
      ring.alive(position) &&
      sameName(ring.octets, (at + HEAD_WORDS) * 4, question)
    );
  };
  const find = (question: Question, match: Match): number => {
    const set = setOf(match.high, lowTypeOf(question, match), keyFlags(question));
    for (let place = set; place < set + WAYS; place++) {
      if (tags[place] === match.high && holds(positions[place] as number, question, match)) return place;
    }
    return -1;
  };
  return {
    find,
    positionAt: (place) => positions[place] as number,
    make(question, match, count) {
      const known = find(question, match);
      const set = setOf(match.high, lowTypeOf(question, match), keyFlags(question));
      const place = known >= 0 ? known : oldestOf(ring, positions, set);
      const position = ring.reserve(count);
      const at = ring.at(position);
      words[at] = position;
      words[at + LOW_TYPE] = lowTypeOf(question, match);
      words[at + KEY_FLAGS] = keyFlags(question);
      positions[place] = position;
      tags[place] = match.high;
      return position;
    },
    renew(place) {
      const at = ring.at(positions[place] as number);
      const lengths = words[at + LENGTHS] as number;
      const count = entryWords(lengths & 0xffff, lengths >>> 16);
      // Old and new place may overlap at the ring's end: the position is written after the move.
      const position = ring.reserve(count);
      const to = ring.at(position);
      words.copyWithin(to, at, at + count);
      words[to] = position;
      positions[place] = position;
      return position;
    },
  };
}

/** @returns the place of `set` whose entry is gone, else the one put in first */
function oldestOf(ring: Ring, positions: Uint32Array, set: number): number {
  const age = (place: number) => {
    const position = positions[place] as number;
    return ring.alive(position) ? ring.distance(position) : Number.POSITIVE_INFINITY;
  };
  let oldest = set;
  for (let place = set + 1; place < set + WAYS; place++) if (age(place) > age(oldest)) oldest = place;
  return oldest;
}

function lowTypeOf(question: Question, match: Match): number {
  return (match.low | (question.qtype << 16)) >>> 0;
}

/** What else an answer depends on: DO and CD. */
function keyFlags(question: Question): number {
  return (question.dnssecOk ? 1 : 0) | (question.checkingDisabled ? 2 : 0);
}

/** Fingerprints of two names can be alike; their octets cannot. */
function sameName(octets: Buffer, message: number, question: Question): boolean {
  const { octets: asked, end } = question;
  for (let at = HEADER_OCTETS; at < end - 4; at++) {
    if (lowerCase(octets[message + at] as number) !== lowerCase(asked[at] as number)) return false;
  }
  return true;
}
