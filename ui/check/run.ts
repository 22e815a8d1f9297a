import type { CheckFindings, CheckRun } from '#contract/checks.ts';
import type { Api } from '#ui/api.ts';
import { askNames, type Progress } from './probes.ts';

const PROBE_TIMEOUT_MS = 4000;
const AT_ONCE = 6;
const POLL_MS = 500;
/** A nonce that was not seen by then will not be: the device asks another resolver. */
const NONCE_MS = 3000;
/** What a DNS worker saw reaches the web door within a second; ten leave room for a slow box. */
const SETTLE_MS = 10_000;

/** A check as far as it has come. */
export interface CheckSoFar {
  readonly step: 'asking' | 'settling' | 'settled';
  readonly run: CheckRun;
  readonly progress: Readonly<Record<string, Progress>>;
  /** Present from `settled` on. */
  readonly findings: CheckFindings | undefined;
}

interface Surroundings {
  readonly api: Pick<Api, 'openCheck' | 'findings'>;
  readonly fetch: typeof fetch;
  readonly port: string;
  readonly wait: (ms: number) => Promise<void>;
  readonly onChange: (check: CheckSoFar) => void;
}

/** Opens a check, asks every name from this device, and waits until the box's evidence is whole or the time is up. */
export async function runCheck({ api, fetch, port, wait, onChange }: Surroundings): Promise<CheckSoFar> {
  const run = await api.openCheck();
  const names = run.probes.map((probe) => probe.name);
  let check: CheckSoFar = {
    step: 'asking',
    run,
    progress: Object.fromEntries([run.nonceName, ...names].map((name) => [name, 'waiting'])),
    findings: undefined,
  };
  const change = (part: Partial<CheckSoFar>) => {
    check = { ...check, ...part };
    onChange(check);
  };
  change({});
  const ask = (asked: readonly string[], from: string) =>
    askNames(asked, {
      fetch,
      port: from,
      timeoutMs: PROBE_TIMEOUT_MS,
      atOnce: AT_ONCE,
      onProgress: (name, progress) => change({ progress: { ...check.progress, [name]: progress } }),
    });
  // First and alone: by it the box learns under which address this device asks, and so whose answers to keep.
  await ask([run.nonceName], port);
  let findings = await api.findings(run.id);
  for (let waited = 0; !findings.nonceSeen && waited < NONCE_MS; waited += POLL_MS) {
    await wait(POLL_MS);
    findings = await api.findings(run.id);
  }
  await ask(names, '');
  change({ step: 'settling' });
  findings = await api.findings(run.id);
  for (let waited = 0; !settled(findings) && waited < SETTLE_MS; waited += POLL_MS) {
    await wait(POLL_MS);
    findings = await api.findings(run.id);
  }
  change({ step: 'settled', findings });
  return check;
}

/** Whether more waiting can change nothing: a pass, or a fail in which every name has an answer. */
function settled(findings: CheckFindings): boolean {
  if (findings.outcome === 'pass') return true;
  return findings.outcome === 'fail' && findings.probes.every((probe) => probe.result !== 'unknown');
}
