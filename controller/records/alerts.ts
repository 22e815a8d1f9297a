import type { Alert } from '#contract/incidents.ts';
import type { Db } from './db.ts';
import { saveWatermark } from './events.ts';

interface AlertRow {
  readonly id: string;
  readonly device: string;
  readonly profile: string;
  readonly category: string;
  readonly first_at: string;
  readonly last_at: string;
  readonly attempts: number;
  readonly names: string;
  readonly state: string;
}

/** How far grouping has come: the newest event it has seen, and what it carries over to the next; JSON values. */
export interface GroupingMark {
  readonly watermark?: number;
  readonly grouping?: unknown;
}

const MAX_PAGE = 10_000;

/** Newest first; all states when none is asked for. */
export function readAlerts(db: Db, state: Alert['state'] | undefined, limit = MAX_PAGE): readonly Alert[] {
  const rows = db.all<AlertRow>(
    'select * from alert where ? is null or state = ? order by last_at desc, id limit ?',
    state ?? null,
    state ?? null,
    Math.min(Math.max(0, limit), MAX_PAGE),
  );
  return rows.map(toAlert);
}

export function readAlert(db: Db, id: string): Alert | undefined {
  const row = db.get<AlertRow>('select * from alert where id = ?', id);
  return row && toAlert(row);
}

/**
 * Adds alerts or puts them in the place of older ones of the same id, and with `mark` says how far grouping has
 * come: both or neither. An alert that somebody has decided is not opened again by a late grouping.
 */
export function saveAlerts(db: Db, alerts: readonly Alert[], mark: GroupingMark = {}): void {
  db.transaction(() => {
    for (const alert of alerts) saveAlert(db, alert);
    if (mark.watermark !== undefined) saveWatermark(db, mark.watermark);
    if (mark.grouping !== undefined) {
      db.run('insert or replace into grouping values (1, ?)', JSON.stringify(mark.grouping));
    }
  });
}

/** What the last grouping carried over; undefined before the first. */
export function readGrouping(db: Db): unknown {
  const kept = db.get<{ state: string }>('select state from grouping')?.state;
  return kept === undefined ? undefined : JSON.parse(kept);
}

function saveAlert(db: Db, alert: Alert): void {
  db.run(
    `insert into alert values (?, ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (id) do update set
       device = excluded.device, profile = excluded.profile, category = excluded.category,
       first_at = excluded.first_at, last_at = excluded.last_at, attempts = excluded.attempts, names = excluded.names,
       state = iif(excluded.state = 'open', state, excluded.state)`,
    alert.id,
    alert.device,
    alert.profile,
    alert.category,
    alert.firstAt,
    alert.lastAt,
    alert.attempts,
    JSON.stringify(alert.names),
    alert.state,
  );
}

function toAlert(row: AlertRow): Alert {
  const { id, device, profile, category, attempts, state } = row;
  const names = JSON.parse(row.names) as string[];
  const times = { firstAt: row.first_at, lastAt: row.last_at };
  return { id, device, profile, category, attempts, state, names, ...times } as Alert;
}
