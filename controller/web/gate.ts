import type { HttpBindings } from '@hono/node-server';
import { createMiddleware } from 'hono/factory';
import { may } from '#contract/roles.ts';
import { type Access, findRow } from './access.ts';
import type { Appliance, Caller } from './appliance.ts';
import { isSameOrigin } from './hosts.ts';
import { tokenOf } from './identity.ts';
import { answerProblem } from './problems.ts';

/** What the door hands along with each request. */
export interface DoorEnv {
  Bindings: HttpBindings;
  Variables: {
    /** Whoever is signed in, on open routes too. */
    caller?: Caller;
    secureHeadersNonce?: string;
  };
}

type Incoming = HttpBindings['incoming'];

const READING = new Set(['GET', 'HEAD']);

/** Lets a request through to its route: a row in the table, our own origin, the right person, JSON. */
export function gate(appliance: Pick<Appliance, 'who'>) {
  return createMiddleware<DoorEnv>(async (c, next) => {
    const row = findRow(c.req.method, c.req.path);
    if ('methods' in row) return answerNoRow(row.methods, c.req.method, c.req.path);

    const { incoming } = c.env;
    const token = tokenOf(incoming);
    const caller = token === undefined ? undefined : appliance.who(token);
    const refused =
      answerElsewhere(incoming) ?? answerUnfit(row.needs, caller) ?? answerContent(row.bodiless, incoming);
    if (refused) return refused;
    if (caller !== undefined) c.set('caller', caller);
    await next();
  });
}

function answerElsewhere({ method = 'GET', headers }: Incoming): Response | undefined {
  const { origin, host } = headers;
  if (READING.has(method) || origin === undefined || isSameOrigin(origin, host)) return undefined;
  return answerProblem(403, 'The request came from a page of another site');
}

function answerNoRow(methods: readonly string[], method: string, path: string): Response {
  if (methods.length === 0) return answerProblem(404, `There is no ${path.slice(0, 200)} here`);
  const allow = methods.join(', ');
  return answerProblem(405, `wanted ${allow}, got ${method}`, { headers: { Allow: allow } });
}

function answerUnfit(needs: Access, caller: Caller | undefined): Response | undefined {
  if (needs === 'open') return undefined;
  if (caller === undefined) return answerProblem(401, 'Please sign in first');
  if (needs === 'signed in' || may(caller.roles, needs)) return undefined;
  return answerProblem(403, `Your roles do not include the right to ${needs}`);
}

function answerContent(bodiless: boolean, { method = 'GET', headers }: Incoming): Response | undefined {
  if (READING.has(method)) return undefined;
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  const empty = headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? '0') === 0;
  if (type === 'application/json' || (bodiless && empty && type === undefined)) return undefined;
  return answerProblem(415, 'wanted a body of Content-Type application/json');
}

/** The person behind a request to a route that is not open. */
export function callerOf(c: { get(key: 'caller'): Caller | undefined }): Caller {
  const caller = c.get('caller');
  if (caller === undefined) throw new Error('a route that needs a caller has an open row in ACCESS');
  return caller;
}
