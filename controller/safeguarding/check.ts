import { CATEGORIES, type Category } from '#contract/categories.ts';
import type { CheckFindings, CheckOutcome, CheckRun, ProbeResult, SeenAnswer } from '#contract/checks.ts';

/** A run takes answers for ten minutes after it was opened. */
export const RUN_LIVES_MS = 600_000;

/** How long a device may take to ask the nonce name before its silence counts against it. */
export const GRACE_MS = 15_000;

/** Whether `run` still takes answers and a signature at `nowIso`. */
export function isOpen(run: CheckRun, nowIso: string): boolean {
  const age = ageMs(run, nowIso);
  return age >= 0 && age <= RUN_LIVES_MS;
}

/**
 * What the answers that our DNS gave to the device under test prove.
 * A device that never asked the nonce name uses another filter or none: `bypassing` once the run is older than
 * `graceMs`, `unknown` before. "Could not load" is never "blocked", and nothing unknown is ever a pass.
 */
export function assess(
  run: CheckRun,
  seen: readonly SeenAnswer[],
  nowIso: string,
  graceMs: number = GRACE_MS,
): CheckFindings {
  const answers = answersByName(run, seen);
  const nonceSeen = answers.has(run.nonceName.toLowerCase());
  const controls = run.probes.filter((probe) => probe.category === undefined);
  const missing = controls.find((control) => resultOf(answers, control.name) !== 'allowed');
  const controlsLoaded = controls.length > 0 && missing === undefined;
  const believable = nonceSeen && controlsLoaded;
  const probes = run.probes.map((probe): ProbeResult => {
    const result = believable ? resultOf(answers, probe.name) : 'unknown';
    return { ...probe, result, pass: result === probe.expect };
  });
  const overdue = ageMs(run, nowIso) > graceMs;
  const { outcome, because } = judge({ nonceSeen, overdue, controlsLoaded, missing: missing?.name, probes });
  const uncovered = run.uncovered ?? [];
  return {
    outcome,
    nonceSeen,
    controlsLoaded,
    probes,
    because: because + sayUncovered(uncovered),
    uncovered,
  };
}

interface Evidence {
  readonly nonceSeen: boolean;
  readonly overdue: boolean;
  readonly controlsLoaded: boolean;
  readonly missing: string | undefined;
  readonly probes: readonly ProbeResult[];
}

function judge(evidence: Evidence): { outcome: CheckOutcome; because: string } {
  const { nonceSeen, overdue, controlsLoaded, missing, probes } = evidence;
  if (!nonceSeen && overdue) return { outcome: 'bypassing', because: BYPASSING };
  if (!nonceSeen) return { outcome: 'unknown', because: 'The device has not asked this filter yet.' };
  if (!controlsLoaded) return { outcome: 'unknown', because: sayControls(missing) };
  const tested = probes.filter((probe) => probe.category !== undefined);
  if (tested.length === 0) return { outcome: 'unknown', because: NOTHING_TESTED };
  const wrong = probes.filter((probe) => probe.result !== 'unknown' && !probe.pass);
  if (wrong.length > 0) return { outcome: 'fail', because: sayWrong(wrong) };
  const open = probes.filter((probe) => probe.result === 'unknown');
  if (open.length > 0) {
    const names = `${open.length} of ${probes.length} names`;
    return { outcome: 'unknown', because: `There is no clear answer yet for ${names}: ${sayNames(open)}.` };
  }
  return { outcome: 'pass', because: `All ${tested.length} names that must be blocked were blocked.` };
}

const BYPASSING =
  'This device does not use the filter: it never asked for the name that only Gatehouse can answer.';
const NOTHING_TESTED = 'No list in force gives a name to test, so nothing was tested.';

function sayControls(missing: string | undefined): string {
  return missing === undefined
    ? 'No ordinary name is set for the check, so it cannot tell blocked from broken.'
    : `The ordinary name ${missing} did not load, so nothing can be said about the others.`;
}

function sayWrong(wrong: readonly ProbeResult[]): string {
  const sentences = wrong.slice(0, 3).map(({ name, category, result }) => {
    const filed = category === undefined ? '' : ` (${CATEGORIES[category].title})`;
    return `${name}${filed} must be ${result === 'allowed' ? 'blocked and was allowed' : 'allowed and was blocked'}`;
  });
  const more = wrong.length > 3 ? `, and ${wrong.length - 3} more` : '';
  return `${sentences.join('; ')}${more}.`;
}

function sayNames(probes: readonly ProbeResult[]): string {
  const names = probes.slice(0, 3).map((probe) => probe.name);
  return probes.length > 3 ? `${names.join(', ')} and others` : names.join(', ');
}

function sayUncovered(uncovered: readonly Category[]): string {
  if (uncovered.length === 0) return '';
  const titles = uncovered.map((category) => CATEGORIES[category].title).join(', ');
  return ` Not tested, because no list gives a name: ${titles}.`;
}

function answersByName(run: CheckRun, seen: readonly SeenAnswer[]): Map<string, SeenAnswer['verdict'][]> {
  const opened = Date.parse(run.openedAt);
  const answers = new Map<string, SeenAnswer['verdict'][]>();
  for (const answer of seen) {
    const age = Date.parse(answer.at) - opened;
    // What the device asked before the run was opened says nothing about the policy under test.
    if (!(age >= 0 && age <= RUN_LIVES_MS)) continue;
    const name = answer.name.toLowerCase().replace(/\.$/, '');
    answers.set(name, [...(answers.get(name) ?? []), answer.verdict]);
  }
  return answers;
}

/** A and AAAA are asked apart: one that gets through is through, and blocked means that every one was. */
function resultOf(answers: Map<string, SeenAnswer['verdict'][]>, name: string): ProbeResult['result'] {
  const verdicts = answers.get(name.toLowerCase()) ?? [];
  if (verdicts.includes('allowed')) return 'allowed';
  return verdicts.length > 0 && verdicts.every((verdict) => verdict === 'blocked') ? 'blocked' : 'unknown';
}

function ageMs(run: CheckRun, nowIso: string): number {
  return Date.parse(nowIso) - Date.parse(run.openedAt);
}
