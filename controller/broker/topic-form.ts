/** Levels and characters a topic may have; ours have at most 8 levels. */
export const TOPIC_LIMITS = { levels: 12, characters: 256 } as const;

/** NUL is forbidden, and octets that are no UTF-8 arrive as U+FFFD (MQTT-1.5.3-1, MQTT-1.5.3-2). */
export function isCleanText(text: string): boolean {
  return !text.includes('\u0000') && !text.includes('\ufffd');
}

/** What is wrong with a topic that somebody publishes to; undefined when nothing is. */
export function topicNameTrouble(topicName: string): string | undefined {
  return /[#+]/.test(topicName) ? 'wanted a topic without wildcards' : formTrouble(topicName);
}

/**
 * What is wrong with a topic filter that somebody subscribes to; undefined when nothing is.
 * @see MQTT 3.1.1 section 4.7.1
 */
export function topicFilterTrouble(topicFilter: string): string | undefined {
  const levels = topicFilter.split('/');
  const misplaced = levels.some(
    (level, at) => /[#+]/.test(level) && !(level === '+' || (level === '#' && at === levels.length - 1)),
  );
  return misplaced ? 'wanted wildcards as whole levels, and # last' : formTrouble(topicFilter);
}

function formTrouble(topic: string): string | undefined {
  if (topic.length === 0) return 'wanted a topic, got none';
  if (topic.length > TOPIC_LIMITS.characters) {
    return `wanted a topic of at most ${TOPIC_LIMITS.characters} characters, got ${topic.length}`;
  }
  const levels = topic.split('/').length;
  if (levels > TOPIC_LIMITS.levels)
    return `wanted at most ${TOPIC_LIMITS.levels} topic levels, got ${levels}`;
  return isCleanText(topic) ? undefined : 'wanted a topic in UTF-8 without NUL';
}
