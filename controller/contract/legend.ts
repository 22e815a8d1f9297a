import type { LampColour, LampName, LampShow, Rhythm } from './lamps.ts';

/**
 * Rhythms in milliseconds, on first: a lamp says the same without colour. Below three flashes a second.
 * `steady` and `off` have no cycle. This file has no run-time imports, so that a browser can have it as it is.
 */
export const RHYTHMS = {
  off: [],
  steady: [],
  starting: [1000, 1000],
  new: [250, 250],
  fault: [120, 120, 120, 920],
  unknown: [60, 1940],
  running: [1900, 100],
  ending: [250, 250],
} as const satisfies Record<string, readonly number[]>;
interface LegendLine {
  readonly lamp: LampName;
  readonly shows: LampShow;
  readonly meaning: string;
}

const line = (lamp: LampName, colour: LampColour, rhythm: Rhythm, meaning: string): LegendLine => ({
  lamp,
  shows: { colour, rhythm },
  meaning,
});

/** The one legend: printed by `gatehouse lamps`, drawn in the UI, copied nowhere. */
export const LEGEND: readonly LegendLine[] = [
  line('power', 'white', 'steady', 'The software is running'),
  line('power', 'white', 'starting', 'The software is starting'),
  line('power', 'dark', 'off', 'No power'),
  line('filter', 'green', 'steady', 'Filtering, with fresh lists'),
  line('filter', 'amber', 'steady', 'Filtering, but a list is stale or its last update was held back'),
  line('filter', 'red', 'fault', 'Not filtering'),
  line('filter', 'dark', 'off', 'Starting'),
  line('internet', 'green', 'steady', 'The upstream resolver answers'),
  line('internet', 'amber', 'steady', 'One upstream is down or slow'),
  line('internet', 'red', 'fault', 'No upstream answers: only blocked names are answered'),
  line('internet', 'dark', 'off', 'Starting'),
  line('check', 'green', 'steady', 'This week’s check is done and signed'),
  line('check', 'amber', 'steady', 'The weekly check is due'),
  line('check', 'red', 'fault', 'A weekly check was missed, or the last one failed'),
  line('check', 'dark', 'off', 'Set-up is not finished'),
  line('override', 'dark', 'off', 'No relaxation in force'),
  line('override', 'amber', 'running', 'A relaxation is in force; press the button to end it'),
  line('override', 'amber', 'ending', 'The relaxation ends within a minute'),
  line('override', 'red', 'steady', 'Lockdown in force'),
];

/** What every rhythm says on any lamp. */
export const RHYTHM_MEANINGS: Readonly<Record<Rhythm, string>> = {
  off: 'nothing to say',
  steady: 'settled',
  starting: 'starting',
  new: 'new: press the button to acknowledge',
  fault: 'fault',
  unknown: 'not known: never read it as good',
  running: 'in force',
  ending: 'about to end',
};
