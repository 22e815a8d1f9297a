import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckLog } from '#contract/checks.ts';
import type { Alert, IncidentCounts } from '#contract/incidents.ts';
import { borrowAddress, canBeDevice, startDevice } from '#support/chromium.ts';
import {
  busToken,
  dig,
  forget,
  gatehouse,
  type RunningGatehouse,
  startGatehouse,
} from '#support/gatehouse.ts';
import { DSL, gamblingList, MANAGER, ordinaryRecords, setupFile } from '#support/provider.ts';
import { hasUnbound, startUnbound, type Unbound } from '#support/unbound.ts';

const LEARNER = '127.0.0.1';
const STAFF = '127.128.0.1';
const RESOLVER = `127.0.0.${100 + (process.pid % 100)}`;
const SITE = '192.0.2.1';

describe.skipIf(!hasUnbound)('the main job, on real input', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-lists-'));
  const list = gamblingList(folder);
  const [casino = ''] = list.names;
  let upstream: Unbound;
  let box: RunningGatehouse;

  beforeAll(async () => {
    upstream = await startUnbound({ records: ordinaryRecords(SITE, [casino]) });
    box = await startGatehouse({
      setup: setupFile(list, upstream.url),
      alsoDns: canBeDevice ? [`${RESOLVER}:53`] : [],
    });
    await box.until((status) => status.index.names > 1000, 'the list in force');
  });

  afterAll(async () => {
    await box?.end('SIGKILL');
    await upstream?.stop();
    if (box) forget(box);
    rmSync(folder, { recursive: true, force: true });
  });

  test('a learner’s device that asks for a gambling site is sent to the block page, and told why', async () => {
    const answer = await dig(box.dnsPort, LEARNER, casino);
    expect(answer).toMatch(new RegExp(`^${casino}\\.\\s+10\\s+IN\\s+A\\s+127\\.0\\.0\\.1$`, 'm'));
    expect(answer).toContain('EDE: 15 (Blocked)');
    expect(answer).toContain('Gambling');
  });

  test('a name below it is blocked too, over TCP and over IPv6', async () => {
    expect(await dig(box.dnsPort, LEARNER, `www.${casino}`, '+tcp')).toContain('EDE: 15 (Blocked)');
    const overIpv6 = execFileSync('dig', ['@::1', '-p', String(box.dnsPort), casino, '+tries=1'], {
      encoding: 'utf8',
    });
    expect(overIpv6).toContain('EDE: 15 (Blocked)');
  });

  test('a member of staff gets the same name from the upstream, as the staff profile says', async () => {
    const answer = await dig(box.dnsPort, STAFF, casino);
    expect(answer).toMatch(
      new RegExp(`^${casino}\\.\\s+\\d+\\s+IN\\s+A\\s+${SITE.replaceAll('.', '\\.')}$`, 'm'),
    );
    expect(answer).not.toContain('EDE');
  });

  test('an ordinary name is answered from the upstream for everybody', async () => {
    for (const source of [LEARNER, STAFF]) {
      expect(await dig(box.dnsPort, source, 'www.example.org', '+short')).toBe(`${SITE}\n`);
    }
  });

  test('the lamps say so to a real MQTT client: FILTER and INTERNET are green', async () => {
    const lamps = await watchLamps(box);
    await lamps.until((shown) => shown['filter'] === 'green steady' && shown['internet'] === 'green steady');
    await lamps.close();
  });

  test('without its upstream INTERNET turns red while blocking goes on, and it recovers by itself', async () => {
    const lamps = await watchLamps(box);
    await upstream.stop();
    await lamps.until((shown) => shown['internet'] === 'red fault');
    expect(await dig(box.dnsPort, LEARNER, casino)).toContain('EDE: 15 (Blocked)');
    upstream = await startUnbound({ records: ordinaryRecords(SITE, [casino]), port: upstream.port });
    await lamps.until((shown) => shown['internet'] === 'green steady');
    await lamps.close();
  }, 90_000);

  test('the command line explains the block in a sentence', async () => {
    const { stdout } = await gatehouse(['explain', casino, '--profile', 'learner'], box.env);
    expect(stdout).toContain('Gambling'.toLowerCase());
    expect(stdout).toContain('UT1 gambling');
    const staff = await gatehouse(['explain', casino, '--profile', 'staff'], box.env);
    expect(staff.stdout).toContain('allowed');
  });

  test('the terminal of the box may neither sign a check nor read alerts', async () => {
    const token = readFileSync(join(box.folder, 'data', 'run', 'console.token'), 'utf8').trim();
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const attestations = { blockPageShown: 'yes', wrongBlockReported: 'no', signOfBypass: 'no' };
    const opened = await fetch(`${box.http}/api/checks/runs`, { method: 'POST' });
    const { id } = (await opened.json()) as { id: string };
    const body = JSON.stringify({ run: id, attestations });
    const signed = await fetch(`${box.http}/api/checks`, { method: 'POST', headers, body });
    expect(signed.status).toBe(403);
    expect((await fetch(`${box.http}/api/alerts`, { headers })).status).toBe(403);
  });

  describe.skipIf(!canBeDevice)(
    'on a learner’s device with a browser (needs root for its own resolver)',
    () => {
      let device: Awaited<ReturnType<typeof startDevice>>;
      let giveBack: () => void;
      let page: Page;

      beforeAll(async () => {
        giveBack = borrowAddress(SITE);
        device = await startDevice(RESOLVER);
        page = await device.browser.newPage();
      });

      afterAll(async () => {
        await device?.stop();
        giveBack?.();
      });

      test('office staff run the weekly check and the network manager signs it', async () => {
        await page.goto(`${box.http}/check`);
        await page.getByRole('button', { name: 'Start the check' }).click();
        await page.getByText('Everything was as the policy says.').waitFor({ timeout: 60_000 });
        await signCheck(page);
        await page.getByText('The check is signed').waitFor();
      }, 90_000);

      test('the DSL sees it in the check log, done this week', async () => {
        await signIn(page, box, DSL);
        const log = (await api(page, '/api/checks')) as CheckLog;
        const [week] = log.weeks;
        expect(week?.state).toBe('done');
        expect(week?.checks[0]?.by.name).toBe(MANAGER.name);
        expect(week?.checks[0]?.findings.nonceSeen).toBe(true);
        expect(
          week?.checks[0]?.findings.probes.some((probe) => probe.category === 'gambling' && probe.pass),
        ).toBe(true);
        await page.goto(`${box.http}/checks`);
        await page.getByText(MANAGER.name).first().waitFor();
      });

      test('the check’s own questions raise no alert', async () => {
        const alerts = (await api(page, '/api/alerts')) as Alert[];
        expect(alerts.map((alert) => alert.category)).not.toContain('pornography');
      });

      test('the DSL turns repeated attempts into an incident, and the counts show it', async () => {
        for (const name of list.names.slice(1, 8)) await dig(box.dnsPort, LEARNER, name);
        await page.goto(box.http);
        await page
          .getByRole('button', { name: /^Decide about Gambling/ })
          .first()
          .click({ timeout: 30_000 });
        await page.getByRole('radio', { name: 'An incident' }).check();
        await page.getByLabel('Kind of risk').selectOption({ label: 'Commerce' });
        await page.getByLabel('Severity').selectOption({ index: 2 });
        await page.getByLabel('Summary').fill('Repeated attempts during a lesson');
        await page.getByRole('button', { name: 'Record the decision' }).click();
        await page.getByRole('dialog').waitFor({ state: 'hidden' });
        const counts = (await api(page, '/api/incidents/counts')) as IncidentCounts;
        expect(counts.weeks[0]?.incidents.commerce).toBe(1);
      }, 60_000);

      test('a blocked site’s name in the browser shows the block page', async () => {
        const { port } = new URL(box.http);
        const answer = await page.goto(`http://${casino}:${port}/`);
        expect(answer?.status()).toBe(403);
        await page.getByText('Gambling').first().waitFor();
      });
    },
  );

  test('after kill -9 everything is still there, and it filters again', async () => {
    const before = await everything(box);
    await box.end('SIGKILL');
    box = await startGatehouse({ folder: box.folder, setup: { not: 'looked at, for the box is claimed' } });
    expect(await everything(box)).toEqual(before);
    expect(await dig(box.dnsPort, LEARNER, casino)).toContain('EDE: 15 (Blocked)');
    const status = await box.status();
    expect(status.index.names).toBeGreaterThan(1000);
  }, 60_000);

  test('SIGTERM ends it with 0, and the ledger verifies; one octet changed and it does not', async () => {
    expect(await box.end('SIGTERM')).toBe(0);
    const data = join(box.folder, 'data');
    const good = await gatehouse(['verify', data], box.env);
    expect(good.stdout).toContain('The ledger is whole');
    expect(good.code).toBe(0);
    const copy = join(box.folder, 'copy.db');
    cpSync(join(data, 'ledger.db'), copy);
    const octets = readFileSync(copy);
    const at = octets.lastIndexOf('"set-up file"');
    expect(at).toBeGreaterThan(0);
    octets[at + 1] = (octets[at + 1] as number) ^ 1;
    writeFileSync(copy, octets);
    const bad = await gatehouse(['verify', copy], box.env);
    expect(bad.code).toBe(1);
    expect(bad.stderr).toMatch(/NOT whole\. Entry \d+/);
  });
});

interface Lamps {
  until(wanted: (shown: Record<string, string>) => boolean): Promise<void>;
  close(): Promise<void>;
}

async function watchLamps(box: RunningGatehouse): Promise<Lamps> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${box.mqttPort}`, {
    clientId: `local-journey-${process.pid}`,
    username: 'local',
    password: busToken(box),
  });
  const shown: Record<string, string> = {};
  const listeners = new Set<() => void>();
  client.on('message', (topic, payload) => {
    const { colour, rhythm } = JSON.parse(payload.toString()) as { colour: string; rhythm: string };
    shown[topic.split('/').at(-1) ?? ''] = `${colour} ${rhythm}`;
    for (const listener of listeners) listener();
  });
  await client.subscribeAsync('gatehouse/5/+/lamp/+', { qos: 1 });
  return {
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`lamps: ${JSON.stringify(shown)}`)), 40_000);
        const look = () => {
          if (!wanted(shown)) return;
          clearTimeout(late);
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
      }),
    close: () => client.endAsync(),
  };
}

async function signIn(page: Page, box: RunningGatehouse, person: typeof DSL | typeof MANAGER): Promise<void> {
  await page.goto(box.http);
  const out = page.getByRole('button', { name: 'Sign out' });
  await out.or(page.getByLabel('Email')).first().waitFor();
  if (await out.isVisible()) await out.click();
  await page.getByLabel('Email').fill(person.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Today' }).waitFor();
}

async function signCheck(page: Page): Promise<void> {
  const answers = { 'Did the block page': 'Yes', 'Has anyone reported': 'No', 'Is there any sign': 'No' };
  for (const [question, answer] of Object.entries(answers)) {
    const group = page.getByRole('radiogroup', { name: question });
    await group.getByRole('radio', { name: answer, exact: true }).check();
  }
  await page.getByLabel('Email').fill(MANAGER.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(MANAGER.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign the check' }).click();
}

function api(page: Page, path: string): Promise<unknown> {
  return page.evaluate(async (from) => (await fetch(from)).json(), path);
}

/** All that people put in, as the API gives it back. */
async function everything(box: RunningGatehouse): Promise<unknown> {
  const token = readFileSync(join(box.folder, 'data', 'run', 'console.token'), 'utf8').trim();
  const get = async (path: string) => {
    const response = await fetch(`${box.http}${path}`, { headers: { authorization: `Bearer ${token}` } });
    expect(response.status, path).toBe(200);
    return response.json();
  };
  return {
    settings: await get('/api/settings'),
    checks: await get('/api/checks'),
    changes: await get('/api/changes'),
  };
}
