import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasPty, serialCable } from '#support/firmata-board.ts';

const ROUNDS = 12;

/** A process with no timer of its own: whatever wakes it is the serial line. It answers each version with a request for the next. */
const IDLE = `
  import { openSerialLink } from '#paneld/serial-link.ts';
  const link = openSerialLink(process.argv[1], 57600);
  const heard = [];
  let wake = () => {};
  link.transport.on('data', (octets) => { heard.push(...octets); wake(); });
  await new Promise((up) => link.transport.on('up', up));
  for (let round = 1; round <= ${ROUNDS}; round++) {
    link.write([0xf9]);
    while (heard.length < 3 * round) await new Promise((more) => { wake = more; });
  }
  console.log(heard.length);
  await link.close();
`;

test.skipIf(!hasPty)('an otherwise idle process hears every answer at once', async () => {
  await using cable = serialCable();
  await cable.plug();
  const child = spawn(process.execPath, ['--input-type=module', '-e', IDLE, cable.path], {
    cwd: join(import.meta.dirname, '..', '..', '..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [heard] = await once(child.stdout, 'data');
  expect(Number(heard)).toBe(3 * ROUNDS);
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
});
