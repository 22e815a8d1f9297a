import mqtt from 'mqtt';
import type { LampName, LampShow } from '#contract/lamps.ts';
import type { Status } from '#contract/status.ts';
import { LAMP_ORDER } from '#ui/panel/rhythm.ts';
import { TERMS } from '#ui/terms.ts';

/** What the live bus says, one call a message. A payload that does not read as its topic's is left out. */
export interface BusNews {
  readonly onConnected: (connected: boolean) => void;
  readonly onStatus: (status: Status) => void;
  readonly onLamp: (lamp: LampName, shows: LampShow) => void;
  readonly onLink: (link: string) => void;
  /** 0 to 5; 0 when the button was let go. */
  readonly onArming: (step: number) => void;
}

export interface Bus {
  /** An edge of the screen panel's button. Dropped while there is no connection: a late press is a wrong press. */
  readonly press: (edge: 'down' | 'up') => void;
  readonly close: () => void;
}

interface BusAddress {
  /** `ws://host/mqtt`. */
  readonly url: string;
  readonly topicPrefix: string;
  /** Random letters: two pages of one person are two clients. */
  readonly suffix: string;
  /** Between two tries to connect. */
  readonly retryMs: number;
}

/** Joins the appliance's own broker over WebSocket (MQTT 3.1.1) and keeps trying; the session cookie is the credential. */
export function openBus({ url, topicPrefix, suffix, retryMs }: BusAddress, news: BusNews): Bus {
  const client = mqtt.connect(url, {
    protocolVersion: 4,
    clientId: `ui-${suffix}`,
    clean: true,
    keepalive: 30,
    reconnectPeriod: retryMs,
    connectTimeout: 10_000,
    queueQoSZero: false,
    // The page's policy allows no worker from a blob: URL.
    timerVariant: 'native',
  });
  const topics = ['status', 'lamp/+', 'panel/link', 'panel/arming'].map((topic) => `${topicPrefix}/${topic}`);
  client.on('connect', () => {
    client.subscribe(topics, { qos: 1 }, (error) => news.onConnected(!error));
  });
  client.on('close', () => news.onConnected(false));
  // A failed try is followed by 'close' and by another try; without a listener it would end the page's script.
  client.on('error', () => news.onConnected(false));
  client.on('message', (topic, payload) => {
    if (topic.startsWith(`${topicPrefix}/`))
      tell(news, topic.slice(topicPrefix.length + 1), payload.toString());
  });
  return {
    press: (edge) => {
      if (client.connected) client.publish(`${topicPrefix}/screen/button`, edge, { qos: 1 });
    },
    close: () => {
      client.end(true);
    },
  };
}

/** Tells one message of the bus on; `topic` is the part after the prefix. */
export function tell(news: BusNews, topic: string, payload: string): void {
  const lamp = LAMP_ORDER.find((name) => topic === `lamp/${name}`);
  if (lamp) {
    const shows = readLamp(payload);
    if (shows) news.onLamp(lamp, shows);
  } else if (topic === 'panel/link') {
    news.onLink(payload);
  } else if (topic === 'panel/arming') {
    const step = readObject(payload)['step'];
    if (typeof step === 'number' && step >= 0 && step <= 5) news.onArming(step);
  } else if (topic === 'status') {
    const status = readObject(payload);
    if (typeof status['lamps'] === 'object' && status['lamps'] !== null) news.onStatus(status as Status);
  }
}

function readLamp(payload: string): LampShow | undefined {
  const { colour, rhythm } = readObject(payload);
  const known =
    typeof colour === 'string' &&
    Object.hasOwn(TERMS.colours, colour) &&
    typeof rhythm === 'string' &&
    Object.hasOwn(TERMS.rhythms, rhythm);
  return known ? ({ colour, rhythm } as LampShow) : undefined;
}

function readObject(payload: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(payload);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
