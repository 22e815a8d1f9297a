import { LAMPS, type LampColour, type LampName } from '#contract/lamps.ts';
import type { Lamps } from './panel.ts';
import { isLit } from './rhythm.ts';

/** The LEDs behind each lamp, the same on every panel that is made of LEDs. Amber is green and red together. */
const LEDS = [
  { lamp: 'power', colour: 'white' },
  { lamp: 'filter', colour: 'green' },
  { lamp: 'filter', colour: 'red' },
  { lamp: 'internet', colour: 'green' },
  { lamp: 'internet', colour: 'red' },
  { lamp: 'check', colour: 'green' },
  { lamp: 'check', colour: 'red' },
  { lamp: 'override', colour: 'green' },
  { lamp: 'override', colour: 'red' },
] as const satisfies readonly { readonly lamp: LampName; readonly colour: LampColour }[];

/** `<lamp> <colour>`. */
export type LedName = (typeof LEDS)[number] extends infer Led
  ? Led extends { readonly lamp: infer Lamp extends string; readonly colour: infer Colour extends string }
    ? `${Lamp} ${Colour}`
    : never
  : never;
export const LED_NAMES = LEDS.map(({ lamp, colour }) => `${lamp} ${colour}` as LedName);

/** Short enough for the 60 ms blip, whatever its phase. */
const FRAME_MS = 20;

const PARTS: Readonly<Record<LampColour, readonly LampColour[]>> = {
  dark: [],
  white: ['white'],
  green: ['green'],
  red: ['red'],
  amber: ['green', 'red'],
};

/** The LEDs that are lit at `atMs`. A lamp that lacks a colour lights all it has: the rhythm still says it. */
export function litLeds(lamps: Lamps, atMs: number): ReadonlySet<LedName> {
  const lit = LAMPS.flatMap((lamp) => {
    const { colour, rhythm } = lamps[lamp];
    if (colour === 'dark' || !isLit(rhythm, atMs)) return [];
    const own = LEDS.filter((led) => led.lamp === lamp);
    const parts = own.filter((led) => PARTS[colour].includes(led.colour));
    return (parts.length > 0 ? parts : own).map((led) => `${led.lamp} ${led.colour}` as LedName);
  });
  return new Set(lit);
}

export interface LedDriver {
  show(lamps: Lamps): void;
  /** Writes every LED again, as after a board lost its state. */
  rewrite(): void;
  close(): void;
}

/** Drives LEDs in their rhythms: writes only what changes. */
export function driveLeds(
  first: Lamps,
  write: (led: LedName, isOn: boolean) => void,
  monotonicMs: () => number,
): LedDriver {
  const written = new Map<LedName, boolean>();
  let lamps = first;
  function frame(): void {
    const lit = litLeds(lamps, monotonicMs());
    for (const led of LED_NAMES) {
      const isOn = lit.has(led);
      if (written.get(led) === isOn) continue;
      written.set(led, isOn);
      write(led, isOn);
    }
  }
  const timer = setInterval(frame, FRAME_MS);
  return {
    show(wanted) {
      lamps = wanted;
      frame();
    },
    rewrite() {
      written.clear();
      frame();
    },
    close: () => clearInterval(timer),
  };
}
