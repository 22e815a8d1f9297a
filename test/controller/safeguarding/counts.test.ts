import { expect, test } from 'vitest';
import type { LedgerKind } from '#contract/ledger.ts';
import { type CountSources, incidentCounts } from '#safeguarding/counts.ts';

const now = Temporal.Instant.from('2027-01-06T10:00:00Z'); // a Wednesday, in 2027-W01
const sources = (changes: Partial<CountSources> = {}): CountSources => ({
  entries: [],
  alerts: [],
  deviceDays: [],
  now,
  ...changes,
});
const anEntry = (kind: LedgerKind, at: string, body: CountSources['entries'][number]['body'] = {}) => ({
  seq: 4,
  kind,
  at,
  body,
});
const anIncident = (at: string, fourC: string) =>
  anEntry('incident.opened', at, { alert: 'alert-1', fourC, severity: 2, summary: 'Counted, not read' });
const week = (changes: Partial<CountSources>, name: string) =>
  incidentCounts(sources(changes)).weeks.find((one) => one.week === name);

test('there are 13 weeks, newest first, over a year end with 53 weeks, and all of them at zero', () => {
  const { weeks } = incidentCounts(sources());
  expect(weeks).toHaveLength(13);
  expect(weeks.slice(0, 3).map((one) => one.week)).toEqual(['2027-W01', '2026-W53', '2026-W52']);
  for (const one of weeks)
    expect(one).toMatchObject({
      incidents: { content: 0, contact: 0, conduct: 0, commerce: 0, system: 0 },
      alerts: 0,
      open: 0,
      falsePositives: 0,
      deviceDays: 0,
    });
});

test('an incident counts for its C in the week in which it was opened, in London', () => {
  const entries = [
    anIncident('2027-01-03T23:59:59Z', 'content'),
    anIncident('2027-01-04T00:00:00Z', 'content'),
    anIncident('2027-01-05T00:00:00Z', 'conduct'),
  ];
  expect(week({ entries }, '2026-W53')?.incidents).toMatchObject({ content: 1, conduct: 0 });
  expect(week({ entries }, '2027-W01')?.incidents).toMatchObject({ content: 1, conduct: 1 });
});

test('a dismissed alert is a false positive in the week of the decision; other entries count nothing', () => {
  const entries = [
    anEntry('alert.dismissed', '2026-12-30T10:00:00Z'),
    anEntry('button.pressed', '2026-12-30T10:00:00Z'),
    anEntry('settings.changed', '2026-12-30T10:00:00Z'),
  ];
  expect(week({ entries }, '2026-W53')).toMatchObject({ falsePositives: 1, alerts: 0 });
});

test('alerts count for the week of their first attempt, and the open ones apart', () => {
  const alerts = (['open', 'incident', 'false-positive'] as const).map((state) => ({
    state,
    firstAt: '2026-12-30T10:00:00Z',
  }));
  expect(week({ alerts }, '2026-W53')).toMatchObject({ alerts: 3, open: 1 });
});

test('device-days add up by week, Sunday to the week that ends with it', () => {
  const deviceDays = [
    { day: '2027-01-02', devices: 4 },
    { day: '2027-01-03', devices: 2 },
    { day: '2027-01-04', devices: 7 },
  ];
  expect(week({ deviceDays }, '2026-W53')?.deviceDays).toBe(6);
  expect(week({ deviceDays }, '2027-W01')?.deviceDays).toBe(7);
});

test('what is older than 13 weeks, or in the future, is left out', () => {
  const { weeks } = incidentCounts(
    sources({
      entries: [anIncident('2026-10-01T10:00:00Z', 'content'), anIncident('2030-10-01T10:00:00Z', 'content')],
      alerts: [{ firstAt: '1970-01-01T00:00:00Z', state: 'open' }],
      deviceDays: [{ day: '2020-01-01', devices: 3 }],
    }),
  );
  expect(weeks.every((one) => one.incidents.content + one.alerts + one.deviceDays === 0)).toBe(true);
});

test('an incident without one of the four Cs does not vanish: it is named', () => {
  expect(() => incidentCounts(sources({ entries: [anIncident('2027-01-05T00:00:00Z', 'weather')] }))).toThrow(
    'ledger entry 4 (incident.opened)',
  );
});
