import { type CheckDue, type CheckLog, CheckRecord, type CheckSubmission } from '#contract/checks.ts';
import type { NewEntry, SealedEntry } from '#contract/ledger.ts';
import type { Records } from '#records/records.ts';
import { assess } from '#safeguarding/check.ts';
import { checkDue } from '#safeguarding/check-due.ts';
import { checkLog } from '#safeguarding/check-log.ts';
import { refusalOf, signed } from '#safeguarding/signing.ts';
import { weekOf } from '#safeguarding/weeks.ts';
import { type Caller, Refusal } from '#web/appliance.ts';
import type { CheckRuns } from './check-runs.ts';
import { inTurn } from './in-turn.ts';

export interface CheckBookOptions {
  readonly records: Pick<Records, 'append' | 'entries'>;
  readonly runs: CheckRuns;
  readonly now: () => Temporal.Instant;
  /** When set-up was finished; undefined before. */
  readonly claimedAt: () => Temporal.Instant | undefined;
  readonly dueWeekday: () => number;
  readonly configuration: () => CheckRecord['configuration'];
}

/** The weekly checks that were signed, from the ledger. */
export interface CheckBook {
  sign(submission: CheckSubmission, by: Caller): Promise<CheckRecord>;
  log(): CheckLog;
  due(): CheckDue;
}

export async function openCheckBook(options: CheckBookOptions): Promise<CheckBook> {
  const { records, runs, now } = options;
  const step = inTurn();
  const signedSoFar = (await allEntries(records)).map(recordOf);

  async function signOnce(submission: CheckSubmission, by: Caller): Promise<CheckRecord> {
    const { run, seen } = runs.inHand(submission.run);
    const at = now();
    const completedAt = at.toString({ smallestUnit: 'millisecond' });
    const findings = assess(run, seen, completedAt);
    const { attestations, actions, notes } = submission;
    const refusal = refusalOf({ findings, attestations, actions }, completedAt);
    if (refusal) throw new Refusal(422, refusal.message);
    const entry: NewEntry = {
      kind: 'check.signed',
      by: by.id,
      body: {
        week: weekOf(at),
        openedAt: run.openedAt,
        completedAt,
        roles: by.roles,
        profile: run.profile,
        findings,
        seen: relevant(seen, [run.nonceName, ...run.probes.map(({ name }) => name)]),
        attestations,
        result: signed(findings, attestations),
        configuration: options.configuration(),
      },
      personal: { name: by.name, client: run.client, actions: JSON.stringify(actions), notes },
    };
    const [sealed] = await records.append([entry]);
    if (!sealed) throw new Error('the ledger took a check and gave none back');
    const record = recordOf(sealed);
    signedSoFar.push(record);
    runs.close(run.id);
    return record;
  }

  function log(): CheckLog {
    const claimedAt = options.claimedAt();
    if (!claimedAt) return { weeks: [] };
    return checkLog({ records: signedSoFar, claimedAt, now: now(), dueWeekday: options.dueWeekday() });
  }

  return {
    sign: (submission, by) => step(() => signOnce(submission, by)),
    log,
    due: () => checkDue(log(), now(), options.configuration().settings),
  };
}

/** What the device asked besides the check is nobody's business here. */
function relevant(
  seen: CheckRecord['seen'] | readonly CheckRecord['seen'][number][],
  names: readonly string[],
) {
  const asked = new Set(names.map((name) => name.toLowerCase()));
  return seen.filter((answer) => asked.has(answer.name.toLowerCase()));
}

async function allEntries(records: Pick<Records, 'entries'>): Promise<SealedEntry[]> {
  const found: SealedEntry[] = [];
  for (;;) {
    const oldest = found.at(-1)?.seq;
    const page = await records.entries({
      kinds: ['check.signed'],
      limit: 1000,
      ...(oldest === undefined ? {} : { beforeSeq: oldest }),
    });
    found.push(...page);
    if (page.length < 1000) return found.reverse();
  }
}

/** An entry as the log shows it; what was erased since is shown as erased. */
function recordOf(entry: SealedEntry): CheckRecord {
  const { name = '(erased)', client = '(erased)', actions = '[]', notes = '' } = entry.known;
  return CheckRecord.parse({
    ...entry.body,
    seq: entry.seq,
    hash: entry.hash,
    by: { id: entry.by, name, roles: entry.body['roles'] },
    client,
    actions: JSON.parse(actions),
    notes,
  });
}
