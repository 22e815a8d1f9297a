import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CATEGORIES, CATEGORY_IDS, isLocked } from '#contract/categories.ts';
import { LedgerEntry } from '#contract/ledger.ts';
import { Override } from '#contract/override.ts';
import { PROFILES } from '#contract/profiles.ts';
import type { ButtonPressed } from '#contract/topics.ts';
import { overrideFrom } from '#panel/override.ts';
import {
  entriesOf,
  type HeardPresses,
  hear,
  heardFrom,
  type PressAction,
  pressed,
  type Situation,
  startedBy,
} from '#panel/pressed.ts';

const now = Temporal.Instant.from('2026-11-20T10:00:00Z');
const HELD = { short: 300, hold: 3000, 'long-hold': 8000, stuck: 15_000 } as const;

const aPress = (gesture: ButtonPressed['gesture'], changes: Partial<ButtonPressed> = {}): ButtonPressed => ({
  boot: 'boot-1',
  sequence: 7,
  gesture,
  heldMs: HELD[gesture],
  at: '2026-11-20T10:00:00.000Z',
  ...changes,
});
const relaxation: Override = {
  kind: 'unplanned',
  profiles: ['learner'],
  categories: ['games'],
  startedAt: '2026-11-20T09:50:00.000Z',
  until: '2026-11-20T10:05:00.000Z',
};
const lockdown: Override = {
  kind: 'lockdown',
  profiles: ['learner', 'guest'],
  startedAt: '2026-11-20T09:50:00.000Z',
  until: '2026-11-20T10:20:00.000Z',
};
const situation = (changes: Partial<Situation> = {}): Situation => ({
  now,
  claimed: true,
  override: { kind: 'none' },
  heard: [],
  newWarnings: [],
  settings: { unplanned: true, minutes: 15, categories: ['games', 'social'], profile: 'learner' },
  ...changes,
});

describe('state x press -> action', () => {
  const none: Override = { kind: 'none' };
  const table: readonly [string, ButtonPressed['gesture'], Partial<Situation>, PressAction['kind']][] = [
    ['nothing in force and nothing new', 'short', {}, 'lamp-test'],
    ['a new warning', 'short', { newWarnings: ['filter: A.'] }, 'acknowledge'],
    ['a relaxation in force', 'short', { override: relaxation }, 'end-override'],
    [
      'a relaxation in force and a new warning',
      'short',
      { override: relaxation, newWarnings: ['x'] },
      'end-override',
    ],
    ['a lockdown in force', 'short', { override: lockdown }, 'end-override'],
    ['nothing in force', 'hold', { override: none }, 'start-override'],
    ['a relaxation in force', 'hold', { override: relaxation }, 'refused'],
    ['a lockdown in force', 'hold', { override: lockdown }, 'refused'],
    ['nothing in force', 'long-hold', { override: none }, 'start-lockdown'],
    ['a relaxation in force', 'long-hold', { override: relaxation }, 'start-lockdown'],
    ['a lockdown in force', 'long-hold', { override: lockdown }, 'refused'],
    ['nothing in force', 'stuck', {}, 'ignored'],
    ['set-up not finished', 'short', { claimed: false }, 'lamp-test'],
    ['set-up not finished', 'hold', { claimed: false }, 'refused'],
    ['set-up not finished', 'long-hold', { claimed: false }, 'refused'],
  ];
  test.each(table)('%s, %s', (...[, gesture, changes, kind]) => {
    expect(pressed(aPress(gesture), situation(changes)).kind).toBe(kind);
  });

  test('a hold relaxes what the provider set, for as long as it set', () => {
    expect(pressed(aPress('hold'), situation())).toEqual({
      kind: 'start-override',
      profile: 'learner',
      categories: ['games', 'social'],
      startedAt: '2026-11-20T10:00:00.000Z',
      until: '2026-11-20T10:15:00.000Z',
    });
  });

  test('a long hold locks learners and guests down for half an hour', () => {
    expect(pressed(aPress('long-hold'), situation())).toEqual({
      kind: 'start-lockdown',
      profiles: ['learner', 'guest'],
      startedAt: '2026-11-20T10:00:00.000Z',
      until: '2026-11-20T10:30:00.000Z',
    });
  });

  test('a hold is refused, and says why, where nobody may relax without approval', () => {
    const settings = { ...situation().settings, unplanned: false };
    expect(pressed(aPress('hold'), situation({ settings }))).toEqual({
      kind: 'refused',
      why: 'The provider allows no relaxation that nobody approved before.',
    });
    expect(pressed(aPress('long-hold'), situation({ settings })).kind).toBe('start-lockdown');
  });

  test('a hold is refused when only locked categories are left', () => {
    const settings = { ...situation().settings, categories: ['malware' as const, 'pornography' as const] };
    expect(pressed(aPress('hold'), situation({ settings })).kind).toBe('refused');
  });
});

describe('a press is ignored', () => {
  const why = (press: ButtonPressed, heard: HeardPresses = []) => {
    const action = pressed(press, situation({ heard }));
    return action.kind === 'ignored' ? action.why : undefined;
  };

  test.each([
    ['2026-11-20T09:59:55.000Z', false],
    ['2026-11-20T09:59:54.999Z', true],
    ['2026-11-20T10:00:05.000Z', false],
    ['2026-11-20T10:00:05.001Z', true],
    ['1970-01-01T00:00:00.000Z', true],
  ])('when made at %s, five seconds or more from now: %s', (at, ignored) => {
    expect(why(aPress('short', { at })) !== undefined).toBe(ignored);
  });

  test('when its sequence, or a later one of that boot, was heard', () => {
    const heard = hear([], aPress('short', { sequence: 7 }));
    expect(why(aPress('short', { sequence: 7 }), heard)).toContain('heard already');
    expect(why(aPress('short', { sequence: 6 }), heard)).toContain('heard already');
    expect(why(aPress('short', { sequence: 8 }), heard)).toBeUndefined();
    expect(why(aPress('short', { boot: 'boot-2', sequence: 1 }), heard)).toBeUndefined();
  });

  test.each([
    ['hold', 2899],
    ['long-hold', 7899],
  ] as const)('when it is called a %s and lasted only %i ms', (gesture, heldMs) => {
    expect(why(aPress(gesture, { heldMs }))).toContain(`got ${heldMs} ms`);
    expect(why(aPress(gesture, { heldMs: heldMs + 1 }))).toBeUndefined();
  });

  test('when the button is stuck', () => {
    expect(why(aPress('stuck'))).toContain('stuck');
  });
});

describe('what was heard', () => {
  test('is kept for 32 boots, the newest, also when boots are called by numbers', () => {
    const heard = Array.from({ length: 50 }, (_, n) => ({
      boot: String(100 - n),
      sequence: n + 1,
    })).reduce<HeardPresses>(hear, []);
    expect(heard).toHaveLength(32);
    expect(heard.at(-1)).toEqual({ boot: '51', sequence: 50 });
  });

  test('never goes back', () => {
    expect(hear([{ boot: 'b', sequence: 9 }], { boot: 'b', sequence: 3 })).toEqual([
      { boot: 'b', sequence: 9 },
    ]);
  });

  test('is found again in the ledger after a restart', () => {
    const press = aPress('short');
    const entries = entriesOf(press, { kind: 'lamp-test' }, { kind: 'none' }).map(asStored);
    const heard = heardFrom(entries);
    expect(pressed(press, situation({ heard })).kind).toBe('ignored');
  });
});

/** As the ledger gives it back: through its schema and JSON. */
function asStored(entry: ReturnType<typeof entriesOf>[number], index: number): LedgerEntry {
  return LedgerEntry.parse(
    JSON.parse(JSON.stringify({ ...entry, seq: index + 1, at: now.toString(), personal: {}, prev: '' })),
  );
}

describe('what goes into the ledger', () => {
  const kinds = (gesture: ButtonPressed['gesture'], changes: Partial<Situation> = {}) => {
    const given = situation(changes);
    const press = aPress(gesture);
    return entriesOf(press, pressed(press, given), given.override).map((entry) => entry.kind);
  };

  test.each([
    ['a lamp test', 'short', {}, ['button.pressed']],
    ['a relaxation', 'hold', {}, ['button.pressed', 'override.started']],
    ['an end', 'short', { override: lockdown }, ['button.pressed', 'override.ended']],
    [
      'a lockdown over a relaxation',
      'long-hold',
      { override: relaxation },
      ['button.pressed', 'override.ended', 'override.started'],
    ],
    ['a refusal', 'hold', { override: lockdown }, ['button.pressed']],
    ['an ignored press', 'stuck', {}, []],
  ] as const)('of %s', (...[, gesture, changes, expected]) => {
    expect(kinds(gesture, changes)).toEqual(expected);
  });

  test('the press names its boot, sequence, gesture, what it did and why it was refused', () => {
    const given = situation({ override: lockdown });
    const press = aPress('hold');
    expect(entriesOf(press, pressed(press, given), given.override)[0]).toEqual({
      kind: 'button.pressed',
      by: 'box',
      body: {
        boot: 'boot-1',
        sequence: 7,
        gesture: 'hold',
        heldMs: 3000,
        at: '2026-11-20T10:00:00.000Z',
        did: 'refused',
        why: 'A lockdown is in force: a short press ends it first.',
      },
    });
  });
});

const anyPress = fc.record({
  boot: fc.constantFrom('boot-1', 'boot-2'),
  sequence: fc.integer({ min: 1, max: 9 }),
  gesture: fc.constantFrom<ButtonPressed['gesture']>('short', 'hold', 'long-hold', 'stuck'),
  heldMs: fc.integer({ min: 0, max: 20_000 }),
  at: fc.integer({ min: -7000, max: 7000 }).map((ms) => now.add({ milliseconds: ms }).toString()),
});
const anySettings = fc.record({
  unplanned: fc.boolean(),
  minutes: fc.integer({ min: 1, max: 60 }),
  categories: fc.uniqueArray(fc.constantFrom(...CATEGORY_IDS), { minLength: 1 }),
  profile: fc.constantFrom(...PROFILES),
});
const anySituation = fc.record({
  now: fc.constant(now),
  claimed: fc.boolean(),
  override: fc.constantFrom<Override>({ kind: 'none' }, relaxation, lockdown),
  heard: fc.constantFrom<HeardPresses>([], [{ boot: 'boot-1', sequence: 5 }]),
  newWarnings: fc.constantFrom([], ['filter: A.']),
  settings: anySettings,
});

describe('laws', () => {
  test('no press ever touches the locked core', () => {
    fc.assert(
      fc.property(anyPress, anySituation, (press, given) => {
        const action = pressed(press, given);
        if (action.kind !== 'start-override') return;
        expect(action.categories.length).toBeGreaterThan(0);
        for (const category of action.categories) {
          expect(isLocked(category, action.profile)).toBe(false);
          expect(CATEGORIES[category].firmness).not.toBe('locked');
          expect(given.settings.categories).toContain(category);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('what a press starts ends by itself within the hour', () => {
    fc.assert(
      fc.property(anyPress, anySituation, (press, given) => {
        const started = startedBy(pressed(press, given));
        if (!started) return;
        const lastsMs = Date.parse(started.until) - Date.parse(started.startedAt);
        expect(lastsMs).toBeGreaterThan(0);
        expect(lastsMs).toBeLessThanOrEqual(3_600_000);
        expect(Override.parse(JSON.parse(JSON.stringify(started)))).toEqual(started);
      }),
      { numRuns: 1000 },
    );
  });

  test('a press heard twice acts once', () => {
    fc.assert(
      fc.property(anyPress, anySituation, (press, given) => {
        const again = pressed(press, { ...given, heard: hear(given.heard, press) });
        expect(again.kind).toBe('ignored');
      }),
    );
  });

  test('after a restart the ledger gives back what the press put in force', () => {
    fc.assert(
      fc.property(anyPress, anySituation, (press, given) => {
        const action = pressed(press, given);
        const started = startedBy(action);
        const entries = entriesOf(press, action, given.override).map(asStored);
        const expected = started ?? { kind: 'none' };
        expect(overrideFrom(entries, now)).toEqual({ override: expected, owed: undefined });
      }),
      { numRuns: 1000 },
    );
  });
});
