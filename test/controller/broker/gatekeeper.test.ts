import { PassThrough } from 'node:stream';
import type { AedesPublishPacket, Client } from 'aedes';
import { expect, test } from 'vitest';
import { connectionBudget } from '#broker/budget.ts';
import { openGatekeeper } from '#broker/gatekeeper.ts';
import { openSeats } from '#broker/seats.ts';
import type { BusRole } from '#contract/topics.ts';
import { BOX, PREFIX, TOKEN } from '#support/bus.ts';

/** A subscription that should never have been granted still brings nothing: each delivery is judged again. */
test.each<[BusRole, string, boolean]>([
  ['panel', `${PREFIX}/lamp/filter`, true],
  ['panel', `${PREFIX}/status`, false],
  ['viewer', `${PREFIX}/button/pressed`, false],
  ['viewer', 'gatehouse/5/box-2/status', false],
  ['local', '$SYS/broker/new/clients', false],
])('a %s is given %s: %s', (role, topic, want) => {
  const seats = openSeats(connectionBudget());
  const ignore = () => {};
  const { hooks } = openGatekeeper({
    box: BOX,
    token: TOKEN,
    seats,
    clock: () => 0,
    onPressed: ignore,
    onScreenButton: ignore,
    log: ignore,
  });
  const conn = seats.take(new PassThrough(), { listener: 'web', role, principal: 'p', address: 'a' });
  const packet = { topic, payload: Buffer.from('x') } as unknown as AedesPublishPacket;
  expect(hooks.authorizeForward({ conn } as unknown as Client, packet)).toBe(want ? packet : null);
  conn?.destroy();
});
