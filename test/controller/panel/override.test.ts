import { describe, expect, test } from 'vitest';
import type { LedgerEntry } from '#contract/ledger.ts';
import type { Override } from '#contract/override.ts';
import { endIfDue, NO_OVERRIDE, overrideFrom } from '#panel/override.ts';

const at = (iso: string) => Temporal.Instant.from(iso);
const relaxation: Override = {
  kind: 'unplanned',
  profiles: ['learner'],
  categories: ['games'],
  startedAt: '2026-11-20T10:00:00.000Z',
  until: '2026-11-20T10:15:00.000Z',
};

describe('an override ends by itself', () => {
  test.each([
    ['2026-11-20T10:14:59.999Z', undefined],
    ['2026-11-20T10:15:00.000Z', 'its time was up'],
    ['2026-11-21T10:00:00.000Z', 'its time was up'],
    ['2026-11-20T09:59:56.000Z', undefined],
    ['2026-11-20T09:59:54.000Z', 'the clock was set back, so its end could not be told'],
    ['1970-01-01T00:00:00.000Z', 'the clock was set back, so its end could not be told'],
  ])('at %s: %s', (now, why) => {
    expect(endIfDue(relaxation, at(now))?.body['why']).toBe(why);
  });

  test('and at once when it was to last longer than an hour', () => {
    const endless = { ...relaxation, until: '2026-11-20T11:00:00.001Z' };
    expect(endIfDue(endless, at('2026-11-20T10:01:00Z'))?.body['why']).toContain('longer than an hour');
  });

  test('nothing in force needs no end', () => {
    expect(endIfDue(NO_OVERRIDE, at('2026-11-20T10:15:00Z'))).toBeUndefined();
  });
});

describe('after a restart', () => {
  type Entry = Pick<LedgerEntry, 'seq' | 'kind' | 'body'>;
  const started = (seq: number, override: Override = relaxation): Entry => ({
    seq,
    kind: 'override.started',
    body: { override },
  });
  const ended = (seq: number): Entry => ({
    seq,
    kind: 'override.ended',
    body: { why: 'ended by the button' },
  });
  const pressEntry: Entry = { seq: 99, kind: 'button.pressed', body: {} };
  const during = at('2026-11-20T10:05:00Z');

  test.each([
    ['an empty ledger', [], 'none'],
    ['a start', [started(3)], 'unplanned'],
    ['a start and later other entries', [started(3), pressEntry], 'unplanned'],
    ['a start and its end', [started(3), ended(4)], 'none'],
    ['entries out of order', [ended(4), started(3)], 'none'],
    ['an end and then a new start', [started(3), ended(4), started(5)], 'unplanned'],
  ] as const)('%s', (_, entries, kind) => {
    expect(overrideFrom(entries, during)).toMatchObject({ override: { kind }, owed: undefined });
  });

  test('what ran out while the box was off is not in force, and its end is owed to the ledger', () => {
    const { override, owed } = overrideFrom([started(3)], at('2026-11-20T12:00:00Z'));
    expect(override).toEqual(NO_OVERRIDE);
    expect(owed).toEqual({ kind: 'override.ended', by: 'box', body: { why: 'its time was up' } });
  });

  test('a clock that was never set revives nothing', () => {
    expect(overrideFrom([started(3)], at('1970-01-01T00:00:30Z'))).toMatchObject({
      override: NO_OVERRIDE,
      owed: { kind: 'override.ended' },
    });
  });

  test('an entry that cannot be read is not in force, and is named', () => {
    const { override, owed } = overrideFrom(
      [{ seq: 3, kind: 'override.started', body: { until: 7 } }],
      during,
    );
    expect(override).toEqual(NO_OVERRIDE);
    expect(owed?.body['why']).toBe('entry 3 could not be read');
  });
});
