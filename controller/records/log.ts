import { join } from 'node:path';
import { type Db, openDb } from './db.ts';

/** Released scripts are never changed; a new one is added below. */
const MIGRATIONS = [
  `create table block_event (
     id integer primary key autoincrement, device text not null, profile text not null, name text not null,
     category text, tier text not null, count integer not null, first_at integer not null, last_at integer not null
   ) strict;
   create index block_event_last_at on block_event (last_at);
   create table device_day (day text not null, device text not null, primary key (day, device)) strict, without rowid;
   create table day_total (day text primary key, devices integer not null) strict;
   create table alert (
     id text primary key, device text not null, profile text not null, category text not null, first_at text not null,
     last_at text not null, attempts integer not null, names text not null, state text not null
   ) strict;
   create index alert_state on alert (state, last_at);
   create table watermark (name text primary key, event integer not null) strict;
   create table session (
     token_hash text primary key, person text not null, opened_at integer not null, seen_at integer not null
   ) strict;
   create table grouping (one integer primary key check (one = 1), state text not null) strict;`,
];

/**
 * Opens `log.db` of `folder`: block events, the alerts made from them, and sessions. A power cut may lose the last
 * transactions, all of each, and never damages it.
 */
export function openLog(folder: string, busyMs: number): Promise<Db> {
  return openDb({ path: join(folder, 'log.db'), synchronous: 'NORMAL', migrations: MIGRATIONS, busyMs });
}
