import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Problem } from '#contract/http.ts';
import type { RoleId } from '#contract/roles.ts';
import type { LiveClient, OnUpgrade } from '#web/upgrade.ts';
import { aDoor, ask, type TestDoor } from './a-door.ts';

/** The broker's side: a WebSocket server that says who it thinks has come. */
function aBus() {
  const server = new WebSocketServer({ noServer: true, handleProtocols: () => 'mqtt' });
  const seen: LiveClient[] = [];
  const onUpgrade: OnUpgrade = (request, socket, head, client) => {
    seen.push(client);
    server.handleUpgrade(request, socket, head, (live) => live.send('hello'));
  };
  return { seen, onUpgrade };
}

interface Coming {
  readonly path?: string;
  readonly protocol?: string;
  readonly headers?: Record<string, string>;
}

async function come(door: TestDoor, { path = '/mqtt', protocol = 'mqtt', headers = {} }: Coming) {
  const socket = new WebSocket(`ws://127.0.0.1:${door.door.port}${path}`, protocol, { headers });
  socket.on('error', () => socket.terminate());
  const outcome = await new Promise<number | 'open'>((resolve) => {
    socket.on('open', () => resolve('open'));
    socket.on('unexpected-response', (_, answer) => resolve(answer.statusCode ?? 0));
  });
  return { outcome, socket };
}

const cookie = (door: TestDoor, token: string) => ({ cookie: `gatehouse=${token}`, origin: door.url });

describe('the live bus', () => {
  test.each([
    ['dsl', 'presser'],
    ['staff', 'viewer'],
    ['governor', 'viewer'],
    ['technician', 'presser'],
  ] as const)('takes %s as %s, under the hash of the session', async (role: RoleId, busRole) => {
    const bus = aBus();
    await using door = await aDoor({ onUpgrade: bus.onUpgrade, patience: { closingMs: 50 } });
    const token = door.appliance.tokenFor(role);
    const { outcome } = await come(door, { headers: cookie(door, token) });
    expect(outcome).toBe('open');
    const principal = createHash('sha256').update(token).digest('hex');
    expect(bus.seen).toEqual([{ role: busRole, principal }]);
  });

  test('takes a bearer token without an origin: the command line', async () => {
    const bus = aBus();
    await using door = await aDoor({ onUpgrade: bus.onUpgrade, patience: { closingMs: 50 } });
    const headers = { authorization: `Bearer ${door.appliance.tokenFor('staff')}` };
    expect((await come(door, { headers })).outcome).toBe('open');
  });

  test.each<[string, number, (door: TestDoor, token: string) => Coming]>([
    ['no session', 401, (door) => ({ headers: { origin: door.url } })],
    ['a made-up session', 401, (door) => ({ headers: cookie(door, 'made-up') })],
    [
      'a page of another site',
      403,
      (door, token) => ({ headers: { ...cookie(door, token), origin: 'http://evil.test' } }),
    ],
    ['a cookie without an origin', 403, (_, token) => ({ headers: { cookie: `gatehouse=${token}` } })],
    [
      'a rebound name',
      403,
      (door, token) => ({
        headers: { ...cookie(door, token), host: 'evil.test', origin: 'http://evil.test' },
      }),
    ],
    ['another path', 404, (door, token) => ({ path: '/api/status', headers: cookie(door, token) })],
    ['another protocol', 400, (door, token) => ({ protocol: 'chat', headers: cookie(door, token) })],
  ])('refuses %s with %i', async (_, status, coming) => {
    const bus = aBus();
    await using door = await aDoor({ onUpgrade: bus.onUpgrade });
    const { outcome } = await come(door, coming(door, door.appliance.tokenFor('dsl')));
    expect(outcome).toBe(status);
    expect(bus.seen).toEqual([]);
  });

  test('refuses somebody without any role, with a problem', async () => {
    await using door = await aDoor();
    const answer = await ask(door.door.port, '/mqtt', {
      headers: {
        ...cookie(door, door.appliance.tokenFor()),
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-protocol': 'mqtt',
      },
    });
    expect(answer.status).toBe(403);
    expect(Problem.parse(JSON.parse(answer.text)).detail).toContain('read status topics');
  });

  test('that breaks costs the one connection and is logged', async () => {
    const broken: OnUpgrade = () => {
      throw new Error('the broker is gone');
    };
    await using door = await aDoor({ onUpgrade: broken });
    const socket = new WebSocket(`${door.url.replace('http', 'ws')}/mqtt`, 'mqtt', {
      headers: cookie(door, door.appliance.tokenFor('dsl')),
    });
    await once(socket, 'error');
    expect(door.logged.join('')).toContain('the broker is gone');
    expect((await ask(door.door.port, '/api/status')).status).toBe(200);
  });

  test('ends with the door', async () => {
    const bus = aBus();
    const door = await aDoor({ onUpgrade: bus.onUpgrade, patience: { closingMs: 50 } });
    const { socket } = await come(door, { headers: cookie(door, door.appliance.tokenFor('dsl')) });
    const ended = once(socket, 'close');
    await door.door.close();
    await ended;
  });
});
