import { describe, expect, test } from 'vitest';
import { CheckLog, CheckRecord, CheckRun } from '#contract/checks.ts';
import { ChangeView, ListView, Problem, Session, SettingsView } from '#contract/http.ts';
import { Alert, IncidentCounts } from '#contract/incidents.ts';
import { LedgerHead } from '#contract/ledger.ts';
import { Status } from '#contract/status.ts';
import { Explanation } from '#contract/verdict.ts';
import { aDoor, asJson, ask, type TestDoor } from './a-door.ts';

const post = (door: TestDoor, path: string, body: unknown, token?: string) =>
  ask(door.door.port, path, { method: 'POST', headers: asJson(token), body: JSON.stringify(body) });
const put = (door: TestDoor, path: string, body: unknown, token?: string) =>
  ask(door.door.port, path, { method: 'PUT', headers: asJson(token), body: JSON.stringify(body) });
const get = (door: TestDoor, path: string, token?: string) =>
  ask(door.door.port, path, token ? { headers: { authorization: `Bearer ${token}` } } : {});
const problem = (answer: { text: string; headers: TestHeaders }) => {
  expect(answer.headers['content-type']).toBe('application/problem+json');
  return Problem.parse(JSON.parse(answer.text));
};
type TestHeaders = Readonly<Record<string, string | string[] | undefined>>;

const aClaim = (code: string) => ({
  code,
  provider: { name: 'Example Training' },
  people: [
    {
      name: 'Sam Example',
      email: 'Sam@Example.org',
      password: 'a long enough one',
      roles: ['network manager', 'dsl'],
    },
  ],
});

describe('claiming', () => {
  test('works once with the right code and is a 409 ever after', async () => {
    await using door = await aDoor({ claimed: false });
    expect(JSON.parse((await get(door, '/api/claim')).text)).toEqual({ claimed: false });
    const wrong = await post(door, '/api/claim', aClaim('WRONG-CODE'));
    expect(wrong.status).toBe(403);
    expect((await post(door, '/api/claim', aClaim('RIGHT-CODE'))).status).toBe(201);
    expect(JSON.parse((await get(door, '/api/claim')).text)).toEqual({ claimed: true });
    expect((await post(door, '/api/claim', aClaim('RIGHT-CODE'))).status).toBe(409);
    expect(door.appliance.calls).toEqual(['claim Example Training']);
  });

  test('passes on how long to wait after too many wrong codes', async () => {
    await using door = await aDoor({ claimed: false });
    const answer = await post(door, '/api/claim', aClaim('TOO-MANY-CODES'));
    expect(answer.status).toBe(429);
    expect(answer.headers['retry-after']).toBe('42');
  });
});

describe('a session', () => {
  test('is a cookie that scripts cannot read, and ends at sign-out', async () => {
    await using door = await aDoor();
    const signIn = { email: 'dsl@example.org', password: 'correct horse battery' };
    const answer = await post(door, '/api/session', signIn);
    expect(answer.status).toBe(201);
    expect(Session.parse(JSON.parse(answer.text)).person.roles).toEqual(['dsl']);
    const [cookie = ''] = answer.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^gatehouse=token-1; Path=\/; HttpOnly; SameSite=Strict$/);

    const headers = { cookie: `other=1; ${cookie.split(';')[0]}` };
    expect((await ask(door.door.port, '/api/session', { headers })).status).toBe(200);
    const out = await ask(door.door.port, '/api/session', { method: 'DELETE', headers });
    expect(out.status).toBe(204);
    expect(out.headers['set-cookie']?.[0]).toMatch(/^gatehouse=; Max-Age=0; Path=\//);
    expect((await ask(door.door.port, '/api/session', { headers })).status).toBe(401);
    expect((await ask(door.door.port, '/api/session', { method: 'DELETE' })).status).toBe(204);
  });

  test('is refused to a wrong password, and the address comes from the socket, not from a header', async () => {
    await using door = await aDoor();
    const answer = await ask(door.door.port, '/api/session', {
      method: 'POST',
      headers: { ...asJson(), 'x-forwarded-for': '192.0.2.99', forwarded: 'for=192.0.2.99' },
      body: JSON.stringify({ email: 'dsl@example.org', password: 'wrong' }),
    });
    expect(problem(answer).detail).toBe('Name or password are not right');
    expect(door.appliance.calls).toEqual(['signIn 127.0.0.1']);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test('may be a bearer token, and a broken one does not fall back to the cookie', async () => {
    await using door = await aDoor();
    const token = door.appliance.tokenFor('governor');
    expect((await get(door, '/api/session', token)).status).toBe(200);
    const headers = { authorization: 'Basic abc', cookie: `gatehouse=${token}` };
    expect((await ask(door.door.port, '/api/session', { headers })).status).toBe(401);
  });

  test('that is replaced by a new sign-in ends', async () => {
    await using door = await aDoor();
    const older = door.appliance.tokenFor('dsl');
    const signIn = { email: 'dsl@example.org', password: 'correct horse battery' };
    expect((await post(door, '/api/session', signIn, older)).status).toBe(201);
    expect(door.appliance.calls).toContain(`signOut ${older}`);
  });
});

describe('reading', () => {
  test('answers every shape of the contract', async () => {
    await using door = await aDoor();
    const token = door.appliance.tokenFor('network manager', 'dsl');
    const read = async (path: string) => JSON.parse((await get(door, path, token)).text);
    Status.parse(await read('/api/status'));
    SettingsView.parse(await read('/api/settings'));
    ListView.array()
      .min(1)
      .parse(await read('/api/lists'));
    CheckLog.parse(await read('/api/checks'));
    IncidentCounts.parse(await read('/api/incidents/counts'));
    LedgerHead.parse(await read('/api/ledger/head'));
    expect(Alert.array().parse(await read('/api/alerts?state=open'))).toHaveLength(2);
    expect(Alert.array().parse(await read('/api/alerts?state=incident'))).toHaveLength(0);
    const explained = Explanation.parse(await read('/api/explain?name=CASINO.test.&profile=learner'));
    expect([explained.name, explained.verdict.kind]).toEqual(['casino.test', 'blocked']);
  });

  test('of the API is never kept by a cache', async () => {
    await using door = await aDoor();
    for (const path of ['/api/status', '/api/settings', '/api/nothing']) {
      expect((await get(door, path)).headers['cache-control'], path).toBe('no-store');
    }
  });

  test.each([
    '/api/explain?name=&profile=learner',
    '/api/explain?name=example.org&profile=pupil',
    '/api/explain?name=example.org&profile=learner&at=yesterday',
    '/api/explain?name=a.test&name=b.test&profile=learner',
    '/api/explain',
    '/api/changes?limit=0',
    '/api/changes?limit=1e9',
    '/api/changes?limit=x',
    '/api/alerts?state=constructor',
  ])('refuses %s and names the field', async (path) => {
    await using door = await aDoor();
    const answer = await get(door, path, door.appliance.tokenFor('dsl'));
    expect(answer.status).toBe(400);
    expect(problem(answer).errors?.[0]?.path).toMatch(/^(name|profile|at|limit|state)$/);
  });
});

describe('changing the policy', () => {
  test('keeps and removes a rule, and the change log says so, newest first', async () => {
    await using door = await aDoor();
    const token = door.appliance.tokenFor('network manager');
    const rule = { action: 'allow', name: 'Library.Example.org.', why: 'course reading' };
    const kept = await post(door, '/api/profiles/learner/rules', rule, token);
    expect(SettingsView.parse(JSON.parse(kept.text)).settings.profiles.learner.allow).toEqual([
      { name: 'library.example.org', why: 'course reading' },
    ]);
    const removed = await post(door, '/api/profiles/learner/rules/remove', rule, token);
    expect(SettingsView.parse(JSON.parse(removed.text)).settings.profiles.learner.allow).toEqual([]);
    const log = ChangeView.array().parse(JSON.parse((await get(door, '/api/changes?limit=1', token)).text));
    expect(log.map((change) => change.what)).toEqual(['remove allow library.example.org']);
  });

  test('refuses to move the locked core in the appliance’s own words', async () => {
    await using door = await aDoor();
    const token = door.appliance.tokenFor('network manager');
    const change = { state: 'allowed', why: 'somebody asked' };
    const answer = await put(door, '/api/profiles/learner/categories/malware', change, token);
    expect([answer.status, problem(answer).detail]).toEqual([403, 'Malware is locked for learner']);
  });

  test('holds a profile to safe search and YouTube to a mode, and refuses what is neither', async () => {
    await using door = await aDoor();
    const token = door.appliance.tokenFor('network manager');
    const path = '/api/profiles/staff/safe-search';
    const change = { safeSearch: true, youtube: 'moderate', why: 'asked for by the DSL' };
    const changed = SettingsView.parse(JSON.parse((await put(door, path, change, token)).text));
    expect(changed.settings.profiles.staff).toMatchObject({ safeSearch: true, youtube: 'moderate' });
    for (const wrong of [{ youtube: 'loose' }, { safeSearch: 'yes' }, { why: '' }, { profile: 'learner' }]) {
      expect((await put(door, path, { ...change, ...wrong }, token)).status).toBe(422);
    }
    expect((await put(door, '/api/profiles/nobody/safe-search', change, token)).status).toBe(400);
    expect(door.appliance.calls).toEqual(['search staff true moderate']);
  });

  test('checks a section against the schema of that section', async () => {
    await using door = await aDoor();
    const token = door.appliance.tokenFor('network manager');
    const good = {
      value: [{ name: 'Guests', ranges: ['192.0.2.0/24'], profile: 'guest' }],
      why: 'new network',
    };
    expect((await put(door, '/api/settings/networks', good, token)).status).toBe(200);
    const bad = { value: [{ name: 'Guests', ranges: ['everywhere'], profile: 'guest' }], why: 'new network' };
    const answer = await put(door, '/api/settings/networks', bad, token);
    expect(answer.status).toBe(422);
    expect(problem(answer).errors?.[0]?.path).toBe('value.0.ranges.0');
    expect((await put(door, '/api/settings/upstreams', { why: 'no value' }, token)).status).toBe(422);
    expect((await put(door, '/api/settings/__proto__', good, token)).status).toBe(400);
    expect((await put(door, '/api/settings/people', good, token)).status).toBe(400);
    expect(door.appliance.calls).toEqual(['section networks']);
  });
});

describe('checks and alerts', () => {
  test('a run opens without a sign-in, and a person signs it', async () => {
    await using door = await aDoor();
    const opened = await ask(door.door.port, '/api/checks/runs', { method: 'POST' });
    expect(opened.status).toBe(201);
    const run = CheckRun.parse(JSON.parse(opened.text));
    expect(run.client).toBe('127.0.0.1');
    expect((await get(door, `/api/checks/runs/${run.id}`)).status).toBe(200);
    expect((await get(door, '/api/checks/runs/other')).status).toBe(404);
    const token = door.appliance.tokenFor('staff');
    const attestations = { blockPageShown: 'yes', wrongBlockReported: 'no', signOfBypass: 'no' };
    const signed = await post(door, '/api/checks', { run: run.id, attestations }, token);
    expect(signed.status).toBe(201);
    expect(CheckRecord.parse(JSON.parse(signed.text)).actions).toEqual([]);
  });

  test('too many runs from one address are a 429 that ends by itself', async () => {
    let now = 1_000_000;
    await using door = await aDoor({ nowMs: () => now });
    const open = () =>
      ask(door.door.port, '/api/checks/runs', {
        method: 'POST',
        headers: { 'x-forwarded-for': `192.0.2.${now % 99}` },
      });
    for (let run = 0; run < 20; run += 1) expect((await open()).status).toBe(201);
    const refused = await open();
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '600']);
    now += 600_000;
    expect((await open()).status).toBe(201);
  });

  test('an alert is decided on once', async () => {
    await using door = await aDoor();
    const token = door.appliance.tokenFor('dsl');
    const decision = { decision: 'incident', fourC: 'commerce', severity: 2, summary: 'seen with the tutor' };
    expect((await post(door, '/api/alerts/a1/triage', decision, token)).status).toBe(200);
    expect((await post(door, '/api/alerts/a1/triage', decision, token)).status).toBe(409);
    expect((await post(door, '/api/alerts/nothing/triage', decision, token)).status).toBe(404);
    const wrong = await post(door, '/api/alerts/a2/triage', { ...decision, severity: 9 }, token);
    expect([wrong.status, problem(wrong).errors?.[0]?.path]).toEqual([422, 'severity']);
  });
});
