import type { Logger } from 'pino';
import type { Bus } from './bus.ts';
import type { Decisions } from './decisions.ts';
import { measureListeners, measureUpstreams } from './measure.ts';
import type { Memory } from './memory.ts';
import { type Round, startTimers } from './timers.ts';

const BLOCK_EVENTS_KEPT_MS = 30 * 86_400_000;
const PURGE_AT_ONCE = 5000;

export interface RoundsParts {
  readonly memory: Memory;
  readonly decisions: Decisions;
  readonly bus: Bus;
  readonly log: Logger;
}

/** Starts what comes round by itself. Each measurement comes round well before it counts as unknown. */
export function startRounds(parts: RoundsParts): () => void {
  return startTimers([...measurements(parts), ...work(parts)], (name, error) => {
    parts.log.error(
      { round: name, reason: error instanceof Error ? error.message : String(error) },
      'round failed',
    );
  });
}

function measurements({ decisions, memory, bus }: RoundsParts): Round[] {
  const { status, rules, book } = decisions;
  return [
    {
      name: 'listeners',
      everyMs: 5000,
      atOnce: true,
      run: async () => status.answering(await measureListeners(rules.dns.ports)),
    },
    {
      name: 'upstreams',
      everyMs: 10_000,
      atOnce: true,
      run: async () => {
        const [control = 'example.org'] = memory.settings.current().check.controls;
        status.upstreams(await measureUpstreams(rules.dns, control));
      },
    },
    { name: 'lists', everyMs: 20_000, atOnce: true, run: () => status.lists(rules.lists()) },
    {
      name: 'checks',
      everyMs: 5000,
      atOnce: true,
      run: () => {
        status.due(book.due());
        bus.checks(book.log(), book.due().dueOn);
      },
    },
    { name: 'status', everyMs: 1000, run: status.look },
  ];
}

function work({ decisions, memory, bus }: RoundsParts): Round[] {
  const { alerts, overrides, rules } = decisions;
  const { records } = memory;
  return [
    { name: 'alerts', everyMs: 5000, run: alerts.group },
    { name: 'override', everyMs: 250, run: overrides.endIfDue },
    {
      name: 'totals',
      everyMs: 10_000,
      atOnce: true,
      run: () => {
        bus.totals(rules.dns.totals());
        bus.head(records.head());
      },
    },
    {
      name: 'purge',
      everyMs: 3_600_000,
      atOnce: true,
      run: async () => {
        const beforeMs = Date.now() - BLOCK_EVENTS_KEPT_MS;
        while ((await records.purgeBlockEvents({ beforeMs, limit: PURGE_AT_ONCE })) === PURGE_AT_ONCE);
      },
    },
  ];
}
