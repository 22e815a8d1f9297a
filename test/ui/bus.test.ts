import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openTestBus, PREFIX, type TestBus } from '#support/bus.ts';
import { type Bus, type BusNews, openBus, tell } from '#ui/bus.ts';

/** News that are kept in the order of their coming. */
function keptNews() {
  const told: (readonly unknown[])[] = [];
  const hear =
    (what: string) =>
    (...values: readonly unknown[]) =>
      void told.push([what, ...values]);
  const news: BusNews = {
    onConnected: hear('connected'),
    onStatus: hear('status'),
    onLamp: hear('lamp'),
    onLink: hear('link'),
    onArming: hear('arming'),
  };
  return { told, news };
}

let box: TestBus;
let bus: Bus;
let told: ReturnType<typeof keptNews>['told'];
const tells = (line: readonly unknown[]) => vi.waitFor(() => expect(told).toContainEqual(line), 5000);

beforeEach(async () => {
  box = await openTestBus();
  await box.broker.publish('lamp/filter', { colour: 'green', rhythm: 'steady' });
  const kept = keptNews();
  told = kept.told;
  const url = `ws://127.0.0.1:${box.httpPort}/mqtt?role=presser`;
  bus = openBus({ url, topicPrefix: PREFIX, suffix: 'test', retryMs: 50 }, kept.news);
  await tells(['connected', true]);
});
afterEach(async () => {
  bus.close();
  await box[Symbol.asyncDispose]();
});

test('a lamp’s retained state is heard at once, and its changes after it', async () => {
  await tells(['lamp', 'filter', { colour: 'green', rhythm: 'steady' }]);
  await box.broker.publish('lamp/filter', { colour: 'red', rhythm: 'fault' });
  await tells(['lamp', 'filter', { colour: 'red', rhythm: 'fault' }]);
});

test('the panel’s link and the arming steps are heard', async () => {
  await box.broker.publish('panel/link', 'lost');
  await tells(['link', 'lost']);
  await box.broker.publish('panel/arming', { step: 3 });
  await tells(['arming', 3]);
});

test('the button’s edges reach the box in order', async () => {
  bus.press('down');
  bus.press('up');
  await vi.waitFor(() => expect(box.edges).toEqual(['down', 'up']), 5000);
});

test('without a connection a press is dropped, never kept for later', async () => {
  box.broker.closePrincipal('session-1');
  await tells(['connected', false]);
  bus.press('down');
  await vi.waitFor(() => expect(told.filter(([what]) => what === 'connected')).toHaveLength(3), 9000);
  expect(told.at(-1)).not.toEqual(['connected', false]);
  bus.press('up');
  await vi.waitFor(() => expect(box.edges).toEqual(['up']), 5000);
});

test.each([
  ['lamp/check', ''],
  ['lamp/check', 'null'],
  ['lamp/check', '{'],
  ['lamp/check', '{"colour":"pink","rhythm":"steady"}'],
  ['lamp/check', '{"colour":"red","rhythm":"toString"}'],
  ['lamp/kitchen', '{"colour":"red","rhythm":"fault"}'],
  ['status', '{"lamps":null}'],
  ['panel/arming', '{"step":99}'],
  ['panel/arming', '7'],
])('on %s the payload %j changes nothing', (topic, payload) => {
  const kept = keptNews();
  tell(kept.news, topic, payload);
  expect(kept.told).toEqual([]);
});

test('no payload stops the page’s script', () => {
  const topics = fc.constantFrom('status', 'lamp/power', 'panel/link', 'panel/arming', '$state');
  fc.assert(
    fc.property(topics, fc.oneof(fc.string(), fc.json()), (topic, payload) => {
      tell(keptNews().news, topic, payload);
    }),
  );
});
