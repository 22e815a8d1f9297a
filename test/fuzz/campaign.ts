import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Failure, OpenTarget, Target } from './target.ts';

const CASES_A_BATCH = 100;

/** What a campaign works with. */
export interface CampaignParts {
  readonly targets: readonly Target[];
  readonly seed: number;
  /** Milliseconds that are never set back. */
  readonly steadyMs: () => number;
  /** Whether the target that has run for `spentMs` and `cases` gets another batch. */
  readonly goesOn: (spentMs: number, cases: number) => boolean;
}

export interface Tally {
  readonly name: string;
  cases: number;
  spentMs: number;
  failure: Failure | undefined;
}

/**
 * Runs the targets in turn, a batch each, until none goes on. Batch n of a target has the same cases whenever the
 * campaign has the same seed, however fast the machine is. A target that failed rests.
 */
export async function runCampaign(parts: CampaignParts): Promise<readonly Tally[]> {
  const running: { readonly tally: Tally; readonly target: OpenTarget }[] = [];
  for (const target of parts.targets) {
    const tally = { name: target.name, cases: 0, spentMs: 0, failure: undefined };
    running.push({ tally, target: await target.open() });
  }
  const isOn = ({ tally }: { readonly tally: Tally }) =>
    tally.failure === undefined && parts.goesOn(tally.spentMs, tally.cases);
  for (let batch = 0; running.some(isOn); batch++) {
    const seed = (parts.seed + Math.imul(batch, 0x9e3779b1)) | 0;
    for (const { tally, target } of running.filter(isOn)) {
      const startedMs = parts.steadyMs();
      const { cases, failure } = await target.run({ seed, cases: CASES_A_BATCH });
      tally.cases += cases;
      tally.spentMs += parts.steadyMs() - startedMs;
      tally.failure = failure;
    }
  }
  for (const { target } of running) await target.close();
  return running.map(({ tally }) => tally);
}

/** Where the smallest failing case of a target is kept. */
export function failurePath(name: string, { seed }: Failure): string {
  return join(tmpdir(), `gatehouse-fuzz-${name.replaceAll(/[^a-z]+/g, '-')}-${seed}.txt`);
}

/** A failure as people read it: how to see it again, the case, its octets in hexadecimal, the error. */
export function failureText(name: string, campaignSeed: number, failure: Failure): string {
  return [
    `target: ${name}`,
    `again: make fuzz SEED=${campaignSeed} TARGET='${name}'`,
    `batch seed and path: ${failure.seed} ${failure.path}`,
    `case: ${fc.stringify(failure.counterexample)}`,
    ...hexOf(failure.counterexample, 'octets'),
    '',
    failure.message,
    '',
  ].join('\n');
}

function hexOf(value: unknown, place: string): string[] {
  if (value instanceof Uint8Array) return [`${place}: ${Buffer.from(value).toString('hex')}`];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => hexOf(inner, `${place}.${key}`));
}
