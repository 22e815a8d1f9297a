import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, startChromium } from '#support/chromium.ts';
import { forget, type RunningGatehouse, startGatehouse } from '#support/gatehouse.ts';
import { axeFindings, type PageWatch, signInByApi, signInOnPage, watchPage } from '#support/pages.ts';
import { DSL, MANAGER } from '#support/provider.ts';

describe.skipIf(!hasChromium)('office staff start a fresh box without any set-up', () => {
  let box: RunningGatehouse;
  let browser: Browser;
  let page: Page;
  let watch: PageWatch;
  let code: string;

  beforeAll(async () => {
    box = await startGatehouse();
    browser = await startChromium();
    page = await browser.newPage();
    watch = watchPage(page, box.http);
  });

  afterAll(async () => {
    await browser?.close();
    await box?.end('SIGKILL');
    if (box) forget(box);
  });

  const button = () => page.getByRole('button', { name: 'Claim this box' });
  const person = (role: string) => page.getByRole('group', { name: role });

  async function fill(role: string, { name, email, password }: typeof MANAGER | typeof DSL): Promise<void> {
    await person(role).getByLabel('Full name').fill(name);
    await person(role).getByLabel('Email').fill(email);
    await person(role).getByRole('textbox', { name: 'Password', exact: true }).fill(password);
    await person(role).getByRole('textbox', { name: 'Password again' }).fill(password);
  }

  test('the terminal prints a set-up code, and CHECK is dark: nobody owes a check yet', async () => {
    code = /Set-up code: ([2-9A-Z]{4}-[2-9A-Z]{4})/.exec(box.printed())?.[1] ?? '';
    expect(code).toHaveLength(9);
    const kept = readFileSync(join(box.folder, 'data', 'claim.code'), 'utf8').trim();
    expect(kept).toBe(code.replace('-', ''));
    expect((await box.status()).lamps.check).toEqual({ colour: 'dark', rhythm: 'off' });
  });

  test('the page asks to be claimed, and reads well to everybody', async () => {
    await page.goto(box.http);
    await page.getByRole('heading', { name: 'Set up this box' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  test('a password that is too short is told at its field, before anything is sent', async () => {
    await page.getByLabel('Set-up code').fill('2222-2222');
    await page.getByLabel('Name of your training provider').fill('Example Training');
    await fill('Network manager', MANAGER);
    await fill('Designated safeguarding lead', DSL);
    const password = person('Network manager').getByRole('textbox', { name: 'Password', exact: true });
    await password.fill('too short');
    await button().click();
    const told = person('Network manager').getByText('Wanted at least 12 characters, got 9.');
    await told.waitFor();
    expect(await password.getAttribute('aria-invalid')).toBe('true');
    expect(await password.getAttribute('aria-describedby')).toContain(await told.getAttribute('id'));
    expect(await password.evaluate((field) => field.matches(':focus'))).toBe(true);
    expect(existsSync(join(box.folder, 'data', 'people.json'))).toBe(false);
    await password.fill(MANAGER.password);
    await told.waitFor({ state: 'hidden' });
  });

  test('a wrong code gets a clear message, and nothing typed is lost', async () => {
    await button().click();
    await page.getByRole('alert').getByText('This is not the code that the box printed.').waitFor();
    expect(await page.getByLabel('Set-up code').inputValue()).toBe('2222-2222');
    expect(await page.getByLabel('Name of your training provider').inputValue()).toBe('Example Training');
    for (const [role, one] of [
      ['Network manager', MANAGER],
      ['Designated safeguarding lead', DSL],
    ] as const) {
      const typed = await person(role).getByRole('textbox').all();
      const values = await Promise.all(typed.map((field) => field.inputValue()));
      expect(values).toEqual([one.name, one.email, one.password, one.password]);
    }
    // The browser itself reports the refusal on the console.
    expect(watch.troubles.splice(0)).toEqual([expect.stringContaining('403')]);
  });

  test('with the right code, as somebody reads it out, they arrive on Today, signed in', async () => {
    await page.getByLabel('Set-up code').fill(code.toLowerCase().replace('-', ' '));
    await button().click();
    await page.getByRole('heading', { name: 'Today' }).waitFor();
    await page.getByText('Example Training').first().waitFor();
    await page.getByText(MANAGER.name).first().waitFor();
  });

  test('the CHECK lamp leaves dark, and the picture of the panel shows it', async () => {
    const status = await box.until(({ lamps }) => lamps.check.colour !== 'dark', 'the CHECK lamp');
    expect(status.check.reason).not.toBe('');
    await page.getByText('Live', { exact: true }).waitFor();
    const row = page.getByRole('listitem').filter({ hasText: 'CHECK' });
    await row.getByText(status.check.reason).waitFor();
  });

  test('the claim cannot be done twice, and the set-up code is gone from the disk', async () => {
    const again = await fetch(`${box.http}/api/claim`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code, provider: { name: 'Somebody Else' }, people: [MANAGER] }),
    });
    expect(again.status).toBe(409);
    expect(((await again.json()) as { detail: string }).detail).toMatch(/claimed already/);
    expect(existsSync(join(box.folder, 'data', 'claim.code'))).toBe(false);
    const bare = code.replace('-', '');
    const files = readdirSync(join(box.folder, 'data'), { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile())) {
      const octets = readFileSync(join(file.parentPath, file.name));
      expect(octets.includes(bare), file.name).toBe(false);
    }
  });

  test('the DSL that was named signs in too, and sees alerts and checks', async () => {
    await signInOnPage(page, box, DSL);
    await page.getByRole('heading', { name: 'Open alerts' }).waitFor();
    await page.getByRole('link', { name: 'Checks', exact: true }).waitFor();
  });

  test('after a restart it is still theirs: no code is printed, and the sign-in works', async () => {
    await page.goto('about:blank');
    expect(await box.end('SIGTERM')).toBe(0);
    box = await startGatehouse({ folder: box.folder });
    expect(box.printed()).not.toContain('Set-up code');
    const { ask } = await signInByApi(box, MANAGER);
    expect(await ask('GET', '/api/session')).toMatchObject({ body: { provider: 'Example Training' } });
  });

  test('no page did what no page may do', () => {
    expect(watch.troubles).toEqual([]);
  });
});
