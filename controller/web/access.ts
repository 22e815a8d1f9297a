import type { Capability } from '#contract/roles.ts';

/** `open` needs nobody, `signed in` anybody who is; all else is a capability of contract/roles.ts. */
export type Access = 'open' | 'signed in' | Capability;

/**
 * Who may call what: the one table. The gate serves only what has a row here, so a route that was
 * forgotten is a 404 and never a hole. Paths are written as in OpenAPI.
 */
export const ACCESS = {
  'GET /api/openapi.json': 'open',
  'GET /api/status': 'open',
  'GET /api/claim': 'open',
  'POST /api/claim': 'open',
  'POST /api/session': 'open',
  'GET /api/session': 'signed in',
  'DELETE /api/session': 'open',
  'GET /api/explain': 'explain names',
  'GET /api/settings': 'read settings',
  'PUT /api/settings/{section}': 'change settings',
  'POST /api/profiles/{profile}/rules': 'change settings',
  'POST /api/profiles/{profile}/rules/remove': 'change settings',
  'PUT /api/profiles/{profile}/categories/{category}': 'change settings',
  'PUT /api/profiles/{profile}/safe-search': 'change settings',
  'GET /api/changes': 'read changes',
  'GET /api/lists': 'read settings',
  'POST /api/lists/refresh': 'refresh lists',
  'POST /api/checks/runs': 'open',
  'GET /api/checks/runs/{run}': 'open',
  'POST /api/checks': 'log checks',
  'GET /api/checks': 'read checks',
  'GET /api/alerts': 'triage alerts',
  'POST /api/alerts/{alert}/triage': 'triage alerts',
  'GET /api/incidents/counts': 'read counts',
  'GET /api/ledger/head': 'read status topics',
} as const satisfies Readonly<Record<`${string} /api/${string}`, Access>>;
export type RouteKey = keyof typeof ACCESS;

/** State-changing routes that say all they have to say by their path, and so come without a body. */
const BODILESS: ReadonlySet<RouteKey> = new Set<RouteKey>([
  'DELETE /api/session',
  'POST /api/lists/refresh',
  'POST /api/checks/runs',
]);

const ROWS = (Object.keys(ACCESS) as RouteKey[]).map((key) => {
  const [method = '', path = ''] = key.split(' ');
  return { key, method, path: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`) };
});

/** A row that was found, or the methods that the path would have had. No methods: no such path. */
export type FoundRow =
  | { readonly key: RouteKey; readonly needs: Access; readonly bodiless: boolean }
  | { readonly methods: readonly string[] };

/** Finds the row for `method` and `path`; HEAD is asked as GET. */
export function findRow(method: string, path: string): FoundRow {
  const wanted = method === 'HEAD' ? 'GET' : method;
  const rows = ROWS.filter((row) => row.path.test(path));
  const found = rows.find((row) => row.method === wanted);
  if (found === undefined) return { methods: rows.map((row) => row.method) };
  return { key: found.key, needs: ACCESS[found.key], bodiless: BODILESS.has(found.key) };
}
