import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LAMPS, LampColour, type LampShow, Rhythm } from '#contract/lamps.ts';
import { LEGEND, RHYTHM_MEANINGS, RHYTHMS } from '#contract/legend.ts';
import { armingBeat, beatOf, LAMP_ORDER, meaningOf, NOT_KNOWN } from '#ui/panel/rhythm.ts';

test('the picture has the five lamps in their printed order', () => {
  expect(LAMP_ORDER).toEqual(LAMPS);
});

test.each(Rhythm.options)('the animation of %s is lit and dark for as long as the legend says', (rhythm) => {
  const beat = beatOf(rhythm);
  const phases: readonly number[] = RHYTHMS[rhythm];
  if (phases.length === 0) {
    expect(beat).toBeUndefined();
    return;
  }
  const { durationMs, keyframes } = beat!;
  const lengths = keyframes
    .slice(1)
    .map((frame, index) => (frame.offset - keyframes[index]!.offset) * durationMs);
  expect(lengths.map(Math.round)).toEqual([...phases]);
  expect(keyframes.slice(0, -1).map((frame) => frame.opacity)).toEqual(
    phases.map((_, index) => 1 - (index % 2)),
  );
  expect(new Set(keyframes.slice(0, -1).map((frame) => frame.easing))).toEqual(new Set(['steps(1, end)']));
});

test('no lamp flashes three times a second, however long the button is held', () => {
  const beats = [...Rhythm.options.map(beatOf), ...[1, 2, 3, 4, 5].map(armingBeat)].filter(
    (beat) => beat !== undefined,
  );
  expect(beats.length).toBeGreaterThan(8);
  for (const { durationMs, keyframes } of beats) {
    const flashes = keyframes.slice(0, -1).filter((frame) => frame.opacity === 1).length;
    expect((flashes * 1000) / durationMs).toBeLessThan(3);
  }
});

test('the arming light speeds up with every step and is still when nobody holds the button', () => {
  expect(armingBeat(0)).toBeUndefined();
  const lengths = [1, 2, 3, 4, 5].map((step) => armingBeat(step)!.durationMs);
  expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
  expect(new Set(lengths).size).toBe(5);
});

test.each(LEGEND)('$lamp showing $shows.colour $shows.rhythm means what the printed legend says', (line) => {
  expect(meaningOf(line.lamp, line.shows)).toBe(line.meaning);
});

test('a new warning keeps its meaning and asks for the button', () => {
  const meaning = meaningOf('internet', { colour: 'amber', rhythm: 'new' });
  expect(meaning).toContain('One upstream is down or slow');
  expect(meaning).toContain('press the button');
});

test('a lamp of which nothing is known never reads as good, whatever its colour', () => {
  expect(NOT_KNOWN.rhythm).toBe('unknown');
  const good = LEGEND.filter((line) => line.shows.rhythm === 'steady').map((line) => line.meaning);
  const anyShow = fc.record<LampShow>({
    colour: fc.constantFrom(...LampColour.options),
    rhythm: fc.constant('unknown'),
  });
  fc.assert(
    fc.property(fc.constantFrom(...LAMPS), anyShow, (lamp, shows) => {
      const meaning = meaningOf(lamp, shows);
      expect(good).not.toContain(meaning);
      expect(meaning.toLowerCase()).toBe(RHYTHM_MEANINGS.unknown);
    }),
  );
});
