import { CATEGORIES, type Category, isLocked } from '#contract/categories.ts';
import { CheckLog, CheckRecord } from '#contract/checks.ts';
import { type ChangeView, Session, SettingsView } from '#contract/http.ts';
import { FOUR_CS, IncidentCounts } from '#contract/incidents.ts';
import { CAPABILITIES, may, ROLES, type RoleId } from '#contract/roles.ts';
import { Explanation } from '#contract/verdict.ts';
import { SCRIPTED_AT as AT, anAlert, aStatus, categoryRows, someSettings } from '#support/scripted-values.ts';
import { type Appliance, type Caller, Refusal } from '#web/appliance.ts';

const RIGHT_PASSWORD = 'correct horse battery';

/** An appliance far end for tests of the web door: its state lives in memory, its shapes are the real ones. */
export interface ScriptedAppliance extends Appliance {
  /** Everything that was called, as `method argument`, in order. */
  readonly calls: string[];
  /** A session token of somebody with exactly `roles`. */
  tokenFor(...roles: RoleId[]): string;
  /** Makes every read of the lists throw `error`. */
  breakLists(error: Error): void;
}

/** Names that the scripted appliance blocks, by category. */
const BLOCKED: Readonly<Record<string, Category>> = { 'casino.test': 'gambling', 'harm.test': 'self-harm' };

export function scriptedAppliance(options: { claimed?: boolean } = {}): ScriptedAppliance {
  const calls: string[] = [];
  const sessions = new Map<string, Caller>();
  const state = {
    claimed: options.claimed ?? true,
    sessionCount: 0,
    listTrouble: undefined as Error | undefined,
  };
  const open = (roles: readonly RoleId[]) => {
    state.sessionCount += 1;
    const token = `token-${state.sessionCount}`;
    sessions.set(token, { id: `p${state.sessionCount}`, name: `A ${roles.join(' and ')}`, roles });
    return token;
  };
  return {
    calls,
    tokenFor: (...roles) => open(roles),
    breakLists: (error) => {
      state.listTrouble = error;
    },
    ...people(calls, sessions, open, state),
    ...policy(calls, state),
    ...evidence(calls),
    status: () => aStatus(),
  };
}

function people(
  calls: string[],
  sessions: Map<string, Caller>,
  open: (roles: readonly RoleId[]) => string,
  state: { claimed: boolean },
): Pick<Appliance, 'claimed' | 'claim' | 'signIn' | 'signOut' | 'who' | 'session'> {
  return {
    claimed: () => state.claimed,
    claim: async ({ code, provider }) => {
      if (code === 'TOO-MANY-CODES') throw new Refusal(429, 'Too many wrong codes', 41.2);
      if (code !== 'RIGHT-CODE') throw new Refusal(403, 'This is not the code on the terminal');
      calls.push(`claim ${provider.name}`);
      state.claimed = true;
    },
    signIn: async (email, password, from) => {
      calls.push(`signIn ${from}`);
      const role = ROLES.find((name) => email === `${name.replace(' ', '-')}@example.org`);
      if (!role || password !== RIGHT_PASSWORD) throw new Refusal(401, 'Name or password are not right');
      return { token: open([role]), expiresAt: '2030-01-07T21:00:00.000Z' };
    },
    signOut: (token) => {
      calls.push(`signOut ${token}`);
      sessions.delete(token);
    },
    who: (token) => sessions.get(token),
    session: (_, { id, name, roles }) =>
      Session.parse({
        person: { id, name, roles },
        capabilities: Object.keys(CAPABILITIES).filter((key) => may(roles, key as keyof typeof CAPABILITIES)),
        provider: 'Example Training',
        topicPrefix: 'gatehouse/5/box',
        screenButton: false,
        expiresAt: '2030-01-07T21:00:00.000Z',
      }),
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
  | 'blockReason'
>;

function policy(calls: string[], state: { listTrouble: Error | undefined }): Policy {
  const settings = someSettings();
  const changes: ChangeView[] = [];
  const view = () =>
    SettingsView.parse({ generation: changes.length + 1, settings, categories: categoryRows() });
  const changed = (what: string, after: unknown, { by, why }: { by: Caller; why: string }) => {
    calls.push(what);
    const seq = changes.length + 1;
    changes.unshift({ seq, at: AT, by: by.id, what, before: null, after: after as ChangeView['after'], why });
    return view();
  };
  const lists = () => {
    if (state.listTrouble) throw state.listTrouble;
    return settings.lists.map((list) => ({
      ...list,
      names: 3,
      notUnderstood: 0,
      fetchedAt: AT,
      trouble: null,
      warnings: [],
    }));
  };
  return {
    settings: view,
    changeRule: async (change) => {
      const rules = settings.profiles[change.profile][change.action];
      const others = rules.filter((rule) => rule.name !== change.name);
      const kept = change.keep ? [...others, { name: change.name, why: change.why }] : others;
      settings.profiles[change.profile][change.action] = kept;
      return changed(`${change.keep ? 'keep' : 'remove'} ${change.action} ${change.name}`, kept, change);
    },
    changeCategory: async (change) => {
      if (isLocked(change.category, change.profile)) {
        throw new Refusal(403, `${CATEGORIES[change.category].title} is locked for ${change.profile}`);
      }
      settings.profiles[change.profile].categories[change.category] = change.state;
      return changed(`category ${change.category} ${change.state}`, change.state, change);
    },
    changeSafeSearch: async (change) => {
      const { profile, safeSearch, youtube } = change;
      Object.assign(settings.profiles[profile], { safeSearch, youtube });
      return changed(`search ${profile} ${safeSearch} ${youtube}`, { safeSearch, youtube }, change);
    },
    changeSection: async (change) => {
      Object.assign(settings, { [change.section]: change.value });
      return changed(`section ${change.section}`, change.value, change);
    },
    changes: async (limit) => changes.slice(0, limit),
    lists,
    refreshLists: async (by) => {
      calls.push(`refreshLists ${by.id}`);
      return lists();
    },
    explain: async (name, profile, at) =>
      Explanation.parse({
        name,
        profile,
        at: at ?? AT,
        verdict: BLOCKED[name]
          ? { kind: 'blocked', tier: 'category', category: BLOCKED[name], matched: name }
          : { kind: 'allowed', tier: 'default' },
        lists: [],
        because: `${name} as the policy says`,
        wouldChange: [],
      }),
    blockReason: (host, client) => {
      calls.push(`blockReason ${client}`);
      return { profile: 'learner', category: BLOCKED[host], provider: 'Example <Training> & Sons' };
    },
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

function evidence(calls: string[]): Evidence {
  const runs = new Map<string, string>();
  const records: CheckRecord[] = [];
  const alerts = [anAlert('a1'), anAlert('a2')];
  const findings = {
    outcome: 'pass' as const,
    nonceSeen: true,
    controlsLoaded: true,
    probes: [],
    because: 'ok',
  };
  return {
    openCheck: async (client) => {
      const id = `run${runs.size + 1}`;
      runs.set(id, client);
      const nonceName = `${id}.check.gatehouse.home.arpa`;
      return { id, openedAt: AT, client, profile: 'learner', nonceName, probes: [] };
    },
    checkFindings: (run, client) => {
      if (runs.get(run) !== client) throw new Refusal(404, 'This device has no such run');
      return findings;
    },
    signCheck: async (submission, by) => {
      const client = runs.get(submission.run);
      if (client === undefined) throw new Refusal(404, 'There is no such run');
      const record = CheckRecord.parse({
        seq: records.length + 1,
        hash: 'ab'.repeat(32),
        week: '2030-W02',
        openedAt: AT,
        completedAt: AT,
        by,
        profile: 'learner',
        client,
        findings,
        seen: [],
        result: 'pass',
        configuration: { settings: 's', index: 'i', version: '1' },
        ...submission,
      });
      records.push(record);
      calls.push(`signCheck ${submission.run}`);
      return record;
    },
    checks: async () =>
      CheckLog.parse({ weeks: [{ week: '2030-W02', state: 'due', dueOn: '2030-01-11', checks: records }] }),
    alerts: async (wanted) => alerts.filter((alert) => wanted === undefined || alert.state === wanted),
    triage: async (id, { decision }) => {
      const alert = alerts.find((one) => one.id === id);
      if (!alert) throw new Refusal(404, 'There is no such alert');
      if (alert.state !== 'open') throw new Refusal(409, 'Somebody has decided on this alert already');
      alert.state = decision;
      return alert;
    },
    incidentCounts: async () =>
      IncidentCounts.parse({
        weeks: [
          {
            week: '2030-W02',
            incidents: Object.fromEntries(FOUR_CS.map((c) => [c, 0])),
            alerts: 2,
            open: 2,
            falsePositives: 0,
            deviceDays: 1,
          },
        ],
      }),
    ledgerHead: () => ({ seq: 1, hash: 'ab'.repeat(32), signature: 'c2ln', at: AT }),
  };
}
