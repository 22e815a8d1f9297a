import { afterEach, describe, expect, test, vi } from 'vitest';
import { openBoardPanel } from '#paneld/board-panel.ts';
import { allLamps, DARK_LAMPS, type Panel, UNKNOWN_LAMPS } from '#paneld/panel.ts';
import { BUTTON_PIN, LED_PINS } from '#paneld/wiring.ts';
import { type Cable, type FirmataBoard, hasPty, serialCable } from '#support/firmata-board.ts';

const GREEN = allLamps((lamp) => ({ colour: lamp === 'power' ? 'white' : 'green', rhythm: 'steady' }));
const GREEN_PINS = [
  LED_PINS['power white'],
  LED_PINS['filter green'],
  LED_PINS['internet green'],
  LED_PINS['check green'],
  LED_PINS['override green'],
];
const soon = { timeout: 15_000, interval: 20 };

describe.skipIf(!hasPty)('the panel board over a real pseudo-terminal', () => {
  const open: { panel?: Panel; cable?: Cable } = {};
  afterEach(async () => {
    await open.panel?.close();
    await open.cable?.[Symbol.asyncDispose]();
  });

  function start() {
    const cable = serialCable();
    const edges: boolean[] = [];
    const links: boolean[] = [];
    const panel = openBoardPanel({ path: cable.path, monotonicMs: () => performance.now(), log: () => {} });
    panel.onEdge((isDown) => edges.push(isDown));
    panel.onLink((isLinked) => links.push(isLinked));
    Object.assign(open, { panel, cable });
    return { cable, panel, edges, links };
  }
  const shows = (board: FirmataBoard, pins: readonly number[]) =>
    vi.waitFor(() => expect(board.high().toSorted((a, b) => a - b)).toEqual(pins), soon);

  test('started before there is a board, it waits; then lamps are lit and the button is heard', async () => {
    const { cable, panel, edges, links } = start();
    expect(panel.show(GREEN)).toEqual(UNKNOWN_LAMPS);
    const board = await cable.plug();
    await shows(board, GREEN_PINS);
    expect(panel.show(GREEN)).toEqual(GREEN);
    expect(links).toEqual([true]);
    await vi.waitFor(() => expect(edges).toEqual([false]), soon);
    board.setInput(BUTTON_PIN, 0);
    board.setInput(BUTTON_PIN, 1);
    await vi.waitFor(() => expect(edges).toEqual([false, true, false]), soon);
    panel.show({ ...DARK_LAMPS, check: { colour: 'amber', rhythm: 'steady' } });
    await shows(board, [LED_PINS['check green'], LED_PINS['check red']]);
  });

  test('unplugged, it says so; a fresh board plugged in shows what is wanted now', async () => {
    const { cable, panel, links } = start();
    panel.show(DARK_LAMPS);
    await shows(await cable.plug(), []);
    await vi.waitFor(() => expect(links).toEqual([true]), soon);
    await cable.unplug();
    await vi.waitFor(() => expect(links).toEqual([true, false]), soon);
    expect([panel.isLinked(), panel.isDown()]).toEqual([false, undefined]);
    expect(panel.show(GREEN)).toEqual(UNKNOWN_LAMPS);
    await shows(await cable.plug(), GREEN_PINS);
    expect(links).toEqual([true, false, true]);
  });

  test('a board that restarted by itself is set anew, and counts as a gap', async () => {
    const { cable, panel, edges, links } = start();
    panel.show(GREEN);
    const board = await cable.plug();
    await shows(board, GREEN_PINS);
    board.restart();
    await shows(board, GREEN_PINS);
    expect(links).toEqual([true, false, true]);
    edges.length = 0;
    board.setInput(BUTTON_PIN, 0);
    await vi.waitFor(() => expect(edges.at(-1)).toBe(true), soon);
  });

  test('a board that stops answering with the cable in is given up after 3 s, and taken back', async () => {
    const { cable, panel, links } = start();
    panel.show(GREEN);
    const board = await cable.plug();
    await shows(board, GREEN_PINS);
    board.freeze(true);
    await vi.waitFor(() => expect(links).toEqual([true, false]), soon);
    board.freeze(false);
    await vi.waitFor(() => expect(links).toEqual([true, false, true]), soon);
  });

  test('a cable pulled in the middle of the first handshake costs nothing but time', async () => {
    const { cable, panel } = start();
    panel.show(GREEN);
    for (let pulled = 0; pulled < 4; pulled++) {
      const board = await cable.plug();
      await new Promise((resolve) => setTimeout(resolve, 150 + 60 * pulled));
      board.freeze(true);
      await cable.unplug();
    }
    await shows(await cable.plug(), GREEN_PINS);
  });
});
