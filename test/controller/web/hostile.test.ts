import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Problem } from '#contract/http.ts';
import { LARGEST_BODY } from '#web/api.ts';
import { PortUnusable } from '#web/listen.ts';
import { aDoor, asJson, ask, sendRaw } from './a-door.ts';

const RULE = { action: 'allow', name: 'example.org', why: 'course reading' };
const RULES = '/api/profiles/learner/rules';

describe('a body', () => {
  test.each([
    ['not JSON', '{"action":', 400],
    ['empty', '', 400],
    ['an array', '[]', 422],
    ['null', 'null', 422],
    ['a string', '"allow"', 422],
    ['of wrong types', '{"action":1,"name":{},"why":[]}', 422],
    ['with a key too many', JSON.stringify({ ...RULE, isAdmin: true }), 422],
    [
      'with a prototype key',
      '{"action":"allow","name":"example.org","why":"x y z","__proto__":{"keep":false}}',
      422,
    ],
    ['with a constructor key', JSON.stringify({ ...RULE, constructor: { prototype: { who: 1 } } }), 422],
    ['with a name that is an address', JSON.stringify({ ...RULE, name: '192.0.2.1' }), 422],
    ['nested 50,000 deep', `{"action":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 422],
  ])('that is %s is a problem and changes nothing', async (_, body, status) => {
    await using door = await aDoor();
    const token = door.appliance.tokenFor('network manager');
    const answer = await ask(door.door.port, RULES, { method: 'POST', headers: asJson(token), body });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(Problem.parse(JSON.parse(answer.text)).status).toBe(status);
    expect(door.appliance.calls).toEqual([]);
    expect(({} as Record<string, unknown>)['keep']).toBeUndefined();
  });

  test.each([
    ['with a length', {}],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('over 256 kB is a 413, %s', async (_, headers) => {
    await using door = await aDoor();
    const token = door.appliance.tokenFor('network manager');
    const body = JSON.stringify({ ...RULE, why: 'x'.repeat(LARGEST_BODY) });
    const answer = await ask(door.door.port, RULES, {
      method: 'POST',
      headers: { ...asJson(token), ...headers },
      body,
    });
    expect(answer.status).toBe(413);
    expect(door.appliance.calls).toEqual([]);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
  ])('of type %s is a 415', async (type) => {
    await using door = await aDoor();
    const token = door.appliance.tokenFor('network manager');
    const headers = { cookie: `gatehouse=${token}`, 'content-type': type };
    for (const path of [RULES, '/api/lists/refresh', '/api/checks/runs']) {
      const answer = await ask(door.door.port, path, { method: 'POST', headers, body: JSON.stringify(RULE) });
      expect(answer.status, path).toBe(415);
    }
    expect(door.appliance.calls).toEqual([]);
  });

  test('that arrives too slowly is a 408, and the door goes on serving others', async () => {
    await using door = await aDoor({ patience: { headersMs: 100, requestMs: 200 } });
    const head =
      'POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n';
    const answer = await sendRaw(door.door.port, `${head}{"email":`);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('application/problem+json');
    expect((await ask(door.door.port, '/api/status')).status).toBe(200);
    expect(door.appliance.calls).toEqual([]);
  });
});

describe('a head', () => {
  test('that never ends is a 408', async () => {
    await using door = await aDoor({ patience: { headersMs: 100 } });
    expect(await sendRaw(door.door.port, 'GET / HTTP/1.1\r\nHost: local')).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('that is too large is a 431, and one that is not HTTP a 400', async () => {
    await using door = await aDoor();
    const large = `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await sendRaw(door.door.port, large)).toMatch(/^HTTP\/1\.1 431 /);
    const rubbish = await sendRaw(door.door.port, '\u0016\u0003\u0001 hello\r\n\r\n');
    expect(rubbish).toMatch(/^HTTP\/1\.1 400 /);
    expect(rubbish).toContain('application/problem+json');
  });

  test('with a target in absolute form does not bring a second host', async () => {
    await using door = await aDoor();
    const raw = 'GET http://localhost/api/status HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n';
    expect(await sendRaw(door.door.port, raw)).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('with a body smuggled past its length is refused', async () => {
    await using door = await aDoor();
    const raw =
      'POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
    expect(await sendRaw(door.door.port, raw)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('a page of another site', () => {
  test.each(['http://evil.test', 'null', 'https://127.0.0.1:1', 'file://', 'http://127.0.0.1'])(
    'at %s cannot change anything',
    async (origin) => {
      await using door = await aDoor();
      const headers = { ...asJson(door.appliance.tokenFor('network manager')), origin };
      const answer = await ask(door.door.port, RULES, {
        method: 'POST',
        headers,
        body: JSON.stringify(RULE),
      });
      expect(answer.status).toBe(403);
      expect(door.appliance.calls).toEqual([]);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    },
  );

  test('is told apart from our own', async () => {
    await using door = await aDoor();
    const host = `gatehouse.home.arpa:${door.door.port}`;
    const headers = { ...asJson(door.appliance.tokenFor('network manager')), host, origin: `http://${host}` };
    const answer = await ask(door.door.port, RULES, { method: 'POST', headers, body: JSON.stringify(RULE) });
    expect(answer.status).toBe(200);
  });
});

describe('a fault of our own', () => {
  test('is a 500 without its insides, which are in the log', async () => {
    await using door = await aDoor();
    door.appliance.breakLists(new Error('SQLITE_CORRUPT at /var/lib/secret'));
    const headers = { cookie: `gatehouse=${door.appliance.tokenFor('technician')}` };
    const answer = await ask(door.door.port, '/api/lists', { headers });
    expect(answer.status).toBe(500);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.text).not.toMatch(/SQLITE|secret|\.ts/);
    expect(door.logged.join('')).toContain('SQLITE_CORRUPT');
  });
});

describe('the port', () => {
  test('that is taken is named in the error', async () => {
    await using door = await aDoor();
    const again = aDoor({ endpoint: { address: '127.0.0.1', port: door.door.port } });
    await expect(again).rejects.toThrow(PortUnusable);
    await expect(again).rejects.toThrow(`127.0.0.1:${door.door.port}: another program has that port`);
  });

  test('at an address that this machine does not have is named too', async () => {
    const far = aDoor({ endpoint: { address: '2001:db8::1', port: 8080 } });
    await expect(far).rejects.toThrow(/cannot listen on \[2001:db8::1\]:8080/);
  });
});

test('closing ends idle, half-sent and kept-alive connections', async () => {
  const door = await aDoor({ patience: { closingMs: 50 } });
  const idle = connect(door.door.port, '127.0.0.1');
  const halfSent = connect(door.door.port, '127.0.0.1');
  await Promise.all([once(idle, 'connect'), once(halfSent, 'connect')]);
  halfSent.write(
    'POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  );
  const kept = connect(door.door.port, '127.0.0.1');
  kept.write('GET /api/status HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(kept, 'data');
  const ended = Promise.all([idle, halfSent, kept].map((socket) => once(socket.resume(), 'close')));
  halfSent.on('error', () => halfSent.destroy());
  await Promise.all([door.door.close(), door.door.close()]);
  await ended;
});

test('no path, method and header of any text gets anything but an answer below 500', async () => {
  await using door = await aDoor();
  const text = fc.string({
    unit: fc.constantFrom(...'/.%2e\\?#&=;:{}<>"\'api blocked assets status\u00e9'),
    maxLength: 40,
  });
  const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE');
  await fc.assert(
    fc.asyncProperty(method, text, text, async (verb, path, host) => {
      const head = `${verb} /${encodeURI(path)} HTTP/1.1\r\nHost: ${host.replace(/[^ -~]/g, '')}\r\nCookie: gatehouse=${encodeURIComponent(path)}\r\nConnection: close\r\n\r\n`;
      const answer = await sendRaw(door.door.port, head);
      const status = Number(answer.slice(9, 12));
      // 503 is the page that says that the pages are not built.
      expect(status < 500 || status === 503, `${head} -> ${answer.slice(0, 80)}`).toBe(true);
    }),
    { numRuns: 150 },
  );
  expect(door.logged).toEqual([]);
});
