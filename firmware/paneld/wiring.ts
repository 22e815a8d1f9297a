import type { LedName } from './leds.ts';

/** Arduino pin numbers of the panel board (Uno or Nano class). LEDs light when their pin is high. */
export const LED_PINS: Readonly<Record<LedName, number>> = {
  'power white': 3,
  'filter green': 4,
  'filter red': 5,
  'internet green': 6,
  'internet red': 7,
  'check green': 8,
  'check red': 9,
  'override green': 10,
  'override red': 11,
};

/** To ground when pressed; the board's own pull-up holds it high. */
export const BUTTON_PIN = 2;

/** Ports of eight pins that the wiring uses. */
export const PORTS = [0, 1] as const;
export const PINS_NEEDED = 12;
export const BAUD_RATE = 57_600;
