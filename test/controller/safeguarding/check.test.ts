import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SeenAnswer } from '#contract/checks.ts';
import { assess, GRACE_MS, isOpen } from '#safeguarding/check.ts';
import { anAnswer, aRun, goodAnswers } from './a-check.ts';

const SOON = '2026-11-20T10:00:06.000Z';
const LATER = '2026-11-20T10:01:00.000Z';
const without = (name: string) => goodAnswers().filter((answer) => answer.name !== name);

test('a device that uses the filter, with all names answered as policy says, passes', () => {
  const findings = assess(aRun(), goodAnswers(), LATER);
  expect(findings).toMatchObject({
    outcome: 'pass',
    nonceSeen: true,
    controlsLoaded: true,
    because: 'All 2 names that must be blocked were blocked.',
  });
  expect(findings.probes.map(({ name, result, pass }) => [name, result, pass])).toEqual([
    ['example.org', 'allowed', true],
    ['worm.test', 'blocked', true],
    ['bets.test', 'blocked', true],
  ]);
});

describe('the nonce', () => {
  const silent = without(aRun().nonceName);

  test('not seen after the grace: the device bypasses the filter, however well the rest looks', () => {
    const findings = assess(aRun(), silent, LATER);
    expect(findings).toMatchObject({ outcome: 'bypassing', nonceSeen: false });
    expect(findings.because).toContain('does not use the filter');
    expect(findings.probes.some((probe) => probe.pass)).toBe(false);
  });

  test.each([
    [GRACE_MS, 'unknown'],
    [GRACE_MS + 1, 'bypassing'],
  ])('not seen after %i ms is %s', (ageMs, outcome) => {
    const now = Temporal.Instant.from(aRun().openedAt).add({ milliseconds: ageMs }).toString();
    expect(assess(aRun(), silent, now).outcome).toBe(outcome);
  });

  test('the grace is the one handed in', () => {
    expect(assess(aRun(), silent, SOON, 1000).outcome).toBe('bypassing');
  });

  test('of another run proves nothing', () => {
    const other = [...silent, anAnswer('0000.check.gatehouse.home.arpa', 'allowed')];
    expect(assess(aRun(), other, LATER).outcome).toBe('bypassing');
  });

  test('asked in odd capitals and with a trailing dot is the nonce still', () => {
    const odd = [...silent, anAnswer('K3j9.CHECK.gatehouse.HOME.arpa.', 'allowed')];
    expect(assess(aRun(), odd, LATER).outcome).toBe('pass');
  });
});

describe('controls', () => {
  test.each([
    ['not asked', without('example.org')],
    ['blocked', [...without('example.org'), anAnswer('example.org', 'blocked')]],
    ['failed', [...without('example.org'), anAnswer('example.org', 'failed')]],
  ])('one that was %s makes every result unknown', (_, seen) => {
    const findings = assess(aRun(), seen, LATER);
    expect(findings).toMatchObject({ outcome: 'unknown', controlsLoaded: false });
    expect(findings.probes.every((probe) => probe.result === 'unknown' && !probe.pass)).toBe(true);
    expect(findings.because).toContain('example.org did not load');
  });

  test('without any, a check proves nothing', () => {
    const run = aRun({ probes: aRun().probes.filter((probe) => probe.category) });
    expect(assess(run, goodAnswers(), LATER)).toMatchObject({ outcome: 'unknown', controlsLoaded: false });
  });

  test('alone, without a name that must be blocked, are no pass', () => {
    const run = aRun({ probes: aRun().probes.filter((probe) => !probe.category), uncovered: ['gambling'] });
    const findings = assess(run, goodAnswers(), LATER);
    expect(findings.outcome).toBe('unknown');
    expect(findings.because).toContain('nothing was tested');
  });
});

describe('a name that must be blocked', () => {
  const cases: readonly [string, SeenAnswer[], string, string][] = [
    ['answered nothing', [], 'unknown', 'unknown'],
    ['could not load', [anAnswer('bets.test', 'failed')], 'unknown', 'unknown'],
    ['was allowed', [anAnswer('bets.test', 'allowed')], 'allowed', 'fail'],
    [
      'was blocked for A and AAAA',
      [anAnswer('bets.test', 'blocked'), anAnswer('BETS.test', 'blocked', { qtype: 28 })],
      'blocked',
      'pass',
    ],
    [
      'was blocked for A and allowed for AAAA',
      [anAnswer('bets.test', 'blocked'), anAnswer('bets.test', 'allowed', { qtype: 28 })],
      'allowed',
      'fail',
    ],
    [
      'was blocked for A and failed for AAAA',
      [anAnswer('bets.test', 'blocked'), anAnswer('bets.test', 'failed', { qtype: 28 })],
      'unknown',
      'unknown',
    ],
    [
      'was blocked before the run was opened',
      [anAnswer('bets.test', 'blocked', { at: '2026-11-20T09:59:59.999Z' })],
      'unknown',
      'unknown',
    ],
    [
      'was blocked after the run was over',
      [anAnswer('bets.test', 'blocked', { at: '2026-11-20T10:10:00.001Z' })],
      'unknown',
      'unknown',
    ],
  ];
  test.each(cases)('and %s', (_, answers, result, outcome) => {
    const findings = assess(aRun(), [...without('bets.test'), ...answers], LATER);
    expect(findings.probes.find((probe) => probe.name === 'bets.test')?.result).toBe(result);
    expect(findings.outcome).toBe(outcome);
  });

  test('and was allowed is named, with what it is filed under', () => {
    const findings = assess(aRun(), [...without('bets.test'), anAnswer('bets.test', 'allowed')], LATER);
    expect(findings.because).toBe('bets.test (Gambling) must be blocked and was allowed.');
  });

  test('fails the check even while others have no answer yet', () => {
    const seen = [
      ...without('bets.test').filter((a) => a.name !== 'worm.test'),
      anAnswer('bets.test', 'allowed'),
    ];
    expect(assess(aRun(), seen, LATER).outcome).toBe('fail');
  });
});

test('categories without a list are in the findings and in the sentence, and no failure', () => {
  const findings = assess(aRun({ uncovered: ['drugs', 'piracy'] }), goodAnswers(), LATER);
  expect(findings.outcome).toBe('pass');
  expect(findings.uncovered).toEqual(['drugs', 'piracy']);
  expect(findings.because).toContain('Not tested, because no list gives a name: Drugs, Piracy and warez.');
});

test('law: fewer answers never make a pass of what was none, and a pass has seen everything', () => {
  const verdict = fc.constantFrom<SeenAnswer['verdict']>('blocked', 'allowed', 'failed');
  const name = fc.constantFrom(aRun().nonceName, ...aRun().probes.map((probe) => probe.name));
  fc.assert(
    fc.property(fc.array(fc.tuple(name, verdict), { maxLength: 12 }), (pairs) => {
      const seen = pairs.map(([asked, said]) => anAnswer(asked, said));
      const { outcome, probes } = assess(aRun(), seen, LATER);
      if (outcome !== 'pass') return;
      expect(seen.some((answer) => answer.name === aRun().nonceName)).toBe(true);
      expect(probes.every((probe) => probe.pass && seen.some((answer) => answer.name === probe.name))).toBe(
        true,
      );
      expect(seen.some((answer) => answer.name === 'bets.test' && answer.verdict !== 'blocked')).toBe(false);
    }),
    { numRuns: 2000 },
  );
});

test('a run is open for ten minutes from its opening', () => {
  expect(isOpen(aRun(), '2026-11-20T10:10:00.000Z')).toBe(true);
  expect(isOpen(aRun(), '2026-11-20T10:10:00.001Z')).toBe(false);
  expect(isOpen(aRun(), '2026-11-20T09:59:00.000Z')).toBe(false);
});
