import type { LampName, LampShow, Rhythm } from '#contract/lamps.ts';
import { LEGEND, RHYTHM_MEANINGS, RHYTHMS } from '#contract/legend.ts';

/** The lamps in their printed order, as the legend has them. */
export const LAMP_ORDER: readonly LampName[] = [...new Set(LEGEND.map((line) => line.lamp))];

interface Beat {
  readonly durationMs: number;
  /** Each holds until the next offset: the lamp switches, it does not fade. */
  readonly keyframes: readonly {
    readonly opacity: number;
    readonly offset: number;
    readonly easing: string;
  }[];
}

/**
 * One cycle of a rhythm as an animation of the light's opacity.
 * @returns undefined for a rhythm that does not change.
 */
export function beatOf(rhythm: Rhythm): Beat | undefined {
  return beat(RHYTHMS[rhythm]);
}

/** The arming light: five steps, each quicker; the last stays below three flashes a second. */
export function armingBeat(step: number): Beat | undefined {
  if (step < 1) return undefined;
  const halfMs = 500 - 65 * Math.min(step, 5);
  return beat([halfMs, halfMs]);
}

function beat(phasesMs: readonly number[]): Beat | undefined {
  const durationMs = phasesMs.reduce((sum, phase) => sum + phase, 0);
  if (durationMs === 0) return undefined;
  let at = 0;
  const keyframes = phasesMs.map((phase, index) => {
    const frame = { opacity: index % 2 === 0 ? 1 : 0, offset: at / durationMs, easing: 'steps(1, end)' };
    at += phase;
    return frame;
  });
  return { durationMs, keyframes: [...keyframes, { opacity: 1, offset: 1, easing: 'linear' }] };
}

/** What a lamp says, in the printed legend's words; a rhythm the legend has no line for says what it says on any lamp. */
export function meaningOf(lamp: LampName, shows: LampShow): string {
  const lines = LEGEND.filter((line) => line.lamp === lamp && line.shows.colour === shows.colour);
  const exact = lines.find((line) => line.shows.rhythm === shows.rhythm);
  if (exact) return exact.meaning;
  const rhythm = capital(RHYTHM_MEANINGS[shows.rhythm]);
  const near = shows.rhythm === 'new' ? lines[0] : undefined;
  return near ? `${near.meaning}. ${rhythm}` : rhythm;
}

/** What a lamp shows when nothing recent is known of it. */
export const NOT_KNOWN: LampShow = { colour: 'amber', rhythm: 'unknown' };

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
