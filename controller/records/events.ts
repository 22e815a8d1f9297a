import type { BlockEvent } from '#contract/events.ts';
import type { Db } from './db.ts';

export interface EventQuery {
  readonly sinceMs: number;
  readonly untilMs: number;
  /** At most 10,000. */
  readonly limit: number;
}

/** How many devices had a blocked attempt on one local day, `YYYY-MM-DD`. */
export interface DeviceDay {
  readonly day: string;
  readonly devices: number;
}

const MAX_PAGE = 10_000;

interface EventRow {
  readonly id: number;
  readonly device: string;
  readonly profile: string;
  readonly name: string;
  readonly category: string | null;
  readonly tier: string;
  readonly count: number;
  readonly first_at: number;
  readonly last_at: number;
}

/** The local day of an instant, remembered for the quarter of an hour: clocks change at its ends only. */
export function dayTeller(timeZone: string): (ms: number) => string {
  const quarter = 900_000;
  const days = new Map<number, string>();
  return (ms) => {
    const slot = Math.floor(ms / quarter);
    const known = days.get(slot);
    if (known !== undefined) return known;
    if (days.size > 1000) days.clear();
    const instant = Temporal.Instant.fromEpochMilliseconds(slot * quarter);
    const day = instant.toZonedDateTimeISO(timeZone).toPlainDate().toString();
    days.set(slot, day);
    return day;
  };
}

/** Writes events and the days of their devices in one transaction. */
export function writeEvents(db: Db, events: readonly BlockEvent[], dayOf: (ms: number) => string): void {
  db.transaction(() => {
    for (const event of events) {
      db.run(
        `insert into block_event (device, profile, name, category, tier, count, first_at, last_at)
         values (?, ?, ?, ?, ?, ?, ?, ?)`,
        event.device,
        event.profile,
        event.name,
        event.category ?? null,
        event.tier,
        event.count,
        event.firstAt,
        event.lastAt,
      );
      db.run('insert or ignore into device_day values (?, ?)', dayOf(event.firstAt), event.device);
    }
  });
}

/** Events that overlap the time asked for, newest first. */
export function readEvents(db: Db, { sinceMs, untilMs, limit }: EventQuery): readonly BlockEvent[] {
  const rows = db.all<EventRow>(
    'select * from block_event where last_at >= ? and first_at <= ? order by last_at desc, id desc limit ?',
    sinceMs,
    untilMs,
    Math.min(Math.max(0, limit), MAX_PAGE),
  );
  return rows.map(toEvent);
}

/** Events that no saved watermark covers yet, oldest first, and the watermark that covers them. */
export function readUngrouped(db: Db, limit: number): { events: readonly BlockEvent[]; watermark: number } {
  const mark = db.get<{ event: number }>("select event from watermark where name = 'grouped'")?.event ?? 0;
  const rows = db.all<EventRow>(
    'select * from block_event where id > ? order by id limit ?',
    mark,
    Math.min(Math.max(1, limit), MAX_PAGE),
  );
  return { events: rows.map(toEvent), watermark: rows.at(-1)?.id ?? mark };
}

/** A watermark never moves back. */
export function saveWatermark(db: Db, watermark: number): void {
  db.run(
    `insert into watermark values ('grouped', ?)
     on conflict (name) do update set event = max(event, excluded.event)`,
    watermark,
  );
}

/** Counts for every day since the one of `sinceMs`, oldest first; days without an attempt have no row. */
export function readDeviceDays(db: Db, sinceMs: number, dayOf: (ms: number) => string): readonly DeviceDay[] {
  return db.all<DeviceDay>(
    `select day, max(devices) as devices from (
       select day, count(*) as devices from device_day group by day union all select day, devices from day_total
     ) where day >= ? group by day order by day`,
    dayOf(sinceMs),
  );
}

/**
 * Deletes at most `limit` events that ended before `beforeMs`; the days they filled keep only their counts.
 * Answers how many went: call again while it answers `limit`.
 */
export function purgeEvents(
  db: Db,
  purge: { readonly beforeMs: number; readonly limit: number },
  dayOf: (ms: number) => string,
): number {
  const lastDay = dayOf(purge.beforeMs);
  return db.transaction(() => {
    db.run(
      `insert into day_total select day, count(*) from device_day where day < ? group by day
       on conflict (day) do update set devices = max(devices, excluded.devices)`,
      lastDay,
    );
    db.run('delete from device_day where day < ?', lastDay);
    return db.run(
      'delete from block_event where id in (select id from block_event where last_at < ? order by last_at limit ?)',
      purge.beforeMs,
      Math.min(Math.max(0, purge.limit), MAX_PAGE),
    );
  });
}

function toEvent(row: EventRow): BlockEvent {
  const { device, profile, name, category, tier, count } = row;
  const times = { firstAt: row.first_at, lastAt: row.last_at };
  return { device, profile, name, category: category ?? undefined, tier, count, ...times } as BlockEvent;
}
