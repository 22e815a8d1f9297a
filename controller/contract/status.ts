import { z } from 'zod';
import { LampName, LampShow } from './lamps.ts';

export const Level = z.enum(['ok', 'warning', 'fault', 'unknown']);
export type Level = z.infer<typeof Level>;

/** How one part of the appliance fares, and one plain sentence why. */
export const State = z.object({ level: Level, reason: z.string() });
export type State = z.infer<typeof State>;

/** The body of `GET /api/status` and of the retained topic `status`. Holds nothing about people or devices. */
export const Status = z.object({
  version: z.string(),
  startedAt: z.iso.datetime(),
  filter: State,
  upstream: State,
  check: State,
  override: State,
  lamps: z.record(LampName, LampShow),
  index: z.object({ names: z.int(), lists: z.int(), builtAt: z.iso.datetime().nullable() }),
});
export type Status = z.infer<typeof Status>;
