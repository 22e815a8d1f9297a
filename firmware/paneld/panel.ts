import { LAMPS, type LampName, type LampShow } from '#contract/lamps.ts';

/** One show for every lamp. */
export type Lamps = Readonly<Record<LampName, LampShow>>;

export const allLamps = (showOf: (lamp: LampName) => LampShow): Lamps =>
  Object.fromEntries(LAMPS.map((lamp) => [lamp, showOf(lamp)])) as Record<LampName, LampShow>;

/** Nothing is known: a short blip, which nobody takes for green. The power lamp has no other colour than white. */
export const UNKNOWN_LAMPS = allLamps((lamp) => ({
  colour: lamp === 'power' ? 'white' : 'amber',
  rhythm: 'unknown',
}));
export const DARK_LAMPS = allLamps(() => ({ colour: 'dark', rhythm: 'off' }));

/** A front panel, whatever it is made of. */
export interface Panel {
  /** Shows `lamps`. @returns what somebody in front of the panel can see now */
  show(lamps: Lamps): Lamps;
  /** Whether the panel itself can be reached. */
  isLinked(): boolean;
  /** The button as last seen over the present link; undefined while nobody has seen it. */
  isDown(): boolean | undefined;
  onEdge(listener: (isDown: boolean) => void): void;
  onLink(listener: (isLinked: boolean) => void): void;
  /** An edge of the button on the page. Only the screen panel has one. */
  readonly screenButton?: (isDown: boolean) => void;
  close(): Promise<void>;
}
