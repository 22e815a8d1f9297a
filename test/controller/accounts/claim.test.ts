import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { claimCode, isClaimCode, openClaim } from '#accounts/claim.ts';
import { NOON } from './opened.ts';

const CODE = 'ABCD2345';
const claimed = async () => 'claimed';

test('a code has eight symbols that nobody takes for one another', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (octets) => {
      const code = claimCode(() => octets);
      expect(code).toMatch(/^[2-9A-HJ-NP-Z]{8}$/);
      expect(isClaimCode(code)).toBe(true);
    }),
  );
  expect(claimCode(randomBytes)).not.toBe(claimCode(randomBytes));
});

test.each(['', 'ABCD234', 'ABCD23456', 'ABCD1234', 'abcd2345'])(
  '%j is not a code read back from disk',
  (text) => {
    expect(isClaimCode(text)).toBe(false);
  },
);

test.each([CODE, 'abcd2345', ' ABCD-2345 ', 'abcd 2345'])('%j opens the box once', async (candidate) => {
  const claim = openClaim({ code: CODE, now: () => NOON });
  expect(await claim.redeem(candidate, claimed)).toBe('claimed');
  await expect(claim.redeem(candidate, claimed)).rejects.toThrow('this box has been claimed already');
});

test.each(['ABCD2346', '', 'ABCD2345ABCD2345', 'ÀBCD2345'])(
  '%j does not, and nothing is done',
  async (candidate) => {
    const claim = openClaim({ code: CODE, now: () => NOON });
    let done = 0;
    const work = async () => {
      done += 1;
    };
    await expect(claim.redeem(candidate, work)).rejects.toMatchObject({ name: 'ClaimRefused' });
    expect(done).toBe(0);
  },
);

test('after five wrong tries even the right code waits for a minute', async () => {
  const clock = { ms: NOON };
  const claim = openClaim({ code: CODE, now: () => clock.ms });
  for (let n = 0; n < 5; n += 1) {
    await expect(claim.redeem('WRONGONE', claimed)).rejects.toMatchObject({ name: 'ClaimRefused' });
  }
  await expect(claim.redeem(CODE, claimed)).rejects.toMatchObject({
    name: 'TooManyAttempts',
    retryAfterSeconds: 60,
  });
  clock.ms += 60_000;
  expect(await claim.redeem(CODE, claimed)).toBe('claimed');
});

test('a claim that fails for another reason leaves the code good', async () => {
  const claim = openClaim({ code: CODE, now: () => NOON });
  for (let n = 0; n < 8; n += 1) {
    await expect(claim.redeem(CODE, () => Promise.reject(new Error('an email twice')))).rejects.toThrow(
      'twice',
    );
  }
  expect(await claim.redeem(CODE, claimed)).toBe('claimed');
});

test('while somebody claims the box nobody else can', async () => {
  const claim = openClaim({ code: CODE, now: () => NOON });
  const first = claim.redeem(CODE, async () => {
    await turn();
    return 'claimed';
  });
  await expect(claim.redeem(CODE, claimed)).rejects.toThrow('somebody else is claiming');
  expect(await first).toBe('claimed');
});
