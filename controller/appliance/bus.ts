import type { Broker } from '#broker/broker.ts';
import type { CheckLog } from '#contract/checks.ts';
import type { DnsTotals } from '#contract/events.ts';
import { LAMPS } from '#contract/lamps.ts';
import type { LedgerHead } from '#contract/ledger.ts';
import type { Override } from '#contract/override.ts';
import type { Status } from '#contract/status.ts';
import { TOPICS, type TopicName } from '#contract/topics.ts';

/** Says on the bus what is so, once for each change. Nothing about people, devices or names asked for goes there. */
export interface Bus {
  state(state: 'init' | 'ready' | 'disconnected'): void;
  status(status: Status): void;
  override(override: Override): void;
  checks(log: CheckLog, due: string): void;
  totals(totals: DnsTotals): void;
  head(head: LedgerHead): void;
  /** Waits until everything said so far is out. */
  settled(): Promise<void>;
}

export function createBus(
  broker: Pick<Broker, 'publish'>,
  log: (message: string, fields: object) => void,
): Bus {
  const said = new Map<TopicName, string>();
  let last: Promise<unknown> = Promise.resolve();
  const say = (topic: TopicName, value: unknown): void => {
    const text = JSON.stringify(value);
    if (said.get(topic) === text) return;
    said.set(topic, text);
    last = broker.publish(topic, value).catch((error: Error) => {
      said.delete(topic);
      log('not said on the bus', { topic, reason: error.message });
    });
  };
  return {
    state(state) {
      if (state === 'init') say('$description', description());
      say('$state', state);
    },
    status(status) {
      say('status', status);
      for (const lamp of LAMPS) say(`lamp/${lamp}`, status.lamps[lamp]);
    },
    override(override) {
      say('override/active', override.kind !== 'none');
      say('override/kind', override.kind);
      say('override/until', override.kind === 'none' ? '' : override.until);
      say('override/profile', override.kind === 'none' ? '' : override.profiles.join(','));
    },
    checks(checkLog, due) {
      const signed = checkLog.weeks.find((week) => week.checks.length > 0);
      say('check/latest', signed ? `${signed.week} ${signed.state}` : 'none');
      say('check/due', due);
    },
    totals(totals) {
      say('dns/queries', totals.queries);
      say('dns/blocked', totals.blocked);
      say('dns/cached', totals.cached);
      say('dns/errors', totals.failed);
      say('dns/p95-ms', totals.p95Ms);
    },
    head: (head) => say('ledger/head', head),
    settled: async () => {
      await last;
    },
  };
}

/** Homie 5: each first level is a node, each topic below it a property. */
function description(): Record<string, unknown> {
  const nodes: Record<string, { name: string; properties: Record<string, unknown> }> = {};
  for (const [topic, { retained }] of Object.entries(TOPICS)) {
    const [node, property] = topic.split('/');
    if (!node || !property || node.startsWith('$')) continue;
    nodes[node] ??= { name: node, properties: {} };
    nodes[node].properties[property] = { name: property, datatype: datatypeOf(topic), retained };
  }
  return { homie: '5.0', version: 1, name: 'Gatehouse', nodes };
}

function datatypeOf(topic: string): string {
  if (topic === 'override/active') return 'boolean';
  if (topic === 'dns/p95-ms') return 'float';
  if (topic.startsWith('dns/')) return 'integer';
  return topic.startsWith('lamp/') || topic.startsWith('panel/') || topic === 'ledger/head'
    ? 'json'
    : 'string';
}
