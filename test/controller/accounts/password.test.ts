import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashPassword, isPassword, PASSWORD_COST } from '#accounts/password.ts';
import { CHEAP } from './opened.ts';

test('a hash is a PHC string that says what it cost, with the cost that is in force', async () => {
  const phc = await hashPassword('correct horse battery', PASSWORD_COST, randomBytes);
  expect(phc).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(await isPassword('correct horse battery', phc)).toBe(true);
  expect(await isPassword('correct horse batterz', phc)).toBe(false);
});

test('a hash made elsewhere by argon2id is understood', async () => {
  const reference = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  expect(await isPassword('password', reference)).toBe(true);
  expect(await isPassword('differentpassword', reference)).toBe(false);
});

test('the same password has another hash each time', async () => {
  const hashes = await Promise.all([1, 2].map(() => hashPassword('the same', CHEAP, randomBytes)));
  expect(hashes[0]).not.toBe(hashes[1]);
});

test('a string that is no hash is nobody’s password', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), async (text) => {
      expect(await isPassword(text, text)).toBe(false);
    }),
  );
  expect(await isPassword('', '')).toBe(false);
});

test('every password is its own and no other’s', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), async (mine, other) => {
      const phc = await hashPassword(mine, CHEAP, randomBytes);
      expect(await isPassword(mine, phc)).toBe(true);
      expect(await isPassword(other, phc)).toBe(mine.normalize('NFKC') === other.normalize('NFKC'));
    }),
    { numRuns: 50 },
  );
});
