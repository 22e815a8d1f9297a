import type { BlockEvent } from '#contract/events.ts';
import type { Alert, Triage } from '#contract/incidents.ts';
import type { NewEntry } from '#contract/ledger.ts';
import type { Records } from '#records/records.ts';
import { decided, type Grouping, groupEvents, resumeGrouping, SITTING_MS } from '#safeguarding/alerts.ts';
import { type Caller, Refusal } from '#web/appliance.ts';
import { inTurn } from './in-turn.ts';

const BATCH = 10_000;

export interface AlertKeeperOptions {
  readonly records: Pick<
    Records,
    'alerts' | 'alert' | 'append' | 'entries' | 'blockEvents' | 'saveAlerts' | 'takeUngrouped'
  >;
  /** Milliseconds since 1970. */
  readonly now: () => number;
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
  const { records, now, newId } = options;
  const step = inTurn();
  let grouping = await resume();

  async function resume(): Promise<Grouping> {
    await closeDecided(records);
    const sinceMs = now() - 2 * SITTING_MS;
    const { events, watermark } = await records.takeUngrouped(BATCH);
    const old = groupEvents(
      { open: [], pending: [] },
      events.filter((event) => event.firstAt < sinceMs),
      newId,
    );
    const alerts = await records.alerts(undefined, BATCH);
    const recent = await records.blockEvents({ sinceMs, untilMs: now() + SITTING_MS, limit: BATCH });
    const resumed = resumeGrouping(
      alerts.filter((alert) => Date.parse(alert.lastAt) >= sinceMs),
      recent.toSorted((one, other) => one.firstAt - other.firstAt),
      newId,
    );
    await records.saveAlerts([...old.changed, ...resumed.changed], watermark);
    return resumed.grouping;
  }

  async function groupOnce(): Promise<void> {
    let events: readonly BlockEvent[];
    do {
      const taken = await records.takeUngrouped(BATCH);
      events = taken.events;
      if (events.length === 0) return;
      const attempts = events.filter((event) => !options.isOwnQuestion(event));
      const found = groupEvents(grouping, attempts, newId);
      await records.saveAlerts(found.changed, taken.watermark);
      grouping = found.grouping;
    } while (events.length === BATCH);
  }

  async function triageOnce(id: string, decision: Triage, by: Caller): Promise<Alert> {
    const alert = await records.alert(id);
    if (!alert) throw new Refusal(404, 'There is no such alert.');
    if (alert.state !== 'open') throw new Refusal(409, 'Somebody has decided on this alert already.');
    await records.append([entryOf(alert, decision, by)]);
    const settled: Alert = { ...alert, state: decision.decision };
    await records.saveAlerts([settled]);
    grouping = decided(grouping, id);
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
