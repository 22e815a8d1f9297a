import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openAlertKeeper } from '#appliance/alert-keeper.ts';
import { openOverrideKeeper } from '#appliance/override-keeper.ts';
import type { BlockEvent } from '#contract/events.ts';
import type { Override } from '#contract/override.ts';
import type { ButtonPressed } from '#contract/topics.ts';
import { openRecords, type Records } from '#records/records.ts';
import type { Caller } from '#web/appliance.ts';

const START_MS = Date.parse('2026-11-23T09:00:00Z');
const DSL: Caller = { id: 'p-00000001', name: 'Safeguarding Lead', roles: ['dsl'] };
let folder: string;
let records: Records;

async function open(): Promise<void> {
  records = await openRecords({
    folder,
    version: 'test',
    now: () => START_MS,
    timeZone: 'Europe/London',
    onEventTrouble: () => {},
    onEnded: () => {},
    flushMs: 1,
  });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-keepers-'));
  await open();
});
afterEach(async () => {
  await records.close();
  rmSync(folder, { recursive: true, force: true });
});

async function block(...names: readonly string[]): Promise<void> {
  const events = names.map((name, i): BlockEvent => {
    const at = START_MS + i * 1000;
    const what = { device: '192.0.2.7', profile: 'learner', category: 'gambling', tier: 'category' } as const;
    return { ...what, name, count: 1, firstAt: at, lastAt: at };
  });
  const before = (await records.eventTotals()).written;
  const port = records.eventPort();
  port.postMessage({ events, lost: 0 });
  while ((await records.eventTotals()).written < before + names.length) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  port.close();
}

describe('alerts', () => {
  const keeper = () =>
    openAlertKeeper({
      records,
      newId: randomUUID,
      isOwnQuestion: ({ name }) => name.startsWith('probe'),
    });

  test('attempts from before a restart and after it make one alert together, and each counts once', async () => {
    const before = await keeper();
    await block('one.test', 'two.test');
    await before.group();
    expect(await records.alerts()).toEqual([]);
    await records.close();
    await open();
    const after = await keeper();
    await block('three.test');
    await after.group();
    await after.group();
    expect(await records.alerts()).toMatchObject([
      { attempts: 3, names: ['one.test', 'two.test', 'three.test'] },
    ]);
  });

  test('a check’s own questions make none, also after a restart', async () => {
    const alerts = await keeper();
    await block('probe-1.test', 'probe-2.test', 'probe-3.test', 'probe-4.test');
    await alerts.group();
    await records.close();
    await open();
    await (await keeper()).group();
    expect(await records.alerts()).toEqual([]);
  });

  test('an alert becomes an incident once: the decision is in the chain, a second one is refused', async () => {
    const alerts = await keeper();
    await block('one.test', 'two.test', 'three.test');
    await alerts.group();
    const [alert] = await records.openAlerts();
    const decision = {
      decision: 'incident',
      fourC: 'commerce',
      severity: 2,
      summary: 'In a lesson',
    } as const;
    const settled = await alerts.triage(alert?.id ?? '', decision, DSL);
    expect(settled.state).toBe('incident');
    const [entry] = await records.entries({ kinds: ['incident.opened'], limit: 1 });
    expect(entry?.body).toMatchObject({ fourC: 'commerce', severity: 2 });
    expect(JSON.stringify(entry?.body)).not.toContain('192.0.2.7');
    await expect(alerts.triage(alert?.id ?? '', decision, DSL)).rejects.toMatchObject({ status: 409 });
    await expect(alerts.triage('nobody', decision, DSL)).rejects.toMatchObject({ status: 404 });
  });

  test('a power cut between a decision’s entry and the alert’s row is put right at the next start', async () => {
    const alerts = await keeper();
    await block('one.test', 'two.test', 'three.test');
    await alerts.group();
    const [alert] = await records.openAlerts();
    await records.append([{ kind: 'alert.dismissed', by: DSL.id, body: { alert: alert?.id } }]);
    await keeper();
    expect(await records.alert(alert?.id ?? '')).toMatchObject({ state: 'false-positive' });
  });
});

describe('override', () => {
  const settings = { unplanned: true, minutes: 15, categories: ['social'], profile: 'learner' } as const;
  function keeper(nowMs: () => number, changes: Override[] = []) {
    return openOverrideKeeper({
      records,
      now: () => Temporal.Instant.fromEpochMilliseconds(nowMs()),
      claimed: () => true,
      settings: () => ({ ...settings, categories: [...settings.categories] }),
      newWarnings: () => [],
      onChange: (override) => changes.push(override),
      onAcknowledge: () => {},
      onLampTest: () => {},
      log: () => {},
    });
  }
  const press = (sequence: number, gesture: ButtonPressed['gesture'], atMs: number): ButtonPressed => ({
    ...{ boot: 'boot-1', sequence, gesture, heldMs: gesture === 'hold' ? 3000 : 200 },
    at: new Date(atMs).toISOString(),
  });

  test('is in the ledger when it takes effect, survives a restart, and ends by itself', async () => {
    let nowMs = START_MS;
    const changes: Override[] = [];
    const first = await keeper(() => nowMs, changes);
    await first.press(press(1, 'hold', nowMs));
    expect(changes).toMatchObject([{ kind: 'unplanned', profiles: ['learner'] }]);
    const kinds = (await records.entries({ limit: 3 })).map((entry) => entry.kind);
    expect(kinds).toEqual(['override.started', 'button.pressed', 'genesis']);

    nowMs += 60_000;
    const second = await keeper(() => nowMs, changes);
    expect(second.current().kind).toBe('unplanned');
    nowMs += 15 * 60_000;
    await second.endIfDue();
    expect(second.current().kind).toBe('none');
    expect((await records.entries({ limit: 1 }))[0]).toMatchObject({ kind: 'override.ended' });
  });

  test('a press heard twice, also over a restart, is one press', async () => {
    const first = await keeper(() => START_MS);
    await first.press(press(1, 'hold', START_MS));
    await first.press(press(2, 'short', START_MS));
    expect(first.current().kind).toBe('none');
    const second = await keeper(() => START_MS);
    await second.press(press(1, 'hold', START_MS));
    expect(second.current().kind).toBe('none');
    expect(await records.entries({ kinds: ['button.pressed'], limit: 10 })).toHaveLength(2);
  });
});
