import type { Category } from '#contract/categories.ts';
import type { CheckFindings, CheckLog, CheckRecord, CheckRun, CheckSubmission } from '#contract/checks.ts';
import type { ChangeView, Claim, ListView, Section, Session, SettingsView } from '#contract/http.ts';
import type { Alert, IncidentCounts, Triage } from '#contract/incidents.ts';
import type { LedgerHead } from '#contract/ledger.ts';
import type { ProfileId } from '#contract/profiles.ts';
import type { RoleId } from '#contract/roles.ts';
import type { YoutubeRestriction } from '#contract/settings.ts';
import type { Status } from '#contract/status.ts';
import type { Explanation } from '#contract/verdict.ts';

/** Who asks, once the session cookie was believed. */
export interface Caller {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly RoleId[];
}

/** A refusal that a person can read; the door answers it with `status` and problem+json. */
export class Refusal extends Error {
  readonly status: 400 | 401 | 403 | 404 | 409 | 422 | 429 | 503;
  /** Seconds, for 429 and 503. */
  readonly retryAfter: number | undefined;
  constructor(status: Refusal['status'], message: string, retryAfter?: number) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * What the web door can ask of the appliance. `main.ts` joins the rooms to it; the door parses, checks the
 * caller's capability, calls and answers. Every method may throw `Refusal`.
 */
export interface Appliance {
  status(): Status;
  claimed(): boolean;
  claim(request: Claim): Promise<void>;

  /** Answers an opaque token for the cookie. `from` is the client's address, for rate limits. */
  signIn(email: string, password: string, from: string): Promise<{ token: string; expiresAt: string }>;
  signOut(token: string): void;
  who(token: string): Caller | undefined;
  session(token: string, caller: Caller): Session;

  explain(name: string, profile: ProfileId, at: string | undefined): Promise<Explanation>;

  settings(): SettingsView;
  changeRule(change: {
    profile: ProfileId;
    action: 'allow' | 'block';
    name: string;
    /** Absent removes the rule. */
    keep: boolean;
    why: string;
    by: Caller;
  }): Promise<SettingsView>;
  changeCategory(change: {
    profile: ProfileId;
    category: Category;
    state: 'blocked' | 'allowed';
    why: string;
    by: Caller;
  }): Promise<SettingsView>;
  changeSafeSearch(change: {
    profile: ProfileId;
    safeSearch: boolean;
    youtube: YoutubeRestriction;
    why: string;
    by: Caller;
  }): Promise<SettingsView>;
  changeSection(change: { section: Section; value: unknown; why: string; by: Caller }): Promise<SettingsView>;
  changes(limit: number): Promise<readonly ChangeView[]>;

  lists(): readonly ListView[];
  refreshLists(by: Caller): Promise<readonly ListView[]>;

  /** Opens a check from the device at `client`; needs no sign-in. */
  openCheck(client: string): Promise<CheckRun>;
  /** The findings so far, for the device that opened the run only. */
  checkFindings(run: string, client: string): CheckFindings;
  signCheck(submission: CheckSubmission, by: Caller): Promise<CheckRecord>;
  checks(): Promise<CheckLog>;

  alerts(state: Alert['state'] | undefined): Promise<readonly Alert[]>;
  triage(alert: string, decision: Triage, by: Caller): Promise<Alert>;
  incidentCounts(): Promise<IncidentCounts>;

  ledgerHead(): LedgerHead;

  /** What the block page says to `client` about `host`. */
  blockReason(
    host: string,
    client: string,
  ): { profile: ProfileId; category: Category | undefined; provider: string };
}
