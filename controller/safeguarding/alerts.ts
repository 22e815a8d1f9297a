import { CATEGORIES, type Category } from '#contract/categories.ts';
import type { BlockEvent } from '#contract/events.ts';
import type { Alert } from '#contract/incidents.ts';

/** An alert holds the attempts of ten minutes, counted from the first: one page load is one alert. */
const SITTING_MS = 600_000;
const NAMES_AT_MOST = 10;

/** What the grouping carries from batch to batch, and over a restart: plain values, to be written down as JSON. */
export interface Grouping {
  /** The alerts that may still grow: at least the open ones of the last ten minutes. */
  readonly open: readonly Alert[];
  /** Attempts too few for an alert so far. */
  readonly pending: readonly BlockEvent[];
}

export const NOTHING_GROUPED: Grouping = { open: [], pending: [] };

/**
 * Groups blocked attempts by device and category. As soon as a device made as many attempts within ten minutes
 * as the category's `alertAfter`, they become an alert, which takes what follows until ten minutes after its
 * first attempt, as long as nobody has decided on it. Names without a category make no alert.
 *
 * It is a fold over the events one by one, so how they are cut into batches changes nothing.
 * @returns the alerts created or changed by `events`, and the grouping for the next batch.
 */
export function groupEvents(
  grouping: Grouping,
  events: readonly BlockEvent[],
  newId: () => string,
): { changed: Alert[]; grouping: Grouping } {
  const groups = new Map<string, Group>();
  for (const alert of grouping.open)
    if (alert.state === 'open') groupOf(groups, alert.device, alert.category).alert = alert;
  for (const event of grouping.pending)
    if (event.category !== undefined) groupOf(groups, event.device, event.category).pending.push(event);
  const changed = new Map<string, Alert>();
  for (const event of events) {
    if (event.category === undefined || event.count < 1) continue;
    const group = groupOf(groups, event.device, event.category);
    const alert = addTo(group, event, event.category, newId);
    if (alert) changed.set(alert.id, alert);
  }
  const latest = events.reduce((most, event) => Math.max(most, event.firstAt), Number.NEGATIVE_INFINITY);
  return { changed: [...changed.values()], grouping: stillGathering(groups, latest) };
}

/** The grouping once somebody has decided on the alert `id`: it takes no more attempts. */
export function decided(grouping: Grouping, id: string): Grouping {
  return { ...grouping, open: grouping.open.filter((alert) => alert.id !== id) };
}

interface Group {
  alert: Alert | undefined;
  pending: BlockEvent[];
}

function groupOf(groups: Map<string, Group>, device: string, category: Category): Group {
  const key = `${category} ${device}`;
  const group = groups.get(key) ?? { alert: undefined, pending: [] };
  groups.set(key, group);
  return group;
}

function addTo(group: Group, event: BlockEvent, category: Category, newId: () => string): Alert | undefined {
  if (group.alert && isWithinSitting(Date.parse(group.alert.firstAt), event)) {
    group.alert = grown(group.alert, event);
    return group.alert;
  }
  group.alert = undefined;
  group.pending = group.pending.filter((earlier) => isWithinSitting(earlier.firstAt, event));
  group.pending.push(event);
  const attempts = group.pending.reduce((sum, one) => sum + one.count, 0);
  if (attempts < CATEGORIES[category].alertAfter) return undefined;
  group.alert = alertOf(group.pending, category, newId());
  group.pending = [];
  return group.alert;
}

/** Workers post side by side, so an event may be a little earlier than the one before it. */
function isWithinSitting(startMs: number, event: BlockEvent): boolean {
  return Math.abs(event.firstAt - startMs) < SITTING_MS;
}

function alertOf(attempts: readonly BlockEvent[], category: Category, id: string): Alert {
  const [first, ...rest] = attempts;
  if (!first) throw new Error('an alert needs at least one attempt');
  const alert: Alert = {
    id,
    device: first.device,
    profile: first.profile,
    category,
    firstAt: isoOf(first.firstAt),
    lastAt: isoOf(Math.max(first.firstAt, first.lastAt)),
    attempts: first.count,
    names: [first.name],
    state: 'open',
  };
  return rest.reduce(grown, alert);
}

function grown(alert: Alert, event: BlockEvent): Alert {
  const isNew = alert.names.length < NAMES_AT_MOST && !alert.names.includes(event.name);
  return {
    ...alert,
    profile: event.profile,
    firstAt: isoOf(Math.min(Date.parse(alert.firstAt), event.firstAt)),
    lastAt: isoOf(Math.max(Date.parse(alert.lastAt), event.lastAt)),
    attempts: alert.attempts + event.count,
    names: isNew ? [...alert.names, event.name] : alert.names,
  };
}

/** Twice the sitting is kept, so that a late batch from a busy worker still finds its group. */
function stillGathering(groups: Map<string, Group>, latestMs: number): Grouping {
  const isRecent = (startMs: number) =>
    latestMs === Number.NEGATIVE_INFINITY || Math.abs(latestMs - startMs) < 2 * SITTING_MS;
  const kept = [...groups.values()];
  return {
    open: kept.flatMap(({ alert }) => (alert && isRecent(Date.parse(alert.firstAt)) ? [alert] : [])),
    pending: kept.flatMap(({ pending }) => pending.filter((event) => isRecent(event.firstAt))),
  };
}

function isoOf(ms: number): string {
  return Temporal.Instant.fromEpochMilliseconds(ms).toString({ smallestUnit: 'millisecond' });
}
