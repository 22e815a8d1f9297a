import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangeView } from '#contract/http.ts';
import { hasChromium, startChromium } from '#support/chromium.ts';
import { dig, forget, gatehouse, type RunningGatehouse, startGatehouse } from '#support/gatehouse.ts';
import { gamblingList, MANAGER, ordinaryRecords, setupFile } from '#support/provider.ts';
import { hasUnbound, startUnbound, type Unbound } from '#support/unbound.ts';

const LEARNER = '127.0.0.1';
const STAFF = '127.128.0.1';
const PLAIN = '192.0.2.66';
const SAFE = '192.0.2.7';
const SAFE_V6 = '2001:db8::7';
const GOOGLE = 'forcesafesearch.google.com';
const ADMIN = { 'content-type': 'application/json' };

describe.skipIf(!hasUnbound)('safe search', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-lists-'));
  let upstream: Unbound;
  let box: RunningGatehouse;

  beforeAll(async () => {
    const plain = ['www.google.com', 'www.google.co.uk', 'www.youtube.com', 'search.yahoo.com'];
    const safe = [GOOGLE, 'restrict.youtube.com', 'restrictmoderate.youtube.com'];
    upstream = await startUnbound({
      records: [
        ...ordinaryRecords(PLAIN, plain),
        ...safe.map((name) => `${name}. 300 IN A ${SAFE}`),
        `${GOOGLE}. 300 IN AAAA ${SAFE_V6}`,
      ],
    });
    box = await startGatehouse({ setup: setupFile(gamblingList(folder), upstream.url) });
    await box.until((status) => status.index.names > 1000, 'the list in force');
  });

  afterAll(async () => {
    await box?.end('SIGKILL');
    await upstream?.stop();
    if (box) forget(box);
    rmSync(folder, { recursive: true, force: true });
  });

  const asks = (from: string, ...question: string[]) => dig(box.dnsPort, from, ...question);

  /** Changes as the network manager would in the page. */
  async function change(path: string, value: unknown): Promise<number> {
    const { email, password } = MANAGER;
    const body = JSON.stringify({ email, password });
    const signedIn = await fetch(`${box.http}/api/session`, { method: 'POST', headers: ADMIN, body });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const headers = { ...ADMIN, cookie };
    return (await fetch(`${box.http}${path}`, { method: 'PUT', headers, body: JSON.stringify(value) }))
      .status;
  }

  test('a learner’s search is led to safe search by name, over UDP and TCP, for both families', async () => {
    for (const transport of ['+notcp', '+tcp']) {
      const answer = await asks(LEARNER, 'WWW.google.co.UK', transport);
      expect(answer).toMatch(/^WWW\.google\.co\.UK\.\s+10\s+IN\s+CNAME\s+forcesafesearch\.google\.com\.$/m);
      expect(answer).toMatch(/^forcesafesearch\.google\.com\.\s+\d+\s+IN\s+A\s+192\.0\.2\.7$/m);
      expect(answer).toContain('EDE: 4 (Forged');
    }
    expect(await asks(LEARNER, 'www.google.com', 'AAAA', '+short')).toBe(`${GOOGLE}.\n${SAFE_V6}\n`);
    expect(await asks(LEARNER, 'www.google.com', 'HTTPS', '+short')).toBe('');
  });

  test('staff get the same names as they are, before and after', async () => {
    for (const name of ['www.google.com', 'www.youtube.com', 'search.yahoo.com']) {
      expect(await asks(STAFF, name, '+short')).toBe(`${PLAIN}\n`);
      expect(await asks(LEARNER, name, '+short')).not.toContain(PLAIN);
      expect(await asks(STAFF, name, '+short')).toBe(`${PLAIN}\n`);
    }
  });

  test('YouTube is strict for learners, and an engine without safe search is blocked', async () => {
    expect(await asks(LEARNER, 'www.youtube.com', '+short')).toBe(`restrict.youtube.com.\n${SAFE}\n`);
    expect(await asks(LEARNER, 'search.yahoo.com')).toContain('EDE: 15 (Blocked)');
  });

  test('the command line says so in plain words', async () => {
    const said = await gatehouse(['explain', 'www.google.com', '--profile', 'learner'], box.env);
    expect(said.stdout).toContain('with safe search');
    expect(said.stdout).toContain(GOOGLE);
    const yahoo = await gatehouse(['explain', 'search.yahoo.com', '--profile', 'guest'], box.env);
    expect(yahoo.stdout).toContain('Blocked for guests: safe search is on');
    const staff = await gatehouse(['explain', 'www.google.com', '--profile', 'staff'], box.env);
    expect(staff.stdout).toContain('no list and no rule blocks it');
  });

  test('a change by the network manager is in force at once, and kept with who and why', async () => {
    const why = 'asked for by the DSL';
    const path = '/api/profiles/staff/safe-search';
    expect(await change(path, { safeSearch: true, youtube: 'moderate', why })).toBe(200);
    expect(await change(path, { safeSearch: true, youtube: 'moderate', why })).toBe(409);
    await expect
      .poll(() => asks(STAFF, 'www.youtube.com', '+short'))
      .toBe(`restrictmoderate.youtube.com.\n${SAFE}\n`);
    expect(await asks(STAFF, 'www.google.com', '+short')).toBe(`${GOOGLE}.\n${SAFE}\n`);
    const token = readFileSync(join(box.folder, 'data', 'run', 'console.token'), 'utf8').trim();
    const answer = await fetch(`${box.http}/api/changes?limit=2`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect((await answer.json()) as ChangeView[]).toMatchObject([
      { what: 'profiles.staff.youtube', by: MANAGER.name, why, before: 'off', after: 'moderate' },
      { what: 'profiles.staff.safeSearch', by: MANAGER.name, why, before: false, after: true },
    ]);
  });

  test.skipIf(!hasChromium)(
    'in the page, the network manager lifts it for learners by two choices',
    async () => {
      const browser = await startChromium();
      const page = await browser.newPage();
      await page.goto(box.http);
      await page.getByLabel('Email').fill(MANAGER.email);
      await page.getByRole('textbox', { name: 'Password' }).fill(MANAGER.password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Today' }).waitFor();
      await page.goto(`${box.http}/names`);
      for (const [label, choice] of [
        ['YouTube for Learners', 'Not restricted'],
        ['Safe search for Learners', 'Off'],
      ] as const) {
        await page.getByLabel(label).selectOption({ label: choice });
        await page.getByRole('dialog').getByRole('textbox').fill('a course on search engines');
        await page.getByRole('dialog').getByRole('button', { name: 'Change' }).click();
        await page.getByRole('dialog').waitFor({ state: 'hidden' });
      }
      await browser.close();
      for (const name of ['www.youtube.com', 'www.google.com']) {
        await expect.poll(() => asks(LEARNER, name, '+short')).toBe(`${PLAIN}\n`);
      }
      const back = { safeSearch: true, youtube: 'strict', why: 'the course is over' };
      expect(await change('/api/profiles/learner/safe-search', back)).toBe(200);
      await expect.poll(() => asks(LEARNER, 'www.google.com', '+short')).toBe(`${GOOGLE}.\n${SAFE}\n`);
    },
    60_000,
  );

  test('without its upstream a search fails, and is never answered as it is', async () => {
    await upstream.stop();
    const answer = await asks(LEARNER, 'www.google.de', 'AAAA');
    expect(answer).not.toContain(PLAIN);
    expect(await asks(LEARNER, 'www.bing.com')).toContain('status: SERVFAIL');
  });
});
