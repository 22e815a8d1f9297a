import { expect, test } from 'vitest';
import { openCheckRuns } from '#appliance/check-runs.ts';
import type { WatchedAnswer } from '#contract/events.ts';
import { defaultSettings } from '#settings/defaults.ts';

const OPENED = Temporal.Instant.from('2026-11-23T09:00:00Z');

/** Runs over a clock of the test's own, with one gambling list and an address table of one profile. */
function someRuns() {
  let now = OPENED;
  let number = 0;
  const watched: { device: string; untilMs: number }[][] = [];
  const runs = openCheckRuns({
    now: () => now,
    settings: () => defaultSettings('Example Training'),
    fixed: async (category) => (category === 'gambling' ? ['casino.test'] : []),
    draw: async (category) => (category === 'gambling' ? ['bets.test'] : []),
    profileOf: () => 'learner',
    relaxed: () => [],
    random: () => {
      number += 1;
      return `random-${number}`;
    },
    watch: (devices) => watched.push([...devices]),
  });
  const answer = (device: string, name: string, verdict: WatchedAnswer['verdict']): void =>
    runs.answered({ device, name, qtype: 1, verdict, at: now.epochMilliseconds });
  return {
    runs,
    watched,
    answer,
    later: (ms: number) => {
      now = now.add({ milliseconds: ms });
    },
  };
}

const CONTROLS = ['www.gov.uk', 'www.nhs.uk', 'example.org'];

test('a device that reaches the page over IPv4 and DNS over IPv6 is known by who asked its nonce', async () => {
  const { runs, watched, answer } = someRuns();
  const run = await runs.open('192.0.2.7');
  answer('2001:db8::7', run.nonceName.toUpperCase(), 'allowed');
  expect(watched.at(-1)?.map(({ device }) => device)).toEqual(['192.0.2.7', '2001:db8::7']);
  for (const name of CONTROLS) answer('2001:db8::7', name, 'allowed');
  for (const name of ['casino.test', 'bets.test']) answer('2001:db8::7', name, 'blocked');
  expect(runs.findings(run.id, '192.0.2.7').outcome).toBe('pass');
});

test('another device’s answers are no evidence', async () => {
  const { runs, answer, later } = someRuns();
  const run = await runs.open('192.0.2.7');
  for (const name of [...CONTROLS, 'casino.test', 'bets.test']) answer('192.0.2.8', name, 'blocked');
  later(20_000);
  expect(runs.findings(run.id, '192.0.2.7').outcome).toBe('bypassing');
});

test('findings are for the device that opened the run, and for ten minutes', async () => {
  const { runs, later } = someRuns();
  const run = await runs.open('192.0.2.7');
  expect(() => runs.findings(run.id, '192.0.2.8')).toThrow(/another device/);
  later(600_001);
  expect(() => runs.findings(run.id, '192.0.2.7')).toThrow(/ten minutes are over/);
});

test('a run’s own questions are known as such, also after it was signed, and nobody else’s are', async () => {
  const { runs, answer } = someRuns();
  const run = await runs.open('192.0.2.7');
  answer('192.0.2.7', run.nonceName, 'allowed');
  runs.close(run.id);
  const at = OPENED.epochMilliseconds + 500;
  expect(runs.isOwnQuestion('192.0.2.7', 'casino.test', at)).toBe(true);
  expect(runs.isOwnQuestion('192.0.2.8', 'casino.test', at)).toBe(false);
  expect(runs.isOwnQuestion('192.0.2.7', 'other-casino.test', at)).toBe(false);
  expect(runs.isOwnQuestion('192.0.2.7', 'casino.test', at + 3_600_000)).toBe(false);
});

test('at most a hundred runs at once: one more is refused and told when to come back', async () => {
  const { runs } = someRuns();
  for (let i = 0; i < 100; i++) await runs.open(`192.0.2.${i}`);
  await expect(runs.open('192.0.2.200')).rejects.toMatchObject({ status: 429, retryAfter: 600 });
});
