import { expect, test } from 'vitest';
import type { CheckFindings, CheckRun } from '#contract/checks.ts';
import { openApi } from '#ui/api.ts';
import { askNames } from '#ui/check/probes.ts';
import { type CheckSoFar, runCheck } from '#ui/check/run.ts';
import { farEnd } from './far-end.ts';

const RUN: CheckRun = {
  id: 'r1',
  openedAt: '2025-03-04T09:00:00Z',
  client: '192.0.2.17',
  profile: 'learner',
  nonceName: 'abc.check.gatehouse.home.arpa',
  probes: [
    { name: 'example.org', expect: 'allowed' },
    { name: 'bet.example.test', expect: 'blocked', category: 'gambling' },
  ],
};

type Result = CheckFindings['probes'][number]['result'];

function findings(outcome: CheckFindings['outcome'], result: Result): CheckFindings {
  const probes = RUN.probes.map((probe) => ({ ...probe, result, pass: result === probe.expect }));
  return { outcome, nonceSeen: outcome !== 'bypassing', controlsLoaded: true, probes, because: 'so' };
}

/** Runs a check against a box that gives these findings in turn, the last one for ever; time passes at once. */
async function aRunHearing(...said: readonly CheckFindings[]) {
  let polls = 0;
  await using far = await farEnd((request, response) => {
    if (request.method === 'POST') response.writeHead(201).end(JSON.stringify(RUN));
    else response.end(JSON.stringify(said[Math.min(polls++, said.length - 1)]));
  });
  const steps: CheckSoFar[] = [];
  let waitedMs = 0;
  const asked: string[] = [];
  const check = await runCheck({
    api: openApi({ fetch, base: far.base, timeoutMs: 5000, onReach: () => {}, onSignedOut: () => {} }),
    fetch: async (url) => {
      asked.push(String(url));
      throw new TypeError('nothing loads here');
    },
    port: '8080',
    wait: async (ms) => {
      waitedMs += ms;
    },
    onChange: (soFar) => steps.push(soFar),
  });
  return { check, steps, waitedMs, asked, polls };
}

test('the nonce is asked on the page’s own port and every other name on the web’s', async () => {
  const { asked } = await aRunHearing(findings('pass', 'blocked'));
  expect(asked).toEqual([
    'http://abc.check.gatehouse.home.arpa:8080/',
    'http://example.org/',
    'http://bet.example.test/',
  ]);
});

test('names that do not load make the check neither fail nor stop: the box’s evidence decides', async () => {
  const { check, steps } = await aRunHearing(findings('pass', 'blocked'));
  expect(check.findings?.outcome).toBe('pass');
  expect(steps.at(0)?.progress).toEqual({
    'abc.check.gatehouse.home.arpa': 'waiting',
    'example.org': 'waiting',
    'bet.example.test': 'waiting',
  });
  expect(new Set(Object.values(check.progress))).toEqual(new Set(['asked']));
  expect(steps.map((step) => step.step).filter((step, index, all) => step !== all[index - 1])).toEqual([
    'asking',
    'settling',
    'settled',
  ]);
});

test('nothing but the nonce is asked until the box has seen it', async () => {
  const { nonceSeen: _, ...rest } = findings('unknown', 'unknown');
  const { check, waitedMs } = await aRunHearing({ ...rest, nonceSeen: false }, findings('pass', 'blocked'));
  expect(waitedMs).toBe(500);
  expect(check.findings?.outcome).toBe('pass');
});

test('evidence that comes late is waited for', async () => {
  const late = await aRunHearing(
    findings('bypassing', 'unknown'),
    findings('unknown', 'unknown'),
    findings('fail', 'unknown'),
    findings('fail', 'allowed'),
  );
  expect(late.check.findings?.probes[1]?.result).toBe('allowed');
  expect(late.polls).toBe(4);
});

test('a nonce that never comes is waited for three seconds, the rest of the evidence ten, and what there is is shown', async () => {
  const never = await aRunHearing(findings('bypassing', 'unknown'));
  expect(never.waitedMs).toBe(13_000);
  expect(never.check.findings?.outcome).toBe('bypassing');
});

test('a check that cannot be opened says why and asks no name', async () => {
  await using far = await farEnd((_, response) =>
    response.writeHead(429).end('{"detail":"Too many checks"}'),
  );
  const asked: string[] = [];
  const running = runCheck({
    api: openApi({ fetch, base: far.base, timeoutMs: 5000, onReach: () => {}, onSignedOut: () => {} }),
    fetch: async (url) => {
      asked.push(String(url));
      return new Response();
    },
    port: '',
    wait: async () => {},
    onChange: () => {},
  });
  await expect(running).rejects.toThrow('Too many checks');
  expect(asked).toEqual([]);
});

test('at most so many names are under way at once, and each is asked once', async () => {
  let underWay = 0;
  let most = 0;
  const asked: string[] = [];
  const names = Array.from({ length: 20 }, (_, number) => `n${number}.example.org`);
  await askNames(names, {
    fetch: async (url) => {
      asked.push(new URL(String(url)).hostname);
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      return new Response();
    },
    port: '',
    timeoutMs: 4000,
    atOnce: 6,
    onProgress: () => {},
  });
  expect(most).toBe(6);
  expect(asked).toEqual(names);
});

test('a name whose server is silent is given up, and the rest are asked all the same', async () => {
  await using silent = await farEnd(() => {});
  const asked: string[] = [];
  await askNames(['127.0.0.1', '127.0.0.1', '127.0.0.1'], {
    // The far end has one port only: all names go there.
    fetch: (_, init) => fetch(silent.base, { signal: init?.signal ?? null }),
    port: String(silent.port),
    timeoutMs: 50,
    atOnce: 1,
    onProgress: (name, progress) => asked.push(`${name} ${progress}`),
  });
  expect(asked.filter((line) => line.endsWith('asked'))).toHaveLength(3);
});
