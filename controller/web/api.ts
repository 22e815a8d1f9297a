import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { alertRoutes } from './alerts.ts';
import type { Appliance } from './appliance.ts';
import { changeRoutes } from './changes.ts';
import { checkRoutes } from './checks.ts';
import { claimRoutes } from './claim.ts';
import { explainRoutes } from './explain.ts';
import { type DoorEnv, gate } from './gate.ts';
import { ledgerRoutes } from './ledger.ts';
import { listRoutes } from './lists.ts';
import { composeDocument } from './openapi.ts';
import { answerInvalid, answerProblem } from './problems.ts';
import { sessionRoutes } from './session.ts';
import { settingsRoutes } from './settings.ts';
import { statusRoutes } from './status.ts';

/** The largest request body, in octets. */
export const LARGEST_BODY = 256 * 1024;

/** The API: gate, body limit, routes, and the document that describes them. */
export function composeApi(appliance: Appliance, nowMs: () => number): OpenAPIHono<DoorEnv> {
  const api = new OpenAPIHono<DoorEnv>({
    defaultHook: (result) =>
      result.success ? undefined : answerInvalid(result.target === 'json' ? 422 : 400, result.error),
  });
  api.use('/api/*', async (c, next) => {
    await next();
    c.header('Cache-Control', 'no-store');
  });
  api.use('/api/*', gate(appliance));
  api.use(
    '/api/*',
    bodyLimit({
      maxSize: LARGEST_BODY,
      onError: () =>
        answerProblem(413, `wanted a body of at most ${LARGEST_BODY} octets`, {
          headers: { Connection: 'close' },
        }),
    }),
  );
  for (const part of [
    statusRoutes(appliance),
    claimRoutes(appliance),
    sessionRoutes(appliance),
    explainRoutes(appliance),
    settingsRoutes(appliance),
    changeRoutes(appliance),
    listRoutes(appliance),
    checkRoutes(appliance, nowMs),
    alertRoutes(appliance),
    ledgerRoutes(appliance),
  ]) {
    api.route('/', part);
  }
  describeItself(api);
  const document = composeDocument(api, appliance.status().version);
  api.get('/api/openapi.json', (c) => c.json(document, 200));
  return api;
}

function describeItself(api: OpenAPIHono<DoorEnv>): void {
  api.openAPIRegistry.registerPath({
    method: 'get',
    path: '/api/openapi.json',
    summary: 'This document',
    responses: {
      200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } },
    },
  });
}
