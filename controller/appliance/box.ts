import type { Accounts } from '#accounts/accounts.ts';
import type { Blocklists } from '#blocklists/blocklists.ts';
import type { Category } from '#contract/categories.ts';
import { CATEGORIES, CATEGORY_IDS } from '#contract/categories.ts';
import type { ChangeView, SettingsView } from '#contract/http.ts';
import { OWN_NAME, toDomainName } from '#contract/names.ts';
import { PROFILES, type ProfileId } from '#contract/profiles.ts';
import { CAPABILITIES, type Capability, may } from '#contract/roles.ts';
import { topicPrefix } from '#contract/topics.ts';
import type { Explanation } from '#contract/verdict.ts';
import { categoryState } from '#filter/policy.ts';
import type { Records } from '#records/records.ts';
import { incidentCounts } from '#safeguarding/counts.ts';
import { fromEntry } from '#settings/change.ts';
import {
  addRule,
  type Edit,
  removeRule,
  replaceSection,
  setCategory,
  setSafeSearch,
} from '#settings/edits.ts';
import type { SettingsStore } from '#settings/settings.ts';
import { type Appliance, type Caller, Refusal } from '#web/appliance.ts';
import { principalOf } from '#web/identity.ts';
import type { AlertKeeper } from './alert-keeper.ts';
import type { CheckBook } from './check-book.ts';
import type { CheckRuns } from './check-runs.ts';
import type { Claiming } from './claim.ts';
import { refusing } from './refusals.ts';
import type { StatusKeeper } from './status-keeper.ts';

export interface BoxParts {
  readonly accounts: Accounts;
  readonly records: Records;
  readonly settings: SettingsStore;
  readonly blocklists: Pick<Blocklists, 'views' | 'refresh'>;
  readonly status: StatusKeeper;
  readonly alerts: AlertKeeper;
  readonly runs: CheckRuns;
  readonly book: CheckBook;
  readonly claiming: Claiming;
  readonly now: () => Temporal.Instant;
  /** The token of this machine's terminal. */
  readonly consoleToken: string;
  readonly screenButton: boolean;
  readonly explain: (name: string, profile: ProfileId, at: Temporal.Instant) => Promise<Explanation>;
  readonly profileOf: (client: string) => ProfileId;
  readonly blockedCategory: (name: string, profile: ProfileId) => Category | undefined;
  /** Cuts the live connections of a session that ended. */
  readonly onSignOut: (token: string) => void;
}

/** Counting looks back over 13 weeks, and a little more for the days at their edge. */
const COUNTED_MS = 14 * 7 * 86_400_000;
const PAGE = 10_000;

const CONSOLE: Caller = {
  id: 'console',
  name: 'Terminal of this box',
  roles: ['network manager', 'technician'],
};

/** Who changed something without a sign-in. */
const BY_NOBODY: Readonly<Record<string, string>> = { box: 'Set-up', [CONSOLE.id]: CONSOLE.name };

/** The running box as the web door may ask it. */
export function createBox(parts: BoxParts): Appliance {
  return { ...people(parts), ...policy(parts), ...evidence(parts) };
}

type People = Pick<
  Appliance,
  'status' | 'claimed' | 'claim' | 'signIn' | 'signOut' | 'who' | 'session' | 'blockReason'
>;

function people(parts: BoxParts): People {
  const { accounts, claiming, settings, records } = parts;
  // Hashes are compared, so that the time it takes tells nothing of the token.
  const consolePrincipal = principalOf(parts.consoleToken);
  return {
    status: () => parts.status.status(),
    claimed: () => claiming.claimed(),
    claim: (request) => refusing(() => claiming.claim(request)),
    signIn: (email, password, from) => refusing(() => accounts.signIn(email, password, from)),
    signOut(token) {
      accounts.signOut(token);
      parts.onSignOut(token);
    },
    who(token) {
      if (principalOf(token) === consolePrincipal) return CONSOLE;
      const person = accounts.who(token);
      return person && { id: person.id, name: person.name, roles: person.roles };
    },
    session(token, caller) {
      const capabilities = (Object.keys(CAPABILITIES) as Capability[]).filter((one) =>
        may(caller.roles, one),
      );
      return {
        person: { id: caller.id, name: caller.name, roles: [...caller.roles] },
        capabilities,
        provider: settings.current().provider.name,
        topicPrefix: topicPrefix(records.box),
        screenButton: parts.screenButton && capabilities.includes('press screen button'),
        expiresAt: accounts.who(token)?.expiresAt ?? iso(parts.now().add({ hours: 12 })),
      };
    },
    blockReason(host, client) {
      const profile = parts.profileOf(client);
      const name = toDomainName(host) ?? OWN_NAME;
      return {
        profile,
        category: parts.blockedCategory(name, profile),
        provider: settings.current().provider.name,
      };
    },
  };
}

type Policy = Pick<
  Appliance,
  | 'explain'
  | 'settings'
  | 'changeRule'
  | 'changeCategory'
  | 'changeSafeSearch'
  | 'changeSection'
  | 'changes'
  | 'lists'
  | 'refreshLists'
>;

function policy(parts: BoxParts): Policy {
  const { settings, blocklists, records, accounts } = parts;
  const view = () => viewOf(settings);
  const change = (edit: () => Edit, why: string, by: Caller) =>
    refusing(async () => {
      await settings.change({ ...edit(), by: by.id, why });
      return view();
    });
  return {
    explain: (name, profile, at) =>
      refusing(() =>
        parts.explain(name, profile, at === undefined ? parts.now() : Temporal.Instant.from(at)),
      ),
    settings: view,
    changeRule: ({ profile, action, name, keep, why, by }) =>
      change(
        () => (keep ? addRule({ profile, action, name }, why) : removeRule({ profile, action, name })),
        why,
        by,
      ),
    changeCategory: ({ profile, category, state, why, by }) =>
      change(() => setCategory(profile, category, state), why, by),
    changeSafeSearch: ({ profile, safeSearch, youtube, why, by }) =>
      refusing(async () => {
        for (const edit of setSafeSearch(settings.current(), profile, { safeSearch, youtube }))
          await settings.change({ ...edit, by: by.id, why });
        return view();
      }),
    changeSection: ({ section, value, why, by }) => change(() => replaceSection(section, value), why, by),
    changes: (limit) =>
      refusing(async () => {
        const entries = await records.entries({ kinds: ['settings.changed'], limit });
        return entries.map((entry): ChangeView => {
          const { path, before, after, why } = fromEntry(entry);
          const by = accounts.person(entry.by)?.name ?? BY_NOBODY[entry.by] ?? entry.by;
          return { seq: entry.seq, at: entry.at, by, what: path.join('.'), before, after, why };
        });
      }),
    lists: () => blocklists.views(),
    refreshLists: () => refusing(() => blocklists.refresh()),
  };
}

type Evidence = Pick<
  Appliance,
  | 'openCheck'
  | 'checkFindings'
  | 'signCheck'
  | 'checks'
  | 'alerts'
  | 'triage'
  | 'incidentCounts'
  | 'ledgerHead'
>;

function evidence(parts: BoxParts): Evidence {
  const { runs, book, alerts, records, now } = parts;
  return {
    openCheck: (client) => refusing(() => runs.open(client)),
    checkFindings: (run, client) => runs.findings(run, client),
    signCheck: (submission, by) =>
      refusing(async () => {
        if (by === CONSOLE) throw new Refusal(403, 'A check is signed by a person, with their own sign-in.');
        return book.sign(submission, by);
      }),
    checks: async () => book.log(),
    alerts: (state) =>
      refusing(async () => {
        await alerts.group();
        return records.alerts(state);
      }),
    triage: (alert, decision, by) => refusing(() => alerts.triage(alert, decision, by)),
    incidentCounts: () =>
      refusing(async () => {
        await alerts.group();
        const [entries, all, deviceDays] = await Promise.all([
          records.entries({ kinds: ['incident.opened', 'alert.dismissed'], limit: PAGE }),
          records.alerts(undefined, PAGE),
          records.deviceDays({ sinceMs: now().epochMilliseconds - COUNTED_MS }),
        ]);
        return incidentCounts({ entries, alerts: all, deviceDays, now: now() });
      }),
    ledgerHead: () => records.head(),
  };
}

function viewOf(settings: SettingsStore): SettingsView {
  const current = settings.current();
  return {
    generation: settings.generation(),
    settings: current,
    categories: CATEGORY_IDS.map((id) => ({
      id,
      title: CATEGORIES[id].title,
      state: Object.fromEntries(
        PROFILES.map((profile) => [profile, categoryState(current, profile, id)]),
      ) as SettingsView['categories'][number]['state'],
    })),
  };
}

function iso(at: Temporal.Instant): string {
  return at.toString({ smallestUnit: 'millisecond' });
}
