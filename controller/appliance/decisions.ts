import { randomBytes, randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import type { Category } from '#contract/categories.ts';
import type { Environment } from '#contract/environment.ts';
import type { ProfileId } from '#contract/profiles.ts';
import type { ButtonPressed } from '#contract/topics.ts';
import type { Explanation } from '#contract/verdict.ts';
import { explain } from '#filter/explain.ts';
import { openTable } from '#filter/table.ts';
import { type AlertKeeper, openAlertKeeper } from './alert-keeper.ts';
import type { Bus } from './bus.ts';
import { type CheckBook, openCheckBook } from './check-book.ts';
import { type CheckRuns, openCheckRuns } from './check-runs.ts';
import type { Memory } from './memory.ts';
import { type OverrideKeeper, openOverrideKeeper } from './override-keeper.ts';
import { openRules, type Rules } from './rules.ts';
import { openStatusKeeper, type StatusKeeper } from './status-keeper.ts';

const now = () => Temporal.Now.instant();

export interface DecisionsOptions {
  readonly env: Environment;
  readonly version: string;
  readonly log: Logger;
  readonly memory: Memory;
  readonly bus: Bus;
  readonly starterFolder: string;
}

/** All that decides and remembers between the doors: filter, lamps, override, checks, alerts. */
export interface Decisions {
  readonly rules: Rules;
  readonly blocklists: Rules['blocklists'];
  readonly status: StatusKeeper;
  readonly overrides: OverrideKeeper;
  readonly runs: CheckRuns;
  readonly book: CheckBook;
  readonly alerts: AlertKeeper;
  explain(name: string, profile: ProfileId, at: Temporal.Instant): Promise<Explanation>;
  profileOf(client: string): ProfileId;
  blockedCategory(name: string, profile: ProfileId): Category | undefined;
  /** Never rejects: what fails is logged. */
  press(press: ButtonPressed): Promise<void>;
  close(): Promise<void>;
}

export async function openDecisions(options: DecisionsOptions): Promise<Decisions> {
  const { env, log, memory, bus, version } = options;
  const { records, settings, claiming } = memory;
  const status = openStatusKeeper({
    version,
    now,
    claimed: claiming.claimed,
    onChange: (next) => bus.status(next),
  });
  const overrides = await openOverrideKeeper({
    records,
    now,
    claimed: claiming.claimed,
    settings: () => settings.current().override,
    newWarnings: status.newWarnings,
    onAcknowledge: status.acknowledge,
    onLampTest: status.lampTest,
    onChange: () => enforce(),
    log: (message, fields) => log.info(fields, message),
  });
  const runs = openRuns(() => rules, memory);
  const rules = await openRules({
    ...{ env, log, memory, starterFolder: options.starterFolder },
    override: overrides.current(),
    workers: env.GATEHOUSE_WORKERS ?? availableParallelism(),
    onWatched: runs.answered,
    onLists: (found) => status.lists(found),
  });
  const book = await openBook(rules, { runs, memory, version });
  const alerts = await openAlertKeeper({
    records,
    newId: randomUUID,
    isOwnQuestion: ({ device, name, firstAt }) => runs.isOwnQuestion(device, name, firstAt),
  });
  const enforce = () => {
    rules.renew(overrides.current());
    bus.override(overrides.current());
    status.override(overrides.current());
  };
  enforce();
  settings.onChange(enforce);
  return {
    ...{ rules, blocklists: rules.blocklists, status, overrides, runs, book, alerts },
    ...questions(rules, memory),
    press: (press) =>
      overrides
        .press(press)
        .catch((error: Error) => log.error({ reason: error.message }, 'press not recorded')),
    async close() {
      await Promise.all([rules.dns.close(), rules.blocklists.close()]);
    },
  };
}

/** The filter's questions of the main thread, answered from the same tables as a packet. */
function questions(
  { blocklists, enforcement }: Rules,
  { settings }: Memory,
): Pick<Decisions, 'explain' | 'profileOf' | 'blockedCategory'> {
  return {
    explain: async (name, profile, at) =>
      explain({
        name,
        profile,
        at: at.toString({ smallestUnit: 'millisecond' }),
        index: openTable(enforcement.index()),
        policy: enforcement.policy(),
        settings: settings.current(),
        holders: await blocklists.holding(name),
      }),
    profileOf: enforcement.profileOf,
    blockedCategory: (name, profile) => enforcement.blockedCategory(name, profile, Date.now()),
  };
}

/** Rules start after the runs, which hear from the first packet on; nobody opens a run before the web door is there. */
function openRuns(rules: () => Rules, { settings }: Memory): CheckRuns {
  return openCheckRuns({
    now,
    settings: settings.current,
    fixed: (category) => rules().blocklists.fixed(category),
    draw: (category, count) => rules().blocklists.draw(category, count, Math.random),
    profileOf: (client) => rules().enforcement.profileOf(client),
    relaxed: (profile) => rules().enforcement.relaxed(profile, Date.now()),
    random: () => randomBytes(12).toString('hex'),
    watch: (devices) => rules().dns.watch(devices),
  });
}

interface BookParts {
  readonly runs: CheckRuns;
  readonly memory: Memory;
  readonly version: string;
}

function openBook({ blocklists }: Rules, { runs, memory, version }: BookParts): Promise<CheckBook> {
  const { records, settings, claiming } = memory;
  return openCheckBook({
    records,
    runs,
    now,
    claimedAt: claiming.claimedAt,
    dueWeekday: () => settings.current().check.dueWeekday,
    configuration: () => ({
      settings: settings.fingerprint(),
      index: blocklists.fingerprint(),
      version,
    }),
  });
}
