import mqtt, { type MqttClient } from 'mqtt';
import { composePayload, isTopicName, PayloadRefused, parsePayload } from '#contract/payload.ts';
import { TOPICS, type TopicName, topicPrefix } from '#contract/topics.ts';

const RETRY_MS = 500;
/** Seconds. The answers to these pings are the controller's sign of life. */
const KEEPALIVE = 2;
const CONNECT_WITHIN_MS = 3000;

export interface BusListeners {
  onConnected(): void;
  onLost(): void;
  /** Any packet from the broker. */
  onSignOfLife(): void;
  /** `value` is undefined when the payload is not what the contract says. */
  onHeard(topicName: TopicName, value: unknown): void;
}

export interface BusOptions extends BusListeners {
  readonly socketPath: string;
  readonly box: string;
  readonly clientId: string;
  /** Topic filters below the prefix. */
  readonly topicFilters: readonly string[];
  readonly log: (message: string) => void;
}

export interface Bus {
  isConnected(): boolean;
  /** Says `value`, or nothing when the broker is not there: nothing is kept to be said later. */
  publish(topicName: TopicName, value: unknown): void;
  /** Says its last word and goes; answers when the broker has it, or at once when there is no broker. */
  close(lastWord: { readonly topicName: TopicName; readonly value: unknown }): Promise<void>;
}

/**
 * Reaches the broker's socket, and again for ever. Each connection is a client of its own, so that nothing said
 * on one is said again on the next.
 */
export function connectBus(options: BusOptions): Bus {
  const prefix = topicPrefix(options.box);
  let client: MqttClient;
  let retry: NodeJS.Timeout | undefined;
  let isClosed = false;
  let isUp = false;

  function open(): void {
    const fresh = connectOnce(options, prefix);
    client = fresh;
    fresh.on('connect', () => {
      subscribe(fresh, options, prefix, () => {
        isUp = true;
        options.log('broker reached');
        options.onConnected();
      });
    });
    fresh.on('packetreceive', () => options.onSignOfLife());
    fresh.on('message', (topic, payload) => hear(options, topic.slice(prefix.length + 1), payload));
    // Every error is followed by a close, which is where the next attempt starts.
    fresh.on('error', () => {});
    fresh.once('close', () => {
      fresh.end(true);
      if (isUp) {
        isUp = false;
        options.log('broker lost');
        options.onLost();
      }
      if (!isClosed) retry = setTimeout(open, RETRY_MS);
    });
  }

  function publish(topicName: TopicName, value: unknown, onSaid: () => void): void {
    const { retained, qos } = TOPICS[topicName];
    const payload = composePayload(topicName, value);
    client.publish(`${prefix}/${topicName}`, payload, { retain: retained, qos }, onSaid);
  }

  open();
  return {
    isConnected: () => isUp,
    publish(topicName, value) {
      if (isUp) publish(topicName, value, () => {});
    },
    async close({ topicName, value }) {
      isClosed = true;
      clearTimeout(retry);
      if (isUp) {
        const { promise, resolve } = Promise.withResolvers<void>();
        client.once('close', () => resolve());
        publish(topicName, value, resolve);
        await promise;
      }
      await client.endAsync(!isUp);
    },
  };
}

function connectOnce({ socketPath, clientId }: BusOptions, prefix: string): MqttClient {
  return mqtt.connect({
    protocol: 'mqtt',
    unixSocket: true,
    path: socketPath,
    clientId,
    protocolVersion: 4,
    clean: true,
    keepalive: KEEPALIVE,
    reconnectPeriod: 0,
    connectTimeout: CONNECT_WITHIN_MS,
    queueQoSZero: false,
    will: { topic: `${prefix}/panel/link`, payload: Buffer.from('lost'), qos: 1, retain: true },
  });
}

function subscribe(client: MqttClient, options: BusOptions, prefix: string, onReady: () => void): void {
  const topicFilters = options.topicFilters.map((topicFilter) => `${prefix}/${topicFilter}`);
  client.subscribe(topicFilters, { qos: 1 }, (error) => {
    if (!error) return onReady();
    options.log(`broker refused the subscription: ${error.message}`);
    client.end(true);
  });
}

function hear(options: BusOptions, topicName: string, payload: Buffer): void {
  if (!isTopicName(topicName)) return;
  try {
    options.onHeard(topicName, parsePayload(topicName, payload.toString('utf8')));
  } catch (error) {
    if (!(error instanceof PayloadRefused)) throw error;
    options.onHeard(topicName, undefined);
  }
}
