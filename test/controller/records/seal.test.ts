import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '#contract/canonical.ts';
import type { LedgerEntry } from '#contract/ledger.ts';
import { boxId, isSigned, NO_ENTRY, personalHash, readPublicKey, sealEntry, sha256 } from '#records/seal.ts';

test('canonical JSON sorts keys by code unit, leaves out white space and undefined members', () => {
  const value = { b: [1, { d: null, c: true }], a: 'ü\u2028', B: 1e21, ä: -0, gone: undefined };
  expect(canonicalJson(value)).toBe('{"B":1e+21,"a":"ü\u2028","b":[1,{"c":true,"d":null}],"ä":0}');
});

test('canonical JSON says the same as JSON and does not depend on the order of keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(canonicalJson(turned(value))).toBe(text);
    }),
  );
});

function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => [key, turned(member)]);
  return Object.fromEntries(members.toReversed());
}

test.each([
  [{ a: [1, Number.NaN] }, '$.a[1]: wanted a JSON value, got number NaN'],
  [{ a: 10n }, '$.a: wanted a JSON value, got bigint 10'],
  [[new Date(0)], '$[0]: wanted a JSON value, got Date'],
  [[undefined], '$[0]: wanted a JSON value, got undefined undefined'],
])('a value that JSON cannot say is refused by its place', (value, message) => {
  expect(() => canonicalJson(value)).toThrow(message);
});

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const der = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const entry: LedgerEntry = {
  seq: 1,
  at: '2026-03-04T12:00:00.000Z',
  kind: 'genesis',
  by: 'box',
  body: {},
  personal: {},
  prev: NO_ENTRY,
};

test('a seal is the SHA-256 of the canonical text and a signature of its octets that the public key knows', () => {
  const seal = sealEntry(entry, (octets) => sign(null, octets, privateKey));
  expect(seal.hash).toBe(sha256(canonicalJson(entry)));
  const key = readPublicKey(der);
  expect(key && isSigned(key, seal.hash, seal.signature)).toBe(true);
  expect(key && isSigned(key, sha256('other'), seal.signature)).toBe(false);
});

test('a signature has one way of being written', () => {
  const { hash, signature } = sealEntry(entry, (octets) => sign(null, octets, privateKey));
  const url = signature.replaceAll('+', '-').replaceAll('/', '_');
  for (const other of [`${signature}=`, ` ${signature}`, signature.slice(0, -1), `${url}\n`, '']) {
    expect(isSigned(publicKey, hash, other)).toBe(false);
  }
});

test('only an Ed25519 key in DER is a box’s key', () => {
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
  for (const text of [
    undefined,
    7,
    '',
    'no key',
    p256.export({ format: 'der', type: 'spki' }).toString('base64'),
  ]) {
    expect(readPublicKey(text)).toBeUndefined();
  }
  expect(boxId(der)).toBe(`gh-${sha256(Buffer.from(der, 'base64')).slice(0, 8)}`);
});

test('a personal hash depends on salt and value', () => {
  const salt = '00'.repeat(16);
  expect(personalHash(salt, 'Ada Example')).toBe(
    sha256(Buffer.concat([Buffer.alloc(16), Buffer.from('Ada Example')])),
  );
  expect(personalHash(`01${salt.slice(2)}`, 'Ada Example')).not.toBe(personalHash(salt, 'Ada Example'));
});
