import fc from 'fast-check';
import { expect, test } from 'vitest';
import { failureText, runCampaign } from './campaign.ts';
import { targetOf } from './target.ts';
import { TARGETS } from './targets.ts';

/** The same cases in every run: a find here is a change of the product, not luck. `make fuzz` looks further. */
const SEED = 20_300_107;

test.each(TARGETS.map((target) => [target.name, target] as const))(
  '%s withstands two hundred hostile cases',
  async (name, target) => {
    const goesOn = (_spentMs: number, cases: number) => cases < 200;
    const [tally] = await runCampaign({ targets: [target], seed: SEED, steadyMs: () => 0, goesOn });
    expect(tally?.failure && failureText(name, SEED, tally.failure)).toBeUndefined();
    expect(tally?.cases).toBe(200);
  },
);

test('a law that does not hold is found, made small, found again from its seed, and stops its target only', async () => {
  const seen: number[][] = [];
  const weak = targetOf('weak', () => ({
    cases: fc.record({ octets: fc.uint8Array({ maxLength: 50 }) }),
    check: ({ octets }) => {
      seen.push([...octets]);
      if (octets.includes(200)) throw new Error('found a 200');
    },
  }));
  const sound = targetOf('sound', () => ({ cases: fc.nat(), check: () => {} }));
  const campaign = () =>
    runCampaign({
      targets: [weak, sound],
      seed: SEED,
      steadyMs: () => 0,
      goesOn: (_spentMs, cases) => cases < 5000,
    });
  const [found, untouched] = await campaign();
  const [again] = await campaign();
  expect(untouched).toMatchObject({ cases: 5000, failure: undefined });
  expect(found?.failure?.counterexample).toEqual({ octets: Uint8Array.of(200) });
  expect(again?.failure).toMatchObject({ seed: found?.failure?.seed, path: found?.failure?.path });
  const text = failureText('weak', SEED, found?.failure as never);
  expect(text).toContain(`make fuzz SEED=${SEED} TARGET='weak'`);
  expect(text).toContain('octets.octets: c8');
  const opened = await weak.open();
  seen.length = 0;
  await opened.run({ seed: found?.failure?.seed ?? 0, path: found?.failure?.path ?? '', cases: 1 });
  expect(seen[0]).toEqual([200]);
});
