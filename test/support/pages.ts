import axe from 'axe-core';
import type { Page } from 'playwright-core';
import type { RunningGatehouse } from './gatehouse.ts';

/** Somebody with a sign-in. */
export interface Person {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** What a page did that no page of ours may do. */
export interface PageWatch {
  /** Errors on the console (policy violations are among them), uncaught errors, requests to another host. */
  readonly troubles: string[];
}

/** Watches `page` from now on. That nobody is signed in yet is asked, and answered with 401: this one is known. */
export function watchPage(page: Page, origin: string): PageWatch {
  const troubles: string[] = [];
  const { host } = new URL(origin);
  const elsewhere = (address: string) => {
    const url = new URL(address);
    if (!['data:', 'blob:'].includes(url.protocol) && url.host !== host)
      troubles.push(`asked another host: ${address}`);
  };
  page.on('console', (message) => {
    const known = message.location().url === `${origin}/api/session` && message.text().includes('401');
    if (message.type() === 'error' && !known) troubles.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => troubles.push(`uncaught: ${error.message}`));
  page.on('request', (request) => elsewhere(request.url()));
  page.on('websocket', (socket) => elsewhere(socket.url()));
  return { troubles };
}

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe-core finds on the page as it is now: a line for each element, none when all is well. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async (values) => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run({
      runOnly: { type: 'tag', values },
    });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
  }, TAGS);
}

/** How far the page can be scrolled sideways, in CSS pixels. */
export function overhang(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = (globalThis as unknown as { document: ScrollingDocument }).document
      .documentElement;
    return scrollWidth - clientWidth;
  });
}

interface ScrollingDocument {
  readonly documentElement: { readonly scrollWidth: number; readonly clientWidth: number };
}

/** Signs `person` in on the page, as people do; ends on Today. */
export async function signInOnPage(page: Page, box: RunningGatehouse, person: Person): Promise<void> {
  await page.goto(box.http);
  const out = page.getByRole('button', { name: 'Sign out' });
  await out.or(page.getByLabel('Email')).first().waitFor();
  if (await out.isVisible()) await out.click();
  await page.getByLabel('Email').fill(person.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Today' }).waitFor();
}

/** A session of the API without a page: `ask` sends JSON and answers the status and the body. */
export async function signInByApi(box: RunningGatehouse, person: Person) {
  const { email, password } = person;
  const answer = await fetch(`${box.http}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  if (answer.status !== 201) throw new Error(`sign-in answered ${answer.status}: ${await answer.text()}`);
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  return {
    cookie,
    async ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
      const response = await fetch(`${box.http}${path}`, {
        method,
        headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : JSON.parse(text) };
    },
  };
}
