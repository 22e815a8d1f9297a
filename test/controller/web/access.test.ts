import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Problem } from '#contract/http.ts';
import { may, ROLES, type RoleId } from '#contract/roles.ts';
import { ACCESS, type Access, findRow, type RouteKey } from '#web/access.ts';
import { aDoor, asJson, ask, type TestDoor } from './a-door.ts';

let door: TestDoor;
beforeAll(async () => {
  door = await aDoor();
});
afterAll(() => door[Symbol.asyncDispose]());

interface Operation {
  readonly security: readonly unknown[];
  readonly responses: Readonly<Record<string, { content?: Readonly<Record<string, { schema: unknown }>> }>>;
  readonly requestBody?: unknown;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

async function described(): Promise<(readonly [string, Operation])[]> {
  const document = (await (await fetch(`${door.url}/api/openapi.json`)).json()) as Document;
  expect(document.openapi).toMatch(/^3\.1/);
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
    ),
  );
}

/** Bodies that each route takes, so that a person with the right gets past the door's own checks. */
const BODIES: Partial<Record<RouteKey, unknown>> = {
  'PUT /api/settings/{section}': { value: ['udp://192.0.2.53:53'], why: 'a test' },
  'POST /api/profiles/{profile}/rules': { action: 'allow', name: 'example.org', why: 'a test' },
  'POST /api/profiles/{profile}/rules/remove': { action: 'allow', name: 'example.org', why: 'a test' },
  'PUT /api/profiles/{profile}/categories/{category}': { state: 'allowed', why: 'a test' },
  'PUT /api/profiles/{profile}/safe-search': { safeSearch: true, youtube: 'off', why: 'a test' },
  'POST /api/checks': {
    run: 'run1',
    attestations: { blockPageShown: 'yes', wrongBlockReported: 'no', signOfBypass: 'no' },
  },
  'POST /api/alerts/{alert}/triage': { decision: 'false-positive', why: 'a test' },
};
const WITH_BODY = new Set([...Object.keys(BODIES), 'POST /api/claim', 'POST /api/session']);
const VALUES: Readonly<Record<string, string>> = {
  section: 'upstreams',
  profile: 'staff',
  category: 'games',
  alert: 'a1',
  run: 'run1',
};
const QUERIES: Partial<Record<RouteKey, string>> = {
  'GET /api/explain': '?name=example.org&profile=learner',
};

async function call(key: RouteKey, token: string | undefined) {
  const [method = '', path = ''] = key.split(' ');
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => VALUES[name] ?? name);
  const body = BODIES[key];
  return ask(door.door.port, `${filled}${QUERIES[key] ?? ''}`, {
    method,
    headers: body ? asJson(token) : token ? { cookie: `gatehouse=${token}` } : {},
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

const guarded = (Object.entries(ACCESS) as [RouteKey, Access][]).filter(([, needs]) => needs !== 'open');

describe('the OpenAPI document', () => {
  test('holds every row of the access table and nothing else', async () => {
    expect((await described()).map(([key]) => key).toSorted()).toEqual(Object.keys(ACCESS).toSorted());
  });

  test('says of every route whether it needs a session, and what it takes', async () => {
    for (const [key, operation] of await described()) {
      expect(operation.security.length === 0, key).toBe(ACCESS[key as RouteKey] === 'open');
      expect(operation.requestBody !== undefined, key).toBe(WITH_BODY.has(key));
    }
  });

  test('says of every route what one good answer is, and that every other answer is a problem', async () => {
    for (const [key, operation] of await described()) {
      const answers = Object.entries(operation.responses);
      const [good, ...others] = answers.filter(([status]) => status.startsWith('2'));
      expect(others, key).toEqual([]);
      expect(good?.[0] === '204' || good?.[1].content?.['application/json']?.schema, key).toBeTruthy();
      for (const [, answer] of answers.filter((one) => one !== good)) {
        expect(Object.keys(answer.content ?? {}), key).toEqual(['application/problem+json']);
      }
    }
  });
});

describe('every role at every route that is not open', () => {
  const rows = guarded.flatMap(([key, needs]) => ROLES.map((role) => [role, key, needs] as const));

  test.each(rows)('%s calls %s, which needs "%s"', async (role: RoleId, key, needs) => {
    await ask(door.door.port, '/api/checks/runs', { method: 'POST' });
    const answer = await call(key, door.appliance.tokenFor(role));
    const allowed = needs === 'signed in' || may([role], needs as Exclude<Access, 'open' | 'signed in'>);
    expect(answer.status).not.toBe(401);
    if (!allowed) expect(answer.status).toBe(403);
    else expect([200, 201, 409]).toContain(answer.status);
  });

  test.each(guarded)('nobody gets past %s without a session', async (key) => {
    const answer = await call(key, undefined);
    expect(answer.status).toBe(401);
    expect(Problem.parse(JSON.parse(answer.text)).status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
  });

  test.each(guarded)('a made-up session is no session at %s', async (key) => {
    expect((await call(key, 'made-up')).status).toBe(401);
  });
});

describe('what has no row', () => {
  test.each([
    '/api',
    '/api/',
    '/api/settings/x/y',
    '/api/people',
    '/api/status/',
    '/api//status',
    '/api/__proto__',
  ])('is not served: %s', async (path) => {
    const answer = await ask(door.door.port, path, {
      headers: { cookie: `gatehouse=${door.appliance.tokenFor(...ROLES)}` },
    });
    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  test('is a 405 that names the methods when the path has others', async () => {
    const answer = await ask(door.door.port, '/api/claim', { method: 'DELETE' });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET, POST');
  });

  test('is never found by a pattern that swallows a slash', () => {
    expect(findRow('GET', '/api/checks/runs/a/b')).toEqual({ methods: [] });
    expect(findRow('GET', '/apiXopenapi.json')).toEqual({ methods: [] });
  });
});
