import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlockEvent } from '#contract/events.ts';
import type { Alert } from '#contract/incidents.ts';
import { openRecords, type Records, type RecordsOptions } from '#records/records.ts';
import type { EventTrouble } from '#records/trouble.ts';

export const NOON = Date.UTC(2026, 2, 4, 12);

/** An empty folder that goes away with its block. */
export const aFolder = () => mkdtempDisposableSync(join(tmpdir(), 'gatehouse-records-'));

/** Real records in `folder`, with the troubles they told of. */
export async function open(
  folder: string,
  changed: Partial<RecordsOptions> = {},
): Promise<Records & AsyncDisposable & { troubles: EventTrouble[] }> {
  const troubles: EventTrouble[] = [];
  const records = await openRecords({
    folder,
    version: '0.1.0',
    now: () => NOON,
    timeZone: 'Europe/London',
    onEventTrouble: (trouble) => troubles.push(trouble),
    onEnded(error) {
      throw error;
    },
    flushMs: 20,
    ...changed,
  });
  return { ...records, troubles, [Symbol.asyncDispose]: () => records.close() };
}

export const aBlock = (changed: Partial<BlockEvent> = {}): BlockEvent => ({
  device: '192.0.2.7',
  profile: 'learner',
  name: 'casino.example.org',
  category: 'gambling',
  tier: 'category',
  count: 1,
  firstAt: NOON,
  lastAt: NOON + 400,
  ...changed,
});

export const anAlert = (changed: Partial<Alert> = {}): Alert => ({
  id: 'a-1',
  device: '192.0.2.7',
  profile: 'learner',
  category: 'gambling',
  firstAt: new Date(NOON).toISOString(),
  lastAt: new Date(NOON + 400).toISOString(),
  attempts: 3,
  names: ['casino.example.org'],
  state: 'open',
  ...changed,
});
