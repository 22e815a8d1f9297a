import type { BlockEvent, EventBatch } from '#contract/events.ts';
import { PROFILES, type ProfileId } from '#contract/profiles.ts';
import { categoryOf, tierOf, type VerdictCode } from '#filter/decide.ts';
import { nameText } from '#filter/name-view.ts';
import type { Query } from './query.ts';

/** Different (device, name, verdict) that one batch holds; what finds no room is counted as lost. */
const MOST_ROWS = 4096;
const PLACES = MOST_ROWS * 2;

/** Adds up the blocked questions of half a second, so that a device that asks a thousand times makes one event. */
export interface Events {
  add(query: Query, verdict: VerdictCode): void;
  /** The batch so far, or undefined when nothing was added; starts the next one. */
  take(): EventBatch | undefined;
}

/** A batch in the making, column by column: adding to a row that is there allocates nothing. */
function createColumns() {
  return {
    /** Row + 1 in each place, found by fingerprint; 0: none. */
    places: new Uint16Array(PLACES),
    place: new Uint16Array(MOST_ROWS),
    high: new Uint32Array(MOST_ROWS),
    low: new Uint16Array(MOST_ROWS),
    verdict: new Uint16Array(MOST_ROWS),
    client: new Uint32Array(MOST_ROWS),
    count: new Uint32Array(MOST_ROWS),
    firstAt: new Float64Array(MOST_ROWS),
    lastAt: new Float64Array(MOST_ROWS),
    devices: [] as string[],
    profiles: [] as number[],
    names: [] as string[],
  };
}
type Columns = ReturnType<typeof createColumns>;

export function createEvents(): Events {
  const columns = createColumns();
  let rows = 0;
  let lost = 0;
  return {
    add(query, verdict) {
      const place = findPlace(columns, query, verdict);
      const row = (columns.places[place] as number) - 1;
      if (row >= 0) {
        (columns.count[row] as number) += 1;
        columns.lastAt[row] = query.nowMs;
      } else if (rows === MOST_ROWS) lost += 1;
      else {
        rows += 1;
        columns.places[place] = rows;
        columns.place[rows - 1] = place;
        beginRow(columns, rows - 1, query, verdict);
      }
    },
    take() {
      if (rows === 0 && lost === 0) return undefined;
      const batch = { events: Array.from({ length: rows }, (_, row) => eventOf(columns, row)), lost };
      for (let row = 0; row < rows; row++) columns.places[columns.place[row] as number] = 0;
      rows = 0;
      lost = 0;
      return batch;
    },
  };
}

/** @returns the place of the row for this device, name and verdict, or the empty one where it belongs */
function findPlace(columns: Columns, { match, client }: Query, verdict: VerdictCode): number {
  let place = (match.high ^ Math.imul(client.id + verdict, 0x9e3779b1)) & (PLACES - 1);
  for (;;) {
    const row = (columns.places[place] as number) - 1;
    if (row < 0) return place;
    const same = columns.high[row] === match.high && columns.low[row] === match.low;
    if (same && columns.verdict[row] === verdict && columns.client[row] === client.id) return place;
    place = (place + 1) & (PLACES - 1);
  }
}

function beginRow(columns: Columns, row: number, query: Query, verdict: VerdictCode): void {
  columns.high[row] = query.match.high;
  columns.low[row] = query.match.low;
  columns.verdict[row] = verdict;
  columns.client[row] = query.client.id;
  columns.count[row] = 1;
  columns.firstAt[row] = query.nowMs;
  columns.lastAt[row] = query.nowMs;
  columns.devices[row] = query.client.device;
  columns.profiles[row] = query.client.profile;
  columns.names[row] = nameText(query.question.name);
}

function eventOf(columns: Columns, row: number): BlockEvent {
  return {
    device: columns.devices[row] as string,
    profile: PROFILES[columns.profiles[row] as number] as ProfileId,
    name: columns.names[row] as string,
    category: categoryOf(columns.verdict[row] as number),
    tier: tierOf(columns.verdict[row] as number),
    count: columns.count[row] as number,
    firstAt: columns.firstAt[row] as number,
    lastAt: columns.lastAt[row] as number,
  };
}
