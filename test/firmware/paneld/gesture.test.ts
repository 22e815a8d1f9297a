import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advance, GESTURE_START, type GestureInput, type GestureOutput, HELD_MS } from '#paneld/gesture.ts';

type Mark = 'down' | 'up' | 'link up' | 'link down';
const inputOf = (mark: Mark, atMs: number): GestureInput =>
  mark === 'down' || mark === 'up'
    ? { kind: 'edge', isDown: mark === 'down', atMs }
    : { kind: 'link', isUp: mark === 'link up', atMs };

/** Plays marks at their times, with a tick each 50 ms until `untilMs`. */
function play(script: readonly (readonly [number, Mark])[], untilMs = 20_000): string[] {
  const ticks = Array.from(
    { length: untilMs / 50 + 1 },
    (_, at): GestureInput => ({ kind: 'tick', atMs: at * 50 }),
  );
  const marks = script.map(([atMs, mark]) => inputOf(mark, atMs));
  const inputs = [...marks, ...ticks].toSorted((a, b) => a.atMs - b.atMs);
  return inputs.flatMap(step(GESTURE_START)).map(spell);
}
function step(first: typeof GESTURE_START) {
  let machine = first;
  return (input: GestureInput): readonly GestureOutput[] => {
    const next = advance(machine, input);
    machine = next.machine;
    return next.said;
  };
}
const spell = (output: GestureOutput) =>
  output.kind === 'arming' ? `arming ${output.step}` : `${output.gesture} ${output.heldMs}`;

const READY = [
  [0, 'link up'],
  [10, 'up'],
] as const;
const ARMED = ['arming 1', 'arming 2', 'arming 3', 'arming 4', 'arming 5'];

describe('gestures', () => {
  test.each<[string, readonly (readonly [number, Mark])[], readonly string[]]>([
    [
      'a press of 200 ms is short',
      [
        [100, 'down'],
        [300, 'up'],
      ],
      ['short 200'],
    ],
    [
      '699 ms is still short',
      [
        [100, 'down'],
        [799, 'up'],
      ],
      ['short 699'],
    ],
    [
      '700 ms arms, and letting go cancels',
      [
        [100, 'down'],
        [800, 'up'],
      ],
      ['arming 1', 'arming 0'],
    ],
    [
      'letting go just before 3 s cancels',
      [
        [100, 'down'],
        [3099, 'up'],
      ],
      [...ARMED, 'arming 0'],
    ],
    [
      '3 s is a hold, said while the button is down',
      [
        [100, 'down'],
        [5000, 'up'],
      ],
      [...ARMED, 'hold 3000', 'arming 0'],
    ],
    [
      '8 s is a hold and then a long hold',
      [
        [100, 'down'],
        [9000, 'up'],
      ],
      [...ARMED, 'hold 3000', 'long-hold 8000', 'arming 0'],
    ],
    [
      'longer than 15 s is stuck, once',
      [[100, 'down']],
      [...ARMED, 'hold 3000', 'long-hold 8000', 'stuck 15050'],
    ],
    [
      'a bounce when a hold is let go is no short press',
      [
        [100, 'down'],
        [4000, 'up'],
        [4010, 'down'],
        [4015, 'up'],
        [4100, 'down'],
        [4200, 'up'],
      ],
      [...ARMED, 'hold 3000', 'arming 0'],
    ],
    [
      'a press well after a hold counts again',
      [
        [100, 'down'],
        [4000, 'up'],
        [4400, 'down'],
        [4500, 'up'],
      ],
      [...ARMED, 'hold 3000', 'arming 0', 'short 100'],
    ],
    [
      'an edge said twice is one edge',
      [
        [100, 'down'],
        [200, 'down'],
        [300, 'up'],
        [300, 'up'],
      ],
      ['short 200'],
    ],
  ])('%s', (_name, script, want) => {
    expect(play([...READY, ...script])).toEqual(want);
  });

  test.each<[string, readonly (readonly [number, Mark])[], readonly string[]]>([
    [
      'held at start is ignored until let go',
      [
        [0, 'link up'],
        [5, 'down'],
        [9000, 'up'],
      ],
      [],
    ],
    [
      'after a hold at start was let go, the next press counts',
      [
        [0, 'link up'],
        [5, 'down'],
        [900, 'up'],
        [1000, 'down'],
        [1100, 'up'],
      ],
      ['short 100'],
    ],
    [
      'held at start for longer than 15 s is stuck',
      [
        [0, 'link up'],
        [5, 'down'],
      ],
      ['stuck 15045'],
    ],
    [
      'a gap in mid hold cancels it',
      [...READY, [100, 'down'], [1900, 'link down'], [2000, 'link up'], [2001, 'down'], [9000, 'up']],
      ['arming 1', 'arming 2', 'arming 3', 'arming 0'],
    ],
    [
      'without a link nothing counts',
      [
        [0, 'up'],
        [100, 'down'],
        [4000, 'up'],
      ],
      [],
    ],
  ])('%s', (_name, script, want) => {
    expect(play(script)).toEqual(want);
  });

  test('a machine that was blind for more than a second takes no hold from it', () => {
    const next = step(GESTURE_START);
    const inputs: readonly GestureInput[] = [
      inputOf('link up', 0),
      inputOf('up', 1),
      inputOf('down', 100),
      { kind: 'tick', atMs: 4000 },
      inputOf('up', 4001),
    ];
    expect(inputs.flatMap(next)).toEqual([]);
  });
});

describe('laws', () => {
  const marks = fc.array(
    fc.record({
      gapMs: fc.oneof(fc.nat(60), fc.nat(900), fc.nat(16_000)),
      mark: fc.constantFrom<Mark>('down', 'up', 'down', 'up', 'link up', 'link down'),
    }),
    { maxLength: 30 },
  );

  /** The inputs with ticks at most `tickMs` apart, and what each said. */
  function run(script: readonly { gapMs: number; mark: Mark }[], tickMs: number) {
    let atMs = 0;
    const inputs: GestureInput[] = [];
    for (const { gapMs, mark } of script) {
      for (let left = gapMs; left > tickMs; left -= tickMs) {
        atMs += tickMs;
        inputs.push({ kind: 'tick', atMs });
      }
      atMs += gapMs % tickMs;
      inputs.push(inputOf(mark, atMs));
    }
    const next = step(GESTURE_START);
    return inputs.map((input) => ({ input, said: next(input) }));
  }

  /** Since when the button was down after a release that was seen over the present link, by what was said alone. */
  function heldFromMs(history: readonly GestureInput[]): number | undefined {
    const gap = history.findLastIndex(({ kind }) => kind === 'link');
    const link = history[gap];
    const edges = history.slice(gap + 1).flatMap((input) => (input.kind === 'edge' ? [input] : []));
    const release = edges.findLastIndex(({ isDown }) => !isDown);
    const isSeen = link?.kind === 'link' && link.isUp && release >= 0;
    return isSeen ? edges[release + 1]?.atMs : undefined;
  }
  const LEAST_MS: Record<string, number> = { short: 0, hold: HELD_MS.hold, 'long-hold': HELD_MS.longHold };

  test('nothing confirms without a whole 3 s, seen from a release, over one link', () => {
    fc.assert(
      fc.property(marks, fc.constantFrom(50, 200, 2500), (script, tickMs) => {
        const steps = run(script, tickMs);
        const pressed = steps.flatMap(({ input, said }, at) =>
          said.flatMap((output) => {
            if (output.kind !== 'gesture' || output.gesture === 'stuck') return [];
            const sinceMs = heldFromMs(steps.slice(0, at).map((step) => step.input));
            return [
              {
                gesture: output.gesture,
                saidMs: output.heldMs,
                heldMs: input.atMs - (sinceMs ?? Number.NaN),
              },
            ];
          }),
        );
        for (const { gesture, saidMs, heldMs } of pressed) {
          expect(saidMs).toBe(heldMs);
          expect(heldMs).toBeGreaterThanOrEqual(LEAST_MS[gesture] ?? Number.NaN);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('one press says each gesture at most once, and never a short one after a hold', () => {
    fc.assert(
      fc.property(marks, (script) => {
        const isOver = (input: GestureInput) =>
          input.kind === 'link' || (input.kind === 'edge' && !input.isDown);
        const presses: string[][] = [[]];
        for (const { input, said } of run(script, 50)) {
          presses
            .at(-1)
            ?.push(...said.flatMap((output) => (output.kind === 'gesture' ? [output.gesture] : [])));
          if (isOver(input)) presses.push([]);
        }
        for (const said of presses) {
          expect(new Set(said).size).toBe(said.length);
          expect(said.includes('short') && said.length > 1).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('an ordinary hold is said whatever went before, once a release was seen', () => {
    fc.assert(
      fc.property(marks, (script) => {
        const steps = run([...script, { gapMs: 10, mark: 'link up' }, { gapMs: 400, mark: 'up' }], 50);
        const before = steps.flatMap(({ said }) => said).filter(isHold).length;
        const whole = run(
          [
            ...script,
            { gapMs: 10, mark: 'link up' },
            { gapMs: 400, mark: 'up' },
            { gapMs: 400, mark: 'down' },
            { gapMs: 3100, mark: 'up' },
          ],
          50,
        );
        expect(whole.flatMap(({ said }) => said).filter(isHold).length).toBe(before + 1);
      }),
      { numRuns: 100 },
    );
  });
  const isHold = (output: GestureOutput) => output.kind === 'gesture' && output.gesture === 'hold';
});
