import { createRoute } from '@hono/zod-openapi';
import { LedgerHead } from '#contract/ledger.ts';
import { json, routes } from './answers.ts';
import type { Appliance } from './appliance.ts';

const readHead = createRoute({
  method: 'get',
  path: '/api/ledger/head',
  summary: 'The last entry’s hash and signature: keep it elsewhere, and the chain cannot be rewritten',
  responses: { 200: json(LedgerHead, 'The head') },
});

/** `GET /api/ledger/head`. */
export const ledgerRoutes = (appliance: Pick<Appliance, 'ledgerHead'>) =>
  routes().openapi(readHead, (c) => c.json(appliance.ledgerHead(), 200));
