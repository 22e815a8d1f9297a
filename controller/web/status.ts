import { createRoute } from '@hono/zod-openapi';
import { Status } from '#contract/status.ts';
import { json, routes } from './answers.ts';
import type { Appliance } from './appliance.ts';

const readStatus = createRoute({
  method: 'get',
  path: '/api/status',
  summary: 'How the appliance fares; holds nothing about people or devices',
  responses: { 200: json(Status, 'The state of each part') },
});

/** `GET /api/status`. */
export const statusRoutes = (appliance: Pick<Appliance, 'status'>) =>
  routes().openapi(readStatus, (c) => c.json(appliance.status(), 200));
