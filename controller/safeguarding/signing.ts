import type {
  Attestations,
  CheckAction,
  CheckFindings,
  CheckOutcome,
  ProbeResult,
} from '#contract/checks.ts';
import { dayOf } from './weeks.ts';

/** A check that cannot be signed as it stands; `needed` are the things an action is wanted for. */
export class CheckNotSignable extends Error {
  readonly needed: readonly string[];
  constructor(message: string, needed: readonly string[] = []) {
    super(message);
    this.name = 'CheckNotSignable';
    this.needed = needed;
  }
}

/**
 * The result that goes into the ledger. A person who saw the wrong block page, or a sign of bypass, turns a
 * measured pass into a fail; nobody turns anything into a pass. A wrong block that somebody reported is work
 * to do and no failure of the filter.
 */
export function signed(findings: CheckFindings, attestations: Attestations): CheckOutcome {
  const against = attestations.blockPageShown === 'no' || attestations.signOfBypass === 'yes';
  return findings.outcome === 'pass' && against ? 'fail' : findings.outcome;
}

/** What needs an action before the check can be signed: one plain sentence each, none when all is well. */
export function actionsNeeded(findings: CheckFindings, attestations: Attestations): string[] {
  return [
    ...measuredNeeds(findings),
    ...(attestations.blockPageShown === 'no' ? ['The block page did not show the right policy.'] : []),
    ...(attestations.signOfBypass === 'yes' ? ['There is a sign that somebody gets around the filter.'] : []),
    ...(attestations.wrongBlockReported === 'yes' ? ['Somebody reported a wrong block or a gap.'] : []),
  ];
}

function measuredNeeds(findings: CheckFindings): string[] {
  if (findings.outcome === 'pass') return [];
  if (findings.outcome === 'fail') return findings.probes.filter(isWrong).map(sayWrong);
  return [findings.because];
}

function isWrong(probe: ProbeResult): boolean {
  return probe.result !== 'unknown' && !probe.pass;
}

function sayWrong({ name, expect, result }: ProbeResult): string {
  return `${name} was ${result}, and the policy says ${expect}.`;
}

/** What somebody wants to sign. */
export interface Signing {
  readonly findings: CheckFindings;
  readonly attestations: Attestations;
  readonly actions: readonly CheckAction[];
}

/**
 * Why this check cannot be signed: something needs an action and none came, or an action was due before today.
 * @returns undefined when it can be signed
 */
export function refusalOf(signing: Signing, nowIso: string): CheckNotSignable | undefined {
  const needed = actionsNeeded(signing.findings, signing.attestations);
  if (needed.length > 0 && signing.actions.length === 0)
    return new CheckNotSignable(
      `Wanted an action with an owner and a date, got none. ${needed.join(' ')}`,
      needed,
    );
  const today = dayOf(Temporal.Instant.from(nowIso)).toString();
  const late = signing.actions.find((action) => action.due < today);
  if (late === undefined) return undefined;
  return new CheckNotSignable(
    `Wanted an action due today (${today}) or later, got "${late.what}" due ${late.due}.`,
  );
}
