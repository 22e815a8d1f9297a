import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangeView } from '#contract/http.ts';
import { hasChromium, startChromium } from '#support/chromium.ts';
import { dig, forget, ledgerBodies, type RunningGatehouse, startGatehouse } from '#support/gatehouse.ts';
import { axeFindings, overhang, signInByApi, signInOnPage, watchPage } from '#support/pages.ts';
import { DSL, MANAGER, ordinaryRecords, setupFile, TECHNICIAN } from '#support/provider.ts';
import { hasUnbound, startUnbound, type Unbound } from '#support/unbound.ts';

const LEARNER = '127.0.0.1';
const STAFF = '127.128.0.1';
const SITE = '192.0.2.1';
const CASINO = 'casino.test';
const SOCIAL = 'friends.test';
const LOCKED = 'adult.test';
const HOLD_MS = 3300;

describe.skipIf(!hasUnbound || !hasChromium)('the pages, on a box that filters', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-pages-'));
  let upstream: Unbound;
  let box: RunningGatehouse;
  let browser: Browser;

  beforeAll(async () => {
    upstream = await startUnbound({ records: ordinaryRecords(SITE, [CASINO, SOCIAL, LOCKED]) });
    box = await startGatehouse({ setup: setup() });
    await box.until(({ index }) => index.lists >= 3, 'the lists in force');
    browser = await startChromium([`--host-resolver-rules=MAP *.test 127.0.0.1`]);
  });

  afterAll(async () => {
    await browser?.close();
    await box?.end('SIGKILL');
    await upstream?.stop();
    if (box) forget(box);
    rmSync(folder, { recursive: true, force: true });
  });

  function setup() {
    const list = (name: string, category: string, entry: string) => {
      const path = join(folder, `${category}.txt`);
      writeFileSync(path, `${entry}\n`);
      return { name, category, source: `file:${path}`, format: 'domains' };
    };
    return {
      ...setupFile({ path: '', names: [] }, upstream.url),
      people: [MANAGER, DSL, TECHNICIAN],
      lists: [
        list('Example gambling', 'gambling', CASINO),
        list('Example social networks', 'social', SOCIAL),
        list('Example adult sites', 'pornography', LOCKED),
      ],
    };
  }

  /** Asks until `source` gets the upstream's own address for `name`, or until it is blocked. */
  async function untilAsked(source: string, name: string, wanted: 'resolves' | 'blocked'): Promise<void> {
    const is = wanted === 'resolves' ? `\tA\t${SITE}\n` : 'EDE: 15 (Blocked)';
    await expect.poll(() => dig(box.dnsPort, source, name), { timeout: 5000, interval: 50 }).toContain(is);
  }

  const whyDialog = async (page: Page, button: string, reason: string) => {
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Why?').fill(reason);
    await dialog.getByRole('button', { name: button }).click();
    await dialog.waitFor({ state: 'hidden' });
  };

  describe('the network manager decides about a name', () => {
    let page: Page;
    const rule = () => page.getByRole('button', { name: new RegExp(`^Remove ${CASINO} from`) });

    beforeAll(async () => {
      page = await browser.newPage();
      await signInOnPage(page, box, MANAGER);
      await page.getByRole('link', { name: 'Names' }).click();
    });
    afterAll(() => page.context().close());

    test('asks why a gambling name is blocked, and reads the sentence', async () => {
      await page.getByLabel('Name', { exact: true }).fill(`https://www.${CASINO}/play?now`);
      await page.getByRole('button', { name: 'Why?' }).click();
      const answer = page.getByText(`www.${CASINO} is blocked for Learners`);
      await answer.waitFor();
      await page
        .getByText(/Example gambling.*Gambling|Gambling.*Example gambling/i)
        .first()
        .waitFor();
    });

    test('allows it for learners with a reason, and a device gets the upstream’s answer at once', async () => {
      await untilAsked(LEARNER, CASINO, 'blocked');
      await page.getByLabel('Name', { exact: true }).fill(CASINO);
      await page.getByRole('button', { name: 'Why?' }).click();
      await page.getByText(`${CASINO} is blocked for Learners`).waitFor();
      await page.getByRole('button', { name: 'Allow for Learners' }).click();
      await whyDialog(page, 'Allow', 'A lesson about the odds');
      await untilAsked(LEARNER, CASINO, 'resolves');
      await page.getByText(`${CASINO} is allowed for Learners`).waitFor();
    });

    test('the change is in Recent changes with the person’s name and the reason', async () => {
      const changes = page.getByRole('region', { name: 'Recent changes' });
      const first = changes.getByRole('listitem').first();
      await first.getByText('A lesson about the odds').waitFor();
      await first.getByText(MANAGER.name).waitFor();
      const { ask } = await signInByApi(box, DSL);
      const [change] = (await ask('GET', '/api/changes')).body as ChangeView[];
      expect(change).toMatchObject({ by: MANAGER.name, why: 'A lesson about the odds' });
    });

    test('removes the rule again, and it is blocked', async () => {
      await rule().click();
      await whyDialog(page, 'Remove', 'The lesson is over');
      await untilAsked(LEARNER, CASINO, 'blocked');
      await rule().waitFor({ state: 'detached' });
    });

    test('a reason that is too short is asked for again, and nothing is changed', async () => {
      await page.getByRole('button', { name: 'Allow for Learners' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Why?').fill('   x  ');
      await dialog.getByRole('button', { name: 'Allow' }).click();
      await dialog.getByText('say why, in a few words').first().waitFor();
      expect(await dialog.getByLabel('Why?').inputValue()).toBe('   x  ');
      expect(await axeFindings(page)).toEqual([]);
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await untilAsked(LEARNER, CASINO, 'blocked');
    });

    test('a category changed in the table takes effect', async () => {
      await untilAsked(STAFF, CASINO, 'resolves');
      await page.getByRole('button', { name: 'Gambling for Staff: Allowed. Change' }).click();
      await whyDialog(page, 'Block', 'Asked for by the governors');
      await page.getByRole('button', { name: 'Gambling for Staff: Blocked. Change' }).waitFor();
      await untilAsked(STAFF, CASINO, 'blocked');
    });

    test('a locked category offers no change', async () => {
      const row = page.getByRole('row', { name: 'Pornography' });
      expect(await row.getByText('Locked', { exact: true }).count()).toBe(2);
      expect(await row.getByRole('button').count()).toBe(1);
      await row.getByRole('button', { name: 'Pornography for Staff' }).waitFor();
      const { ask } = await signInByApi(box, MANAGER);
      const change = { state: 'allowed', why: 'somebody tries' };
      const answer = await ask('PUT', '/api/profiles/learner/categories/pornography', change);
      expect(answer.status).toBe(409);
      await untilAsked(LEARNER, LOCKED, 'blocked');
    });
  });

  describe('the technician at the picture of the panel', () => {
    let page: Page;
    const lamp = () => page.getByRole('listitem').filter({ hasText: 'OVERRIDE' });

    beforeAll(async () => {
      page = await browser.newPage();
      await signInOnPage(page, box, TECHNICIAN);
    });
    afterAll(() => page.context().close());

    async function press(heldMs: number): Promise<void> {
      const button = page.getByRole('button', { name: 'Panel button' });
      await button.hover();
      await page.mouse.down();
      await page.waitForTimeout(heldMs);
      await page.mouse.up();
      // The panel takes a press that comes sooner for the same finger.
      await page.waitForTimeout(400);
    }
    const presses = () => ledgerBodies(box, 'button.pressed');

    test('it is live, over MQTT', async () => {
      await page.getByText('Live', { exact: true }).waitFor();
      await lamp().getByText('Dark').waitFor();
    });

    test('a hold lifts nothing when the provider did not allow it, and is recorded as refused', async () => {
      await press(HOLD_MS);
      await expect.poll(presses, { timeout: 5000 }).toHaveLength(1);
      expect(presses()[0]).toMatchObject({ gesture: 'hold', did: 'refused', why: expect.any(String) });
      expect(ledgerBodies(box, 'override.started')).toEqual([]);
      expect((await box.status()).lamps.override.colour).toBe('dark');
      await untilAsked(LEARNER, SOCIAL, 'blocked');
    });

    test('once it is allowed, a hold turns OVERRIDE amber and lifts what it may', async () => {
      const { ask } = await signInByApi(box, MANAGER);
      const value = {
        unplanned: true,
        minutes: 15,
        categories: ['social', 'pornography'],
        profile: 'learner',
      };
      const why = 'Agreed with the DSL';
      expect((await ask('PUT', '/api/settings/override', { value, why })).status).toBe(200);
      await press(HOLD_MS);
      await lamp()
        .getByText(/^Amber/)
        .waitFor();
      expect((await box.status()).lamps.override.colour).toBe('amber');
      await untilAsked(LEARNER, SOCIAL, 'resolves');
    });

    test('what is locked stays blocked meanwhile, whatever the settings say', async () => {
      await untilAsked(LEARNER, LOCKED, 'blocked');
      const [started] = ledgerBodies(box, 'override.started');
      expect(started).toMatchObject({ override: { categories: ['social'], profiles: ['learner'] } });
    });

    test('a short press ends it, and the name is blocked again', async () => {
      await press(200);
      await lamp().getByText('Dark').waitFor();
      await untilAsked(LEARNER, SOCIAL, 'blocked');
      expect(presses().map(({ did }) => did)).toEqual(['refused', 'start-override', 'end-override']);
    });

    test('signing out closes the live connection, and the API says 401', async () => {
      const [session] = await page.context().cookies();
      const cookie = `${session?.name}=${session?.value}`;
      const live = await mqtt.connectAsync(`${box.http.replace('http', 'ws')}/mqtt`, {
        clientId: `ui-journey-${process.pid}`,
        reconnectPeriod: 0,
        wsOptions: { headers: { cookie, origin: box.http } },
      });
      const closed = new Promise<true>((resolve) => live.once('close', () => resolve(true)));
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      expect(await closed).toBe(true);
      const answer = await fetch(`${box.http}/api/settings`, { headers: { cookie } });
      expect(answer.status).toBe(401);
    });
  });

  test('the DSL reads the policy and cannot change it: no buttons, and 403 from the API', async () => {
    const page = await browser.newPage();
    await signInOnPage(page, box, DSL);
    await page.getByRole('link', { name: 'Names' }).click();
    await page.getByLabel('Name', { exact: true }).fill(CASINO);
    await page.getByRole('button', { name: 'Why?' }).click();
    await page.getByText(`${CASINO} is blocked for Learners`).waitFor();
    await page.getByRole('row', { name: 'Gambling' }).first().waitFor();
    expect(await page.getByRole('button', { name: /^(Allow|Block) for/ }).count()).toBe(0);
    expect(await page.getByRole('region', { name: 'Categories' }).getByRole('button').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Refresh the lists' }).count()).toBe(0);
    const { ask } = await signInByApi(box, DSL);
    const why = 'I would like to';
    const rule = await ask('POST', '/api/profiles/learner/rules', { action: 'allow', name: CASINO, why });
    expect(rule).toMatchObject({ status: 403, body: { detail: expect.stringContaining('change settings') } });
    expect((await ask('PUT', '/api/settings/upstreams', { value: [upstream.url], why })).status).toBe(403);
    await page.context().close();
  });

  describe('every page, in light and dark, on a desk and on a phone', () => {
    const PAGES: readonly (readonly [string, typeof DSL | typeof MANAGER | undefined, string, string])[] = [
      ['sign-in', undefined, '/', 'Sign in'],
      ['today', DSL, '/', 'Today'],
      ['checks', DSL, '/checks', 'Checks'],
      ['names', MANAGER, '/names', 'Names'],
      ['check', undefined, '/check', 'Check this device'],
    ];

    test.each(PAGES)(
      '%s: axe finds nothing, and it does what a page may do',
      async (_name, who, path, title) => {
        const page = await browser.newPage();
        const watch = watchPage(page, box.http);
        if (who) await signInOnPage(page, box, who);
        await page.goto(`${box.http}${path}`);
        await page.getByRole('heading', { name: title, level: 1 }).waitFor();
        await page.waitForLoadState('networkidle');
        await looksAt(page);
        expect(watch.troubles).toEqual([]);
        await page.context().close();
      },
    );

    test('the block page of a blocked name, by its own address', async () => {
      const page = await browser.newPage();
      const address = `http://${CASINO}:${new URL(box.http).port}`;
      const watch = watchPage(page, address);
      const answer = await page.goto(`${address}/play`);
      expect(answer?.status()).toBe(403);
      await page.getByRole('heading', { name: CASINO, level: 1 }).waitFor();
      await page.getByText('Gambling').first().waitFor();
      await looksAt(page);
      // The browser reports the 403 of the page itself.
      expect(watch.troubles.filter((trouble) => !trouble.includes('403'))).toEqual([]);
      await page.context().close();
    });

    async function looksAt(page: Page): Promise<void> {
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 844 });
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          const found = { width, colorScheme, axe: await axeFindings(page), overhang: await overhang(page) };
          expect(found).toEqual({ width, colorScheme, axe: [], overhang: 0 });
        }
      }
    }
  });
});
