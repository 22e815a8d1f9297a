import type { CheckDue } from '#contract/checks.ts';
import type { UpstreamHealth } from '#contract/events.ts';
import { LAMPS, type LampName, type LampShow } from '#contract/lamps.ts';
import type { Override } from '#contract/override.ts';
import type { Status } from '#contract/status.ts';
import {
  type Answering,
  checkState,
  filterState,
  type ListsInForce,
  type Measured,
  overrideState,
  upstreamState,
} from '#panel/health.ts';
import { lampsFor, newWarnings, type States, stillAcknowledged } from '#panel/lamps.ts';

export interface StatusKeeperOptions {
  readonly version: string;
  readonly now: () => Temporal.Instant;
  readonly claimed: () => boolean;
  /** Called with each status that differs from the one before. */
  readonly onChange: (status: Status) => void;
}

/** The lists in force, with what the status says of the index besides. */
export interface ListsMeasured extends ListsInForce {
  readonly index: Status['index'];
}

/** What the status is made of. Each is measured anew in time, or it counts as unknown. */
interface Measurements {
  answering?: Measured<Answering>;
  upstreams?: Measured<readonly UpstreamHealth[]>;
  lists?: Measured<ListsMeasured>;
  due?: Measured<CheckDue>;
  override?: Override;
}

/** Joins what was measured to one status and its lamps. Measurements age: nothing stays green by itself. */
export interface StatusKeeper {
  status(): Status;
  answering(value: Answering): void;
  upstreams(value: readonly UpstreamHealth[]): void;
  lists(value: ListsMeasured): void;
  due(value: CheckDue): void;
  override(value: Override): void;
  newWarnings(): readonly string[];
  acknowledge(warnings: readonly string[]): void;
  /** All lamps on for a second. */
  lampTest(): void;
  /** Looks again, and tells of a change. */
  look(): void;
}

const LAMP_TEST_MS = 1000;
const NO_INDEX: Status['index'] = { names: 0, lists: 0, builtAt: null };

export function openStatusKeeper(options: StatusKeeperOptions): StatusKeeper {
  const { now } = options;
  const startedAt = now().toString({ smallestUnit: 'millisecond' });
  const measured: Measurements = {};
  let acknowledged: ReadonlySet<string> = new Set();
  let testUntilMs = 0;
  let last = compute();

  function compute(): Status {
    const at = now();
    const states = statesOf(measured, options.claimed(), at);
    acknowledged = stillAcknowledged(states, acknowledged);
    const lamps = lampsFor({
      starting: measured.answering === undefined,
      claimed: options.claimed(),
      states,
      override: measured.override,
      acknowledged,
      now: at,
    });
    const index = measured.lists?.value.index ?? NO_INDEX;
    const shown = at.epochMilliseconds < testUntilMs ? ALL_ON : lamps;
    return { version: options.version, startedAt, ...states, lamps: shown, index };
  }

  function look(): void {
    const next = compute();
    if (JSON.stringify(next) === JSON.stringify(last)) return;
    last = next;
    options.onChange(next);
  }

  const set = (found: Measurements) => {
    Object.assign(measured, found);
    look();
  };
  return {
    status: () => last,
    answering: (value) => set({ answering: { value, at: now() } }),
    upstreams: (value) => set({ upstreams: { value, at: now() } }),
    lists: (value) => set({ lists: { value, at: now() } }),
    due: (value) => set({ due: { value, at: now() } }),
    override: (value) => set({ override: value }),
    newWarnings: () => newWarnings(last, acknowledged),
    acknowledge(warnings) {
      acknowledged = new Set([...acknowledged, ...warnings]);
      look();
    },
    lampTest() {
      testUntilMs = now().epochMilliseconds + LAMP_TEST_MS;
      look();
      setTimeout(look, LAMP_TEST_MS + 10).unref();
    },
    look,
  };
}

function statesOf(measured: Measurements, claimed: boolean, now: Temporal.Instant): States {
  return {
    filter: filterState({ answering: measured.answering, lists: measured.lists }, now),
    upstream: upstreamState(measured.upstreams, now),
    check: checkState(measured.due, claimed, now),
    override: overrideState(measured.override, now),
  };
}

const ALL_ON = Object.fromEntries(
  LAMPS.map((lamp): [LampName, LampShow] => [
    lamp,
    { colour: lamp === 'power' ? 'white' : 'amber', rhythm: 'steady' },
  ]),
) as Record<LampName, LampShow>;
