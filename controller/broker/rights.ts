import { BUS_RIGHTS, BUS_ROLES, type BusRole, topicPrefix } from '#contract/topics.ts';
import { topicFilterTrouble } from './topic-form.ts';

/** The contract's rights for one box: what a role may do with a whole topic. Everything not granted is refused. */
export interface Rights {
  maySubscribe(role: BusRole, topicFilter: string): boolean;
  mayReceive(role: BusRole, topicName: string): boolean;
  mayPublish(role: BusRole, topicName: string, retained: boolean): boolean;
  mayWill(role: BusRole, topicName: string): boolean;
  /** Whether a client of `role` may call itself so. */
  mayBeCalled(role: BusRole, clientId: string): boolean;
}

export function rightsOf(box: string): Rights {
  const anyBox = `${topicPrefix('+')}/`;
  const whole = (filters: readonly string[]) => filters.map((filter) => `${topicPrefix(box)}/${filter}`);
  const table = Object.fromEntries(
    BUS_ROLES.map((role) => {
      const { subscribe, publish, retain, will } = BUS_RIGHTS[role];
      const filters = {
        subscribe: whole(subscribe),
        publish: whole(publish),
        retain: whole(retain),
        will: whole(will),
      };
      return [role, filters];
    }),
  ) as Record<BusRole, Record<'subscribe' | 'publish' | 'retain' | 'will', string[]>>;
  const grants = (filters: readonly string[], topic: string) =>
    filters.some((filter) => covers(filter, topic));
  /** The only box on its own bus: `+` in the place of its name asks for nothing more. */
  const ofThisBox = (topicFilter: string) =>
    topicFilter.startsWith(anyBox) ? `${topicPrefix(box)}/${topicFilter.slice(anyBox.length)}` : topicFilter;
  const named = (filters: readonly string[], topicName: string) =>
    !/[#+]/.test(topicName) && grants(filters, topicName);
  return {
    maySubscribe: (role, topicFilter) =>
      topicFilterTrouble(topicFilter) === undefined && grants(table[role].subscribe, ofThisBox(topicFilter)),
    mayReceive: (role, topicName) => named(table[role].subscribe, topicName),
    mayPublish: (role, topicName, retained) =>
      named(table[role].publish, topicName) && (!retained || named(table[role].retain, topicName)),
    mayWill: (role, topicName) => named(table[role].will, topicName),
    mayBeCalled: (role, clientId) =>
      clientId.startsWith(BUS_RIGHTS[role].clientId) &&
      /^[a-zA-Z0-9_-]{1,64}$/.test(clientId.slice(BUS_RIGHTS[role].clientId.length)),
  };
}

/**
 * Whether the filter `granted` matches every topic that the filter (or topic) `requested` can match.
 * @see MQTT 3.1.1 section 4.7.1, and MQTT-4.7.2-1 for topics that begin with $
 */
export function covers(granted: string, requested: string): boolean {
  const grantedLevels = granted.split('/');
  const requestedLevels = requested.split('/');
  if (requested.startsWith('$') && /^[#+]/.test(granted)) return false;
  for (const [at, level] of grantedLevels.entries()) {
    if (level === '#') return true;
    const wanted = requestedLevels[at];
    if (wanted === undefined || wanted === '#') return false;
    if (level !== '+' && level !== wanted) return false;
  }
  return requestedLevels.length === grantedLevels.length;
}
