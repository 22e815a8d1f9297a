import { LAMPS, type LampName, LampShow } from '#contract/lamps.ts';
import type { TopicName } from '#contract/topics.ts';
import { allLamps, type Lamps, UNKNOWN_LAMPS } from './panel.ts';

/** How long a lamp may show what the controller said last, once the controller says nothing any more. */
export const SILENT_AFTER_MS = 5000;

/** The controller is silent: nothing is known, and FILTER says so in red. */
export const HOST_SILENT: Lamps = { ...UNKNOWN_LAMPS, filter: { colour: 'red', rhythm: 'fault' } };

/** What the controller wants shown, as far as it can still be believed. Times are monotonic milliseconds. */
export interface WantedLamps {
  /** A connection to the broker stands: what it has retained is the truth from here on. */
  connected(atMs: number): void;
  /** Anything at all came from the broker. */
  heardFrom(atMs: number): void;
  /** `value` is undefined when the payload could not be read. */
  heard(topicName: TopicName, value: unknown): void;
  lampsAt(atMs: number): Lamps;
}

export function openWantedLamps(startMs: number): WantedLamps {
  const told = new Map<LampName, { readonly show: LampShow; readonly session: number }>();
  let session = 0;
  let connectedAtMs = startMs;
  let heardAtMs = startMs;
  let isRunning = true;

  function lampAt(lamp: LampName, atMs: number): LampShow {
    const last = told.get(lamp);
    const isFresh = last?.session === session || atMs - connectedAtMs <= SILENT_AFTER_MS;
    return last && isFresh ? last.show : UNKNOWN_LAMPS[lamp];
  }

  return {
    connected(atMs) {
      session += 1;
      connectedAtMs = atMs;
      heardAtMs = atMs;
      isRunning = true;
    },
    heardFrom(atMs) {
      heardAtMs = atMs;
    },
    heard(topicName, value) {
      if (topicName === '$state') isRunning = value === 'ready' || value === 'init';
      const lamp = LAMPS.find((name) => topicName === `lamp/${name}`);
      if (!lamp) return;
      const read = LampShow.safeParse(value);
      told.set(lamp, { show: read.success ? read.data : UNKNOWN_LAMPS[lamp], session });
    },
    lampsAt(atMs) {
      if (!isRunning || atMs - heardAtMs > SILENT_AFTER_MS) return HOST_SILENT;
      return allLamps((lamp) => lampAt(lamp, atMs));
    },
  };
}
