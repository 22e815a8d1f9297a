import { writeSync } from 'node:fs';
import { openRecords } from '#records/records.ts';
import { RecordsUnavailable } from '#records/trouble.ts';

/** A process of its own that appends without end and says what was acknowledged, line by line. */
const records = await openRecords({
  folder: process.argv[2] ?? '',
  version: '0.1.0',
  now: () => Date.now(),
  timeZone: 'Europe/London',
  onEventTrouble: ({ state }) => writeSync(1, `events ${state}\n`),
  onEnded: (error) => writeSync(1, `ended ${error.message}\n`),
  flushMs: 20,
});
const port = records.eventPort();
const event = {
  device: '192.0.2.7',
  profile: 'learner',
  name: 'casino.example.org',
  tier: 'category',
} as const;

for (let n = 1; ; n += 1) {
  const personal = { name: `Person ${n}`, note: 'x'.repeat(900) };
  const at = Date.now();
  port.postMessage({
    events: [{ ...event, category: 'gambling', count: 1, firstAt: at, lastAt: at }],
    lost: 0,
  });
  try {
    const sealed = await records.append([
      { kind: 'check.signed', by: 'p-1', body: { n }, personal },
      { kind: 'button.pressed', by: 'box', body: { n } },
    ]);
    writeSync(1, `${sealed.at(-1)?.seq} ${sealed.at(-1)?.hash}\n`);
  } catch (error) {
    if (!(error instanceof RecordsUnavailable)) throw error;
    writeSync(1, `refused ${error.reason} ${error.message}\n`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
