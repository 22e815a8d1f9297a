import type { BlockEvent } from '#contract/events.ts';
import type { Alert, Triage } from '#contract/incidents.ts';
import type { NewEntry } from '#contract/ledger.ts';
import type { Records } from '#records/records.ts';
import { decided, type Grouping, groupEvents, NOTHING_GROUPED } from '#safeguarding/alerts.ts';
import { type Caller, Refusal } from '#web/appliance.ts';
import { inTurn } from './in-turn.ts';

const BATCH = 10_000;

export interface AlertKeeperOptions {
  readonly records: Pick<
    Records,
    'alerts' | 'alert' | 'append' | 'entries' | 'grouping' | 'saveAlerts' | 'takeUngrouped'
  >;
  readonly newId: () => string;
  /** Whether an event is a weekly check's own question. */
  readonly isOwnQuestion: (event: BlockEvent) => boolean;
}

/** Turns block events into alerts as they come in, and a person's decision on one into a ledger entry. */
export interface AlertKeeper {
  /** Groups what was recorded since the last time. */
  group(): Promise<void>;
  triage(id: string, decision: Triage, by: Caller): Promise<Alert>;
}

/** Goes on where the last run stopped: what was too little for an alert then is still counted. */
export async function openAlertKeeper(options: AlertKeeperOptions): Promise<AlertKeeper> {
  const { records, newId } = options;
  const step = inTurn();
  await closeDecided(records);
  // Written by the last run in the same transaction as its alerts.
  let grouping = ((await records.grouping()) as Grouping | undefined) ?? NOTHING_GROUPED;

  async function groupOnce(): Promise<void> {
    let events: readonly BlockEvent[];
    do {
      const taken = await records.takeUngrouped(BATCH);
      events = taken.events;
      if (events.length === 0) return;
      const attempts = events.filter((event) => !options.isOwnQuestion(event));
      const found = groupEvents(grouping, attempts, newId);
      await records.saveAlerts(found.changed, { watermark: taken.watermark, grouping: found.grouping });
      grouping = found.grouping;
    } while (events.length === BATCH);
  }

  async function triageOnce(id: string, decision: Triage, by: Caller): Promise<Alert> {
    const alert = await records.alert(id);
    if (!alert) throw new Refusal(404, 'There is no such alert.');
    if (alert.state !== 'open') throw new Refusal(409, 'Somebody has decided on this alert already.');
    await records.append([entryOf(alert, decision, by)]);
    const settled: Alert = { ...alert, state: decision.decision };
    const next = decided(grouping, id);
    await records.saveAlerts([settled], { grouping: next });
    grouping = next;
    return settled;
  }

  return {
    group: () => step(groupOnce),
    triage: (id, decision, by) => step(() => triageOnce(id, decision, by)),
  };
}

/** A power cut between a decision's ledger entry and the alert's own row: the ledger is right. */
async function closeDecided(records: Pick<Records, 'alerts' | 'entries' | 'saveAlerts'>): Promise<void> {
  const entries = await records.entries({ kinds: ['incident.opened', 'alert.dismissed'], limit: 1000 });
  const decisions = new Map(entries.map((entry) => [entry.body['alert'], entry.kind]));
  const open = await records.alerts('open', BATCH);
  const late = open.filter((alert) => decisions.has(alert.id));
  if (late.length === 0) return;
  await records.saveAlerts(
    late.map((alert) => ({
      ...alert,
      state: decisions.get(alert.id) === 'incident.opened' ? 'incident' : 'false-positive',
    })),
  );
}

/** The alert's figures go into the chain; the device, which may lead to a person, stands beside it. */
function entryOf(alert: Alert, decision: Triage, by: Caller): NewEntry {
  const { id, category, profile, attempts, firstAt, lastAt } = alert;
  const body = { alert: id, category, profile, attempts, firstAt, lastAt, roles: by.roles };
  const personal = { name: by.name, device: alert.device };
  if (decision.decision === 'false-positive') {
    return { kind: 'alert.dismissed', by: by.id, body, personal: { ...personal, why: decision.why } };
  }
  const { fourC, severity, summary } = decision;
  return {
    kind: 'incident.opened',
    by: by.id,
    body: { ...body, fourC, severity },
    personal: { ...personal, summary },
  };
}
