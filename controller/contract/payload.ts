import { TOPICS, type TopicName } from './topics.ts';

/** Something said on the bus that its topic's schema does not allow. */
export class PayloadRefused extends Error {
  constructor(topicName: string, wanted: string, options?: ErrorOptions) {
    super(`${topicName}: ${wanted}`, options);
    this.name = 'PayloadRefused';
  }
}

/** Whether `text` is a topic below the prefix that the contract knows. */
export function isTopicName(text: string): text is TopicName {
  return Object.hasOwn(TOPICS, text);
}

/**
 * The text of `value` on the wire: plain for strings, JSON for the rest.
 * @throws PayloadRefused when the topic's schema does not allow it
 */
export function composePayload(topicName: TopicName, value: unknown): string {
  const read = TOPICS[topicName].payload.safeParse(value);
  if (!read.success) throw new PayloadRefused(topicName, read.error.issues.map(say).join('; '));
  return typeof read.data === 'string' ? read.data : JSON.stringify(read.data);
}

/**
 * The value that `text` stands for on `topicName`.
 * @throws PayloadRefused when it is neither a plain word nor JSON that the topic's schema allows
 */
export function parsePayload(topicName: TopicName, text: string): unknown {
  const schema = TOPICS[topicName].payload;
  const plain = schema.safeParse(text);
  if (plain.success) return plain.data;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PayloadRefused(topicName, plain.error.issues.map(say).join('; '), { cause });
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new PayloadRefused(topicName, read.error.issues.map(say).join('; '));
}

function say(issue: { readonly path: readonly PropertyKey[]; readonly message: string }): string {
  return issue.path.length > 0 ? `${issue.path.map(String).join('.')}: ${issue.message}` : issue.message;
}
