import { isDeepStrictEqual } from 'node:util';
import { LAMPS } from '#contract/lamps.ts';
import type { TopicName } from '#contract/topics.ts';
import { type Bus, connectBus } from './bus.ts';
import { advance, GESTURE_START, type GestureInput, type GestureOutput } from './gesture.ts';
import type { Lamps, Panel } from './panel.ts';
import { openWantedLamps } from './wanted-lamps.ts';

const TICK_MS = 50;

export interface DaemonOptions {
  readonly socketPath: string;
  readonly box: string;
  /** Names this run of the daemon, `[a-z0-9-]`: presses are counted within it. */
  readonly boot: string;
  readonly panel: Panel;
  readonly clock: {
    readonly monotonicMs: () => number;
    /** The wall clock, only to stamp a press. */
    readonly now: () => Temporal.Instant;
  };
  readonly log: (message: string) => void;
}

export interface Daemon {
  /** Says goodbye to the broker and leaves the panel. */
  close(): Promise<void>;
}

/** Joins a panel to the broker: lamps one way, gestures the other. It translates; it never interprets. */
export function runDaemon(options: DaemonOptions): Daemon {
  const { panel, clock } = options;
  const wanted = openWantedLamps(clock.monotonicMs());
  const button = openButton(options, (topicName, value) => bus.publish(topicName, value));
  const report = openReport((topicName, value) => bus.publish(topicName, value));

  function refresh(): void {
    report.lamps(panel.show(wanted.lampsAt(clock.monotonicMs())));
  }
  function relink(): void {
    report.link(panel.isLinked() ? 'ready' : 'lost');
    button.link(bus.isConnected() && panel.isLinked());
    refresh();
  }

  const bus: Bus = connectBus({
    ...options,
    clientId: `panel-${options.boot}`,
    topicFilters: ['$state', 'lamp/+', ...(panel.screenButton ? ['screen/button'] : [])],
    onConnected() {
      wanted.connected(clock.monotonicMs());
      report.forget();
      relink();
    },
    onLost: relink,
    onSignOfLife: () => wanted.heardFrom(clock.monotonicMs()),
    onHeard(topicName, value) {
      if (topicName === 'screen/button') panel.screenButton?.(value === 'down');
      wanted.heard(topicName, value);
      refresh();
    },
  });
  panel.onEdge((isDown) => button.edge(isDown));
  panel.onLink(relink);
  const ticking = setInterval(() => {
    button.tick();
    refresh();
  }, TICK_MS);

  return {
    async close() {
      clearInterval(ticking);
      await bus.close({ topicName: 'panel/link', value: 'disconnected' });
      await panel.close();
    },
  };
}

type Publish = (topicName: TopicName, value: unknown) => void;

/** Feeds the gesture machine, and says what it says. */
function openButton({ panel, clock, boot }: DaemonOptions, publish: Publish) {
  let machine = GESTURE_START;
  let sequence = 0;
  let isLinked = false;

  function say(output: GestureOutput): void {
    if (output.kind === 'arming') {
      publish('panel/arming', { step: output.step });
      return;
    }
    sequence += 1;
    const { gesture, heldMs } = output;
    const at = clock.now().toString({ fractionalSecondDigits: 3 });
    publish('button/pressed', { boot, sequence, gesture, heldMs: Math.round(heldMs), at });
  }
  function feed(input: GestureInput): void {
    const step = advance(machine, input);
    machine = step.machine;
    step.said.forEach(say);
  }

  const edge = (isDown: boolean) => feed({ kind: 'edge', isDown, atMs: clock.monotonicMs() });
  return {
    edge,
    tick: () => feed({ kind: 'tick', atMs: clock.monotonicMs() }),
    link(isUp: boolean) {
      if (isUp === isLinked) return;
      isLinked = isUp;
      feed({ kind: 'link', isUp, atMs: clock.monotonicMs() });
      const isDown = panel.isDown();
      if (isUp && isDown !== undefined) edge(isDown);
    },
  };
}

/** Reports what changed since the last report of this connection. */
function openReport(publish: Publish) {
  const reported = new Map<TopicName, unknown>();
  function say(topicName: TopicName, value: unknown): void {
    if (isDeepStrictEqual(reported.get(topicName), value)) return;
    reported.set(topicName, value);
    publish(topicName, value);
  }
  return {
    forget: () => reported.clear(),
    link: (value: 'ready' | 'lost') => say('panel/link', value),
    lamps(shown: Lamps) {
      for (const lamp of LAMPS) say(`panel/${lamp}`, shown[lamp]);
    },
  };
}
