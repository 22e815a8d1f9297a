import type { MessagePort } from 'node:worker_threads';
import type { BlockEvent } from '#contract/events.ts';
import type { Alert } from '#contract/incidents.ts';
import type { LedgerHead, NewEntry, SealedEntry } from '#contract/ledger.ts';
import type { StoredSession } from '#contract/sessions.ts';
import type { GroupingMark } from './alerts.ts';
import type { DeviceDay, EventQuery } from './events.ts';
import type { IntakeTotals } from './intake.ts';
import type { EntryQuery } from './ledger.ts';
import type { EventTrouble, PostedError } from './trouble.ts';

/** What the main thread asks of the records thread; answered in the order asked. */
export interface Calls {
  append(entries: readonly NewEntry[], atMs: number): readonly SealedEntry[];
  entries(query: EntryQuery): readonly SealedEntry[];
  blockEvents(query: EventQuery): readonly BlockEvent[];
  takeUngrouped(limit: number): { readonly events: readonly BlockEvent[]; readonly watermark: number };
  purgeBlockEvents(purge: { readonly beforeMs: number; readonly limit: number }): number;
  deviceDays(query: { readonly sinceMs: number }): readonly DeviceDay[];
  eventTotals(): IntakeTotals;
  alerts(state: Alert['state'] | undefined, limit: number | undefined): readonly Alert[];
  alert(id: string): Alert | undefined;
  saveAlerts(alerts: readonly Alert[], mark: GroupingMark | undefined): void;
  grouping(): unknown;
  sessions(): readonly StoredSession[];
  saveSession(session: StoredSession): void;
  deleteSession(tokenHash: string): void;
  close(): void;
}

export interface ThreadOptions {
  readonly folder: string;
  readonly version: string;
  readonly atMs: number;
  readonly timeZone: string;
  readonly flushMs: number;
  readonly room: number;
  readonly busyMs: number;
}

export type ToThread =
  | { readonly id: number; readonly call: keyof Calls; readonly args: readonly unknown[] }
  | { readonly eventPort: MessagePort };

export type FromThread =
  | { readonly ready: { readonly box: string; readonly publicKey: string; readonly head: LedgerHead } }
  | { readonly failed: PostedError }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: PostedError }
  | { readonly trouble: EventTrouble };
