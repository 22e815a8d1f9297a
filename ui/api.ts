import type { Category } from '#contract/categories.ts';
import type { CheckFindings, CheckLog, CheckRecord, CheckRun, CheckSubmission } from '#contract/checks.ts';
import type { ChangeView, Claim, ListView, Problem, Session, SettingsView } from '#contract/http.ts';
import type { Alert, IncidentCounts, Triage } from '#contract/incidents.ts';
import type { ProfileId } from '#contract/profiles.ts';
import type { YoutubeRestriction } from '#contract/settings.ts';
import type { Status } from '#contract/status.ts';
import type { Explanation } from '#contract/verdict.ts';

/** The server refused: `message` is its own sentence, `fields` has a sentence for each wrong field by its dotted path. */
export class ProblemError extends Error {
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
  constructor(problem: Pick<Problem, 'status' | 'detail' | 'errors'>) {
    super(problem.detail);
    this.name = 'ProblemError';
    this.status = problem.status;
    this.fields = Object.fromEntries(
      (problem.errors ?? []).map((error) => [dotted(error.path), error.message]),
    );
  }
}

/** Nothing came back: the box is off, the network is gone, or it took too long. */
export class NoAnswerError extends Error {
  constructor(cause: unknown) {
    super('The box does not answer.', { cause });
    this.name = 'NoAnswerError';
  }
}

interface FarEnd {
  readonly fetch: typeof fetch;
  /** Empty for the page's own host. */
  readonly base: string;
  readonly timeoutMs: number;
  /** Told after each call whether the server answered at all. */
  readonly onReach: (answers: boolean) => void;
  /** Told when a call was refused because nobody is signed in. */
  readonly onSignedOut: () => void;
}

/** A name of the provider's own for one profile, put in force or taken away. */
export interface RuleEdit {
  readonly profile: ProfileId;
  readonly action: 'allow' | 'block';
  readonly name: string;
  readonly why: string;
  readonly keep: boolean;
}

export interface CategoryEdit {
  readonly profile: ProfileId;
  readonly category: Category;
  readonly state: 'blocked' | 'allowed';
  readonly why: string;
}

export interface SearchEdit {
  readonly profile: ProfileId;
  readonly safeSearch: boolean;
  readonly youtube: YoutubeRestriction;
  readonly why: string;
}

/**
 * Every call a page can make of the server, and the only way to it.
 * Each rejects with `ProblemError` or `NoAnswerError` and nothing else.
 */
export function openApi(far: FarEnd) {
  const get = <T>(path: string) => ask<T>(far, 'GET', path);
  const send = <T>(method: string, path: string, body?: unknown) => ask<T>(far, method, path, body);
  const at = encodeURIComponent;
  return {
    status: () => get<Status>('/api/status'),
    claimed: () => get<{ claimed: boolean }>('/api/claim'),
    claim: (claim: Claim) => send<unknown>('POST', '/api/claim', claim),
    session: () => get<Session>('/api/session'),
    signIn: (email: string, password: string) => send<unknown>('POST', '/api/session', { email, password }),
    signOut: () => send<unknown>('DELETE', '/api/session'),
    explain: (name: string, profile: ProfileId) =>
      get<Explanation>(`/api/explain?name=${at(name)}&profile=${at(profile)}`),
    settings: () => get<SettingsView>('/api/settings'),
    changeRule: ({ profile, keep, ...rule }: RuleEdit) =>
      send<SettingsView>('POST', `/api/profiles/${at(profile)}/rules${keep ? '' : '/remove'}`, rule),
    changeCategory: ({ profile, category, state, why }: CategoryEdit) =>
      send<SettingsView>('PUT', `/api/profiles/${at(profile)}/categories/${at(category)}`, { state, why }),
    changeSafeSearch: ({ profile, ...change }: SearchEdit) =>
      send<SettingsView>('PUT', `/api/profiles/${at(profile)}/safe-search`, change),
    changes: () => get<ChangeView[]>('/api/changes'),
    lists: () => get<ListView[]>('/api/lists'),
    refreshLists: () => send<ListView[]>('POST', '/api/lists/refresh'),
    openCheck: () => send<CheckRun>('POST', '/api/checks/runs'),
    findings: (run: string) => get<CheckFindings>(`/api/checks/runs/${at(run)}`),
    signCheck: (submission: CheckSubmission) => send<CheckRecord>('POST', '/api/checks', submission),
    checks: () => get<CheckLog>('/api/checks'),
    openAlerts: () => get<Alert[]>('/api/alerts?state=open'),
    triage: (alert: string, decision: Triage) =>
      send<Alert>('POST', `/api/alerts/${at(alert)}/triage`, decision),
    incidentCounts: () => get<IncidentCounts>('/api/incidents/counts'),
  };
}
export type Api = ReturnType<typeof openApi>;

async function ask<T>(far: FarEnd, method: string, path: string, body?: unknown): Promise<T> {
  const { status, text } = await exchange(far, method, path, body);
  if (status === 401 && path !== '/api/session') far.onSignedOut();
  if (status < 200 || status > 299) throw new ProblemError(readProblem(status, text));
  if (text === '') return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ProblemError({
      status,
      detail: `wanted JSON from ${path}, got ${JSON.stringify(text.slice(0, 60))}`,
    });
  }
}

async function exchange(far: FarEnd, method: string, path: string, body: unknown) {
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  try {
    const response = await far.fetch(`${far.base}${path}`, {
      method,
      ...json,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(far.timeoutMs),
    });
    const text = await response.text();
    far.onReach(true);
    return { status: response.status, text };
  } catch (cause) {
    far.onReach(false);
    throw new NoAnswerError(cause);
  }
}

/** Reads a refusal; one that is not problem+json still becomes a sentence with its status. */
function readProblem(status: number, text: string): Pick<Problem, 'status' | 'detail' | 'errors'> {
  const parsed = parseObject(text);
  const detail = [parsed['detail'], parsed['title']].find(
    (words) => typeof words === 'string' && words !== '',
  );
  const errors = Array.isArray(parsed['errors']) ? parsed['errors'].filter(isFieldError) : [];
  return {
    status,
    detail: typeof detail === 'string' ? detail : `The box answered with error ${status}.`,
    errors,
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function isFieldError(value: unknown): value is { path: string; message: string } {
  const error = value as { path?: unknown; message?: unknown } | null;
  return typeof error?.path === 'string' && typeof error.message === 'string';
}

const dotted = (path: string): string => path.replace(/^[/.]/, '').replaceAll('/', '.');
