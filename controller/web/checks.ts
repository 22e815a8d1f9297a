import { createRoute, z } from '@hono/zod-openapi';
import { CheckFindings, CheckLog, CheckRecord, CheckRun, CheckSubmission } from '#contract/checks.ts';
import { body, json, routes } from './answers.ts';
import { type Appliance, Refusal } from './appliance.ts';
import { callerOf } from './gate.ts';
import { clientOf } from './identity.ts';
import { limitRuns } from './run-limit.ts';

const LIMIT = { perClient: 20, together: 120, perMs: 600_000 };

const openRun = createRoute({
  method: 'post',
  path: '/api/checks/runs',
  summary: 'Opens a check of the device that asks; needs no sign-in',
  responses: { 201: json(CheckRun, 'What the device is to ask for') },
});

const readRun = createRoute({
  method: 'get',
  path: '/api/checks/runs/{run}',
  summary: 'What the filter has seen of a run so far; only for the device that opened it',
  request: { params: z.object({ run: z.string().min(1).max(100) }) },
  responses: { 200: json(CheckFindings, 'The findings so far') },
});

const signCheck = createRoute({
  method: 'post',
  path: '/api/checks',
  summary: 'Signs a run as the week’s check',
  request: { body: body(CheckSubmission) },
  responses: { 201: json(CheckRecord, 'The record as it stands in the ledger') },
});

const readChecks = createRoute({
  method: 'get',
  path: '/api/checks',
  summary: 'The check log by week, missed weeks included',
  responses: { 200: json(CheckLog, 'The log') },
});

/** `/api/checks`. `nowMs` drives the limit on new runs. */
export const checkRoutes = (
  appliance: Pick<Appliance, 'openCheck' | 'checkFindings' | 'signCheck' | 'checks'>,
  nowMs: () => number,
) => {
  const secondsToWait = limitRuns(LIMIT, nowMs);
  return routes()
    .openapi(openRun, async (c) => {
      const client = clientOf(c.env.incoming);
      const wait = secondsToWait(client);
      if (wait > 0) throw new Refusal(429, 'Too many checks were opened; please wait a little', wait);
      return c.json(await appliance.openCheck(client), 201);
    })
    .openapi(readRun, (c) =>
      c.json(appliance.checkFindings(c.req.valid('param').run, clientOf(c.env.incoming)), 200),
    )
    .openapi(signCheck, async (c) => c.json(await appliance.signCheck(c.req.valid('json'), callerOf(c)), 201))
    .openapi(readChecks, async (c) => c.json(await appliance.checks(), 200));
};
