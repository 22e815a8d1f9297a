import { describe, expect, test } from 'vitest';
import type { Attestations, CheckAction } from '#contract/checks.ts';
import { assess } from '#safeguarding/check.ts';
import { actionsNeeded, CheckNotSignable, refusalOf, signed } from '#safeguarding/signing.ts';
import { allWell, anAnswer, aRun, goodAnswers } from './a-check.ts';

const NOW = '2026-11-20T10:01:00.000Z';
const passing = assess(aRun(), goodAnswers(), NOW);
const failing = assess(aRun(), [...goodAnswers(), anAnswer('bets.test', 'allowed')], NOW);
const bypassing = assess(aRun(), [], NOW);
const unclear = assess(aRun(), goodAnswers().slice(0, 3), NOW);
const anAction: CheckAction = { what: 'Ask the list’s keeper', owner: 'Ada Example', due: '2026-11-20' };

describe('what a person attests can only speak against the filter', () => {
  const attested: readonly [Partial<Attestations>, string][] = [
    [{}, 'pass'],
    [{ blockPageShown: 'not-seen' }, 'pass'],
    [{ wrongBlockReported: 'yes' }, 'pass'],
    [{ blockPageShown: 'no' }, 'fail'],
    [{ signOfBypass: 'yes' }, 'fail'],
  ];
  test.each(attested)('%j leaves a measured pass a %s', (changes, result) => {
    expect(signed(passing, { ...allWell, ...changes })).toBe(result);
  });

  test.each([
    ['fail', failing],
    ['bypassing', bypassing],
    ['unknown', unclear],
  ])('a measured %s stays one, whatever is attested', (outcome, findings) => {
    expect(signed(findings, allWell)).toBe(outcome);
    expect(signed(findings, { ...allWell, signOfBypass: 'yes' })).toBe(outcome);
  });
});

describe('what needs an action', () => {
  test('nothing, when all is well', () => {
    expect(actionsNeeded(passing, allWell)).toEqual([]);
  });

  test('each name that was answered wrongly', () => {
    expect(actionsNeeded(failing, allWell)).toEqual(['bets.test was allowed, and the policy says blocked.']);
  });

  test('a device that bypasses, and a check that proved nothing, with the reason', () => {
    expect(actionsNeeded(bypassing, allWell)).toEqual([bypassing.because]);
    expect(actionsNeeded(unclear, allWell)).toEqual([unclear.because]);
  });

  test('each attestation against the filter, a wrong block too', () => {
    const all: Attestations = { blockPageShown: 'no', wrongBlockReported: 'yes', signOfBypass: 'yes' };
    expect(actionsNeeded(passing, all)).toHaveLength(3);
  });
});

describe('signing', () => {
  const signing = (changes: object) => ({
    findings: passing,
    attestations: allWell,
    actions: [],
    ...changes,
  });

  test('a pass needs no action', () => {
    expect(refusalOf(signing({}), NOW)).toBeUndefined();
  });

  test.each([
    ['a fail', { findings: failing }],
    ['a bypass', { findings: bypassing }],
    ['an unknown', { findings: unclear }],
    ['a wrong block', { attestations: { ...allWell, wrongBlockReported: 'yes' } }],
  ])('%s without an action is refused, and says what the action is for', (_, changes) => {
    const refusal = refusalOf(signing(changes), NOW);
    expect(refusal).toBeInstanceOf(CheckNotSignable);
    expect(refusal?.needed).not.toEqual([]);
    expect(refusal?.message).toContain('Wanted an action with an owner and a date, got none.');
    expect(refusalOf(signing({ ...changes, actions: [anAction] }), NOW)).toBeUndefined();
  });

  test('an action due before today in London is refused; today will do', () => {
    const yesterday = { ...anAction, due: '2026-11-19' };
    expect(refusalOf(signing({ actions: [anAction, yesterday] }), NOW)?.message).toContain('2026-11-19');
    expect(refusalOf(signing({ actions: [anAction] }), NOW)).toBeUndefined();
    const afterMidnight = '2026-07-06T23:30:00.000Z';
    expect(
      refusalOf(signing({ actions: [{ ...anAction, due: '2026-07-06' }] }), afterMidnight),
    ).toBeDefined();
  });
});
