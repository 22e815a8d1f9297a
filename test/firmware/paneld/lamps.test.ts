import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LampShow, Rhythm } from '#contract/lamps.ts';
import { RHYTHMS } from '#contract/legend.ts';
import { kernelName, openKernelPanel } from '#paneld/kernel-panel.ts';
import { driveLeds, LED_NAMES, litLeds } from '#paneld/leds.ts';
import { allLamps, DARK_LAMPS, UNKNOWN_LAMPS } from '#paneld/panel.ts';
import { isLit } from '#paneld/rhythm.ts';
import { HOST_SILENT, openWantedLamps } from '#paneld/wanted-lamps.ts';

const green: LampShow = { colour: 'green', rhythm: 'steady' };
const red: LampShow = { colour: 'red', rhythm: 'fault' };

describe('wanted lamps', () => {
  test('are unknown until the controller has said them, and then what it said', () => {
    const wanted = openWantedLamps(0);
    expect(wanted.lampsAt(1)).toEqual(UNKNOWN_LAMPS);
    wanted.connected(10);
    wanted.heard('lamp/filter', green);
    expect(wanted.lampsAt(20)).toEqual({ ...UNKNOWN_LAMPS, filter: green });
  });

  test('become the silent pattern 5 s after the last sign of life, and come back with the next', () => {
    const wanted = openWantedLamps(0);
    wanted.connected(10);
    wanted.heard('lamp/filter', green);
    wanted.heardFrom(2000);
    expect(wanted.lampsAt(7000).filter).toEqual(green);
    expect(wanted.lampsAt(7001)).toEqual(HOST_SILENT);
    wanted.heardFrom(7100);
    expect(wanted.lampsAt(7101).filter).toEqual(green);
  });

  test('that a new connection does not repeat within 5 s are unknown: never a stale green', () => {
    const wanted = openWantedLamps(0);
    wanted.connected(10);
    wanted.heard('lamp/filter', green);
    wanted.heard('lamp/check', green);
    wanted.connected(1000);
    wanted.heard('lamp/check', green);
    wanted.heardFrom(5900);
    expect(wanted.lampsAt(6000)).toMatchObject({ filter: green, check: green });
    expect(wanted.lampsAt(6001)).toMatchObject({ filter: UNKNOWN_LAMPS.filter, check: green });
  });

  test('are the silent pattern when the controller says that it stopped', () => {
    const wanted = openWantedLamps(0);
    wanted.connected(10);
    wanted.heard('lamp/filter', green);
    wanted.heard('$state', 'disconnected');
    expect(wanted.lampsAt(20)).toEqual(HOST_SILENT);
    wanted.heard('$state', 'ready');
    expect(wanted.lampsAt(30).filter).toEqual(green);
  });

  test('that cannot be read are unknown', () => {
    const wanted = openWantedLamps(0);
    wanted.connected(10);
    wanted.heard('lamp/filter', green);
    wanted.heard('lamp/filter', undefined);
    expect(wanted.lampsAt(20).filter).toEqual(UNKNOWN_LAMPS.filter);
  });
});

test('no lamp is green in the silent pattern, and FILTER is red', () => {
  expect(Object.values(HOST_SILENT).map(({ colour }) => colour)).not.toContain('green');
  expect(HOST_SILENT.filter).toEqual(red);
});

test.each(Object.entries(RHYTHMS) as [Rhythm, readonly number[]][])(
  'the rhythm %s is lit for the shares of its cycle, on first',
  (rhythm, cycle) => {
    const total = cycle.reduce((sum, ms) => sum + ms, 0) || 1000;
    const litMs = Array.from({ length: total }, (_, at) => isLit(rhythm, at + 3 * total)).filter(
      Boolean,
    ).length;
    const onMs = cycle.filter((_, at) => at % 2 === 0).reduce((sum, ms) => sum + ms, 0);
    expect(litMs).toBe(rhythm === 'steady' ? total : onMs);
    if (cycle.length > 0) expect([isLit(rhythm, 0), isLit(rhythm, total - 1)]).toEqual([true, false]);
  },
);

describe('LEDs', () => {
  test('of a colour are lit, amber by both', () => {
    const lamps = { ...DARK_LAMPS, filter: green, check: { colour: 'amber', rhythm: 'steady' } } as const;
    expect([...litLeds(lamps, 0)]).toEqual(['filter green', 'check green', 'check red']);
  });

  test('of a lamp that lacks the colour are all lit: the rhythm still says it', () => {
    const lamps = { ...DARK_LAMPS, power: red };
    expect([...litLeds(lamps, 0)]).toEqual(['power white']);
    expect([...litLeds(lamps, 130)]).toEqual([]);
  });

  test('of one rhythm flash together, and only changes are written', () => {
    vi.useFakeTimers();
    let nowMs = 0;
    const writes: string[] = [];
    const driver = driveLeds(
      DARK_LAMPS,
      (led, isOn) => writes.push(`${led} ${isOn}`),
      () => nowMs,
    );
    driver.show(allLamps(() => red));
    writes.length = 0;
    for (; nowMs < 1280; nowMs += 20) vi.advanceTimersByTime(20);
    const changes = writes.filter((write) => write.startsWith('filter red'));
    expect(changes).toEqual(['filter red false', 'filter red true', 'filter red false']);
    expect(writes.length).toBe(changes.length * 5);
    driver.rewrite();
    expect(writes.length).toBe(changes.length * 5 + LED_NAMES.length);
    driver.close();
    vi.useRealTimers();
  });
});

describe('the kernel panel', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'leds-'));
    for (const led of LED_NAMES) {
      mkdirSync(join(folder, kernelName(led)));
      writeFileSync(join(folder, kernelName(led), 'brightness'), '0');
      writeFileSync(join(folder, kernelName(led), 'trigger'), 'mmc0');
    }
  });
  afterEach(() => {
    vi.useRealTimers();
    rmSync(folder, { recursive: true, force: true });
  });
  const lit = () =>
    LED_NAMES.filter((led) => readFileSync(join(folder, kernelName(led), 'brightness'), 'utf8') === '1');

  test('takes the LEDs from the kernel, lights them in their rhythm, and leaves them dark', async () => {
    vi.useFakeTimers();
    let nowMs = 0;
    const panel = openKernelPanel({ ledFolder: folder, monotonicMs: () => nowMs, log: () => {} });
    expect(readFileSync(join(folder, 'gatehouse:green:filter', 'trigger'), 'utf8')).toBe('none');
    const lamps = { ...DARK_LAMPS, filter: green, check: red };
    expect(panel.show(lamps)).toEqual(lamps);
    expect(lit()).toEqual(['filter green', 'check red']);
    nowMs = 140;
    vi.advanceTimersByTime(20);
    expect(lit()).toEqual(['filter green']);
    await panel.close();
    expect(lit()).toEqual([]);
  });

  test('says that nothing is known to be shown once the LEDs cannot be written', async () => {
    const panel = openKernelPanel({ ledFolder: folder, monotonicMs: () => 0, log: () => {} });
    const links: boolean[] = [];
    panel.onLink((isLinked) => links.push(isLinked));
    rmSync(folder, { recursive: true });
    expect(panel.show({ ...DARK_LAMPS, filter: green })).toEqual(UNKNOWN_LAMPS);
    expect(links).toEqual([false]);
    await panel.close();
  });

  test('refuses a folder without the LEDs, by name', () => {
    rmSync(join(folder, 'gatehouse:red:check'), { recursive: true });
    const opening = () => openKernelPanel({ ledFolder: folder, monotonicMs: () => 0, log: () => {} });
    expect(opening).toThrow(join(folder, 'gatehouse:red:check', 'brightness'));
  });
});
