import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { CheckRun } from '#contract/checks.ts';
import { hasChromium, startChromium } from '#support/chromium.ts';
import { forget, type RunningGatehouse, startGatehouse } from '#support/gatehouse.ts';
import {
  askNamesOf,
  attempts,
  livedInBox,
  livedInSetup,
  ownRules,
  signedCheck,
  triaged,
} from '#support/lived-in.ts';
import { signInOnPage } from '#support/pages.ts';
import { DSL, MANAGER, ordinaryRecords, TECHNICIAN } from '#support/provider.ts';
import { hasUnbound, startUnbound } from '#support/unbound.ts';

/** Takes a picture of every page as people see it, of a box that has lived a few weeks, into .screenshots/. */
const FOLDER = join(import.meta.dirname, '..', '..', '.screenshots');
const LOOKS = [
  ['light', 1280, 'light'],
  ['dark', 1280, 'dark'],
  ['phone', 390, 'light'],
  ['phone-dark', 390, 'dark'],
] as const;

/** Pictures the page as it is now, in every look, from its head to its foot. */
async function picture(page: Page, name: string): Promise<void> {
  for (const [look, width, colorScheme] of LOOKS) {
    await page.setViewportSize({ width, height: 844 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.mouse.move(0, 0);
    await page.evaluate('scrollTo(0, 0)');
    await page.waitForTimeout(250);
    await page.screenshot({ path: join(FOLDER, `${name}-${look}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 1280, height: 844 });
}

async function aPage(browser: Browser): Promise<Page> {
  return (await browser.newContext({ locale: 'en-GB' })).newPage();
}

async function claimPictures(browser: Browser): Promise<void> {
  const box = await startGatehouse();
  const page = await aPage(browser);
  await page.goto(box.http);
  await page.getByRole('heading', { name: 'Set up this box' }).waitFor();
  await picture(page, 'claim');
  await page.getByLabel('Set-up code').fill('2222-2222');
  await page.getByLabel('Name of your training provider').fill('Example Training');
  for (const [index, { name, email, password }] of [MANAGER, DSL].entries()) {
    const person = page.getByRole('group').nth(index);
    await person.getByLabel('Full name').fill(name);
    await person.getByLabel('Email').fill(email);
    await person.getByRole('textbox', { name: 'Password', exact: true }).fill(index ? password : 'short');
    await person.getByRole('textbox', { name: 'Password again' }).fill(index ? password : 'other');
  }
  await page.getByRole('button', { name: 'Claim this box' }).click();
  await page.getByText(/^Wanted at least/).waitFor();
  await picture(page, 'claim-password-short');
  const manager = page.getByRole('group').nth(0);
  await manager.getByRole('textbox', { name: 'Password', exact: true }).fill(MANAGER.password);
  await manager.getByRole('textbox', { name: 'Password again' }).fill(MANAGER.password);
  await page.getByRole('button', { name: 'Claim this box' }).click();
  await page.getByRole('alert').waitFor();
  await picture(page, 'claim-code-wrong');
  await page.context().close();
  await box.end('SIGKILL');
  forget(box);
}

async function todayPictures(page: Page, box: RunningGatehouse): Promise<void> {
  await page.goto(box.http);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await picture(page, 'sign-in');
  await page.getByLabel('Email').fill(DSL.email);
  await page.getByRole('textbox', { name: 'Password' }).fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
  await picture(page, 'sign-in-refused');
  await signInOnPage(page, box, DSL);
  await page.getByText('Live', { exact: true }).waitFor();
  const decide = page.getByRole('button', { name: /^Decide about/ });
  await decide.first().waitFor();
  await picture(page, 'today-dsl');
  await decide.first().click();
  await page.getByRole('dialog').waitFor();
  await picture(page, 'today-decide');
  await page.keyboard.press('Escape');
  await page.getByText('Week by week').click();
  await picture(page, 'today-weeks');
}

async function checksPictures(page: Page, box: RunningGatehouse): Promise<void> {
  await page.goto(`${box.http}/checks`);
  await page.getByRole('heading', { name: 'Check log' }).waitFor();
  await picture(page, 'checks');
  const failed = page.getByRole('listitem').filter({ hasText: 'Failed' });
  await failed.locator('summary').first().click();
  await picture(page, 'checks-opened');
}

async function namesPictures(page: Page, box: RunningGatehouse): Promise<void> {
  await page.goto(`${box.http}/names`);
  await page.getByRole('heading', { name: 'Recent changes' }).waitFor();
  await page.waitForLoadState('networkidle');
  await picture(page, 'names-dsl');
  await signInOnPage(page, box, MANAGER);
  await page.getByText('Live', { exact: true }).waitFor();
  await picture(page, 'today-manager');
  await page.getByRole('link', { name: 'Names' }).click();
  const ask = async (name: string, picked: string) => {
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByRole('button', { name: 'Why?' }).click();
    await page.getByText(`${name} is`).waitFor();
    await picture(page, picked);
  };
  await ask('www.casino.test', 'names-why-blocked');
  await ask('adult.test', 'names-why-locked');
  await ask('short-videos.test', 'names-why-allowed');
  await page.getByRole('button', { name: 'Block for Learners' }).click();
  await page.getByRole('dialog').waitFor();
  await picture(page, 'names-reason');
  await page.keyboard.press('Escape');
  await page.getByText('Before and after').first().click();
  await page.getByText('1 warning').click();
  await picture(page, 'names-opened');
}

async function panelPictures(page: Page, box: RunningGatehouse): Promise<void> {
  await signInOnPage(page, box, TECHNICIAN);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Panel button' }).hover();
  await page.mouse.down();
  await page.getByText(/^Holding/).waitFor();
  await page.screenshot({ path: join(FOLDER, 'today-holding.png') });
  await page.waitForTimeout(3000);
  await page.mouse.up();
  await page
    .getByRole('listitem')
    .filter({ hasText: 'OVERRIDE' })
    .getByText(/^Amber/)
    .waitFor();
  await picture(page, 'today-override');
  await page.goto(`${box.http}/nowhere`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await picture(page, 'no-such-page');
}

async function checkPictures(page: Page, box: RunningGatehouse): Promise<void> {
  const opened = page.waitForResponse((answer) => answer.url().endsWith('/api/checks/runs'));
  await page.goto(`${box.http}/check`);
  await page.getByRole('heading', { name: 'Check this device' }).waitFor();
  await picture(page, 'check');
  await page.getByRole('button', { name: 'Start the check' }).click();
  await askNamesOf(box, (await (await opened).json()) as CheckRun);
  await page.getByRole('heading', { name: 'What you saw' }).waitFor({ timeout: 60_000 });
  await picture(page, 'check-findings');
}

async function blockPictures(page: Page, box: RunningGatehouse): Promise<void> {
  const { port } = new URL(box.http);
  for (const [name, picked] of [
    ['casino.test', 'block'],
    ['despair.test', 'block-self-harm'],
    ['essay-mill.test', 'block-own-rule'],
    [`${'a-very-long-label-of-a-name-'.repeat(2)}x.casino.test`, 'block-long-name'],
  ] as const) {
    await page.goto(`http://${name}:${port}/`);
    await picture(page, picked);
  }
}

async function everyPicture(browser: Browser, box: RunningGatehouse): Promise<void> {
  await claimPictures(browser);
  const signedIn = await aPage(browser);
  await todayPictures(signedIn, box);
  await checksPictures(signedIn, box);
  await namesPictures(signedIn, box);
  await panelPictures(signedIn, box);
  const nobody = await aPage(browser);
  await checkPictures(nobody, box);
  await blockPictures(nobody, box);
  await signedIn.goto(box.http);
  await signedIn.getByText('Live', { exact: true }).waitFor();
  await box.end('SIGTERM');
  await signedIn.getByText('The box does not answer').first().waitFor({ timeout: 60_000 });
  await picture(signedIn, 'no-answer');
}

if (!hasChromium || !hasUnbound) {
  process.stderr.write('screenshots: wanted Debian’s chromium and unbound\n');
  process.exit(1);
}
/** The calendar day that was `daysAgo`. */
const dayOf = (daysAgo: number): string =>
  new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);

const FAILURE = {
  attestations: { blockPageShown: 'yes', wrongBlockReported: 'no', signOfBypass: 'yes' },
  actions: [{ what: 'Switch private DNS off on the lab tablets', owner: TECHNICIAN.name, due: dayOf(11) }],
  notes: 'Two tablets in room 3 had private DNS switched on.',
} satisfies Parameters<typeof signedCheck>[1];

mkdirSync(FOLDER, { recursive: true });
const lists = mkdtempSync(join(tmpdir(), 'gatehouse-lists-'));
const upstream = await startUnbound({ records: ordinaryRecords('192.0.2.1', ['friends.test']) });
const browser = await startChromium(['--host-resolver-rules=MAP * 127.0.0.1']);
let box: RunningGatehouse | undefined;
try {
  box = await livedInBox(livedInSetup(lists, upstream.url), [
    [36, signedCheck],
    [29, (now) => signedCheck(now, { person: DSL, notes: 'With the duty tutor.' })],
    [22, triaged],
    [15, (now) => signedCheck(now, FAILURE)],
    [8, (now) => triaged(now).then(() => signedCheck(now))],
  ]);
  await ownRules(box);
  await attempts(box);
  await everyPicture(browser, box);
} finally {
  await browser.close();
  await box?.end('SIGKILL');
  await upstream.stop();
  if (box) forget(box);
  rmSync(lists, { recursive: true, force: true });
}
process.stdout.write(`The pictures are in ${FOLDER}\n`);
