import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CATEGORIES, type Category } from '#contract/categories.ts';
import type { CheckRun, CheckSubmission } from '#contract/checks.ts';
import type { Alert } from '#contract/incidents.ts';
import { dig, type RunningGatehouse, startGatehouse } from './gatehouse.ts';
import { signInByApi } from './pages.ts';
import { DSL, MANAGER, setupFile, TECHNICIAN } from './provider.ts';

export const LEARNER = '127.0.0.1';
const ANOTHER_LEARNER = '127.0.0.23';

/** Everybody who has a sign-in in a lived-in box. */
export const PEOPLE = [MANAGER, DSL, TECHNICIAN];

/** Names of each list, made up. */
const LISTED: Partial<Record<Category, readonly string[]>> = {
  gambling: ['casino.test', 'bets.test', 'slots.test', 'roulette.test'],
  pornography: ['adult.test', 'adult-two.test'],
  social: ['friends.test', 'short-videos.test'],
  'self-harm': ['despair.test'],
  games: ['games.test', 'example.ac.uk'],
};

/** The set-up file of a provider whose lists are in `folder`: five good ones, and one that is a web page. */
export function livedInSetup(folder: string, upstream: string) {
  const lists = Object.entries(LISTED).map(([category, names]) => {
    const path = join(folder, `${category}.txt`);
    writeFileSync(path, names.map((name) => `${name}\n`).join(''));
    const title = CATEGORIES[category as Category].title.toLowerCase();
    return { name: `Example ${title}`, category, source: `file:${path}`, format: 'domains' };
  });
  const held = join(folder, 'held.txt');
  writeFileSync(held, '<!doctype html><html><body>Sign in to the hotel network</body></html>');
  const page = { name: 'Example dating', category: 'dating', source: `file:${held}`, format: 'domains' };
  return { ...setupFile({ path: '', names: [] }, upstream), people: PEOPLE, lists: [...lists, page] };
}

/** A step of the story: how many days ago it was, and what happened. */
export type Step = readonly [daysAgo: number, happens: (box: RunningGatehouse) => Promise<unknown>];

/** Starts a box once for each step, on the day of that step where `faketime` is installed, and leaves it running today. */
export async function livedInBox(setup: unknown, steps: readonly Step[]): Promise<RunningGatehouse> {
  let folder: string | undefined;
  for (const [daysAgo, happens] of steps) {
    const env = fakedDays(daysAgo);
    if (!env) continue;
    const box = await startGatehouse({ setup, env, ...(folder === undefined ? {} : { folder }) });
    ({ folder } = box);
    await inForce(box);
    await happens(box);
    await box.end('SIGTERM');
  }
  const box = await startGatehouse({ setup, ...(folder === undefined ? {} : { folder }) });
  await inForce(box);
  return box;
}

const inForce = (box: RunningGatehouse) => box.until(({ index }) => index.lists >= 5, 'the lists in force');

function fakedDays(daysAgo: number): NodeJS.ProcessEnv | undefined {
  const found = spawnSync('faketime', ['-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' });
  if (found.status !== 0) return undefined;
  return {
    LD_PRELOAD: found.stdout.trim(),
    FAKETIME: `-${daysAgo}d`,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}

/** A check run from the learner's device by asking its names, and signed by `person`. */
export async function signedCheck(
  box: RunningGatehouse,
  { person = MANAGER, ...answers }: Partial<CheckSubmission> & { person?: (typeof PEOPLE)[number] } = {},
): Promise<void> {
  const { ask } = await signInByApi(box, person);
  const run = (await ask('POST', '/api/checks/runs')).body as CheckRun;
  await askNamesOf(box, run);
  const attestations = { blockPageShown: 'yes', wrongBlockReported: 'no', signOfBypass: 'no' } as const;
  const submission: CheckSubmission = { run: run.id, attestations, actions: [], notes: '', ...answers };
  const { status, body } = await ask('POST', '/api/checks', submission);
  if (status !== 201) throw new Error(`the check was not signed: ${JSON.stringify(body)}`);
}

/** Asks what a check asks from the learner's device, and waits until the box has seen it. */
export async function askNamesOf(box: RunningGatehouse, run: CheckRun): Promise<void> {
  const seen = async () => {
    const findings = await (await fetch(`${box.http}/api/checks/runs/${run.id}`)).json();
    return findings as { nonceSeen: boolean; probes: { result: string }[] };
  };
  const until = async (wanted: (now: Awaited<ReturnType<typeof seen>>) => boolean) => {
    for (let tries = 0; tries < 100 && !wanted(await seen()); tries++)
      await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await dig(box.dnsPort, LEARNER, run.nonceName);
  await until(({ nonceSeen }) => nonceSeen);
  for (const { name } of run.probes) await dig(box.dnsPort, LEARNER, name);
  await until(({ probes }) => probes.every(({ result }) => result !== 'unknown'));
}

/** Devices that attempt what is blocked: one alert for gambling, one for pornography. */
export async function attempts(box: RunningGatehouse): Promise<void> {
  for (const name of LISTED.gambling ?? []) await dig(box.dnsPort, LEARNER, name);
  for (const name of LISTED.pornography ?? []) await dig(box.dnsPort, ANOTHER_LEARNER, name);
}

/** Devices attempt, and the DSL decides about every open alert: the first is an incident, the rest are false positives. */
export async function triaged(box: RunningGatehouse): Promise<void> {
  await attempts(box);
  const { ask } = await signInByApi(box, DSL);
  const alerts = await openAlerts(ask);
  const [first, ...rest] = alerts;
  const summary = 'Repeated attempts during a lesson';
  const incident = { decision: 'incident', fourC: 'commerce', severity: 2, summary };
  if (first) await ask('POST', `/api/alerts/${first.id}/triage`, incident);
  for (const { id } of rest) {
    const why = 'A lesson about online safety';
    await ask('POST', `/api/alerts/${id}/triage`, { decision: 'false-positive', why });
  }
}

async function openAlerts(ask: Awaited<ReturnType<typeof signInByApi>>['ask']): Promise<Alert[]> {
  for (let tries = 0; tries < 100; tries++) {
    const alerts = (await ask('GET', '/api/alerts?state=open')).body as Alert[];
    if (alerts.length >= 2) return alerts;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the attempts made no two alerts');
}

/** What the provider decided for itself: rules, a category, and what the panel button may lift. */
export async function ownRules(box: RunningGatehouse): Promise<void> {
  const { ask } = await signInByApi(box, MANAGER);
  const rule = (profile: string, action: string, name: string, why: string) =>
    ask('POST', `/api/profiles/${profile}/rules`, { action, name, why });
  await rule('learner', 'allow', 'short-videos.test', 'Used in the marketing course, agreed with the DSL');
  await rule('learner', 'block', 'essay-mill.test', 'Offered to learners by a stranger');
  await rule('staff', 'allow', 'despair.test', 'Pastoral team reads it');
  const category = { state: 'blocked', why: 'Asked for by the governors' };
  await ask('PUT', '/api/profiles/staff/categories/games', category);
  const value = { unplanned: true, minutes: 15, categories: ['social'], profile: 'learner' };
  await ask('PUT', '/api/settings/override', { value, why: 'Agreed with the DSL' });
}
