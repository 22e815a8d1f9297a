import { isTopicName, PayloadRefused, parsePayload } from '#contract/payload.ts';
import { type TopicName, topicPrefix } from '#contract/topics.ts';

/** Octets of one payload. */
const PAYLOAD_MOST = 32_768;

/** A publication that its topic's schema allows. `topicName` is below the prefix. */
export interface Said {
  readonly topicName: TopicName;
  readonly value: unknown;
}

/**
 * Reads what a client publishes.
 * @throws PayloadRefused for a topic the contract does not know, QoS 2, or octets its schema does not allow
 */
export function readPublish(
  box: string,
  packet: { readonly topic: string; readonly payload: string | Buffer; readonly qos: number },
): Said {
  const prefix = `${topicPrefix(box)}/`;
  const topicName = packet.topic.slice(prefix.length);
  if (!packet.topic.startsWith(prefix) || !isTopicName(topicName)) {
    throw new PayloadRefused(packet.topic, 'wanted a topic of the contract');
  }
  if (packet.qos > 1) throw new PayloadRefused(topicName, `wanted QoS 0 or 1, got ${packet.qos}`);
  const octets = Buffer.from(packet.payload);
  if (octets.length > PAYLOAD_MOST) {
    throw new PayloadRefused(topicName, `wanted at most ${PAYLOAD_MOST} octets, got ${octets.length}`);
  }
  return { topicName, value: parsePayload(topicName, octets.toString('utf8')) };
}
