import { createRoute, z } from '@hono/zod-openapi';
import { Alert, IncidentCounts, Triage } from '#contract/incidents.ts';
import { body, json, routes } from './answers.ts';
import type { Appliance } from './appliance.ts';
import { callerOf } from './gate.ts';

const readAlerts = createRoute({
  method: 'get',
  path: '/api/alerts',
  summary: 'Alerts, of one state or of all',
  request: { query: z.object({ state: Alert.shape.state.optional() }) },
  responses: { 200: json(z.array(Alert), 'The alerts') },
});

const triage = createRoute({
  method: 'post',
  path: '/api/alerts/{alert}/triage',
  summary: 'Turns an alert into an incident, or marks it a false positive',
  request: { params: z.object({ alert: z.string().min(1).max(100) }), body: body(Triage) },
  responses: { 200: json(Alert, 'The alert as it stands now') },
});

const readCounts = createRoute({
  method: 'get',
  path: '/api/incidents/counts',
  summary: 'Figures by week; holds nothing about people or devices',
  responses: { 200: json(IncidentCounts, 'The figures') },
});

/** `/api/alerts` and `/api/incidents`. */
export const alertRoutes = (appliance: Pick<Appliance, 'alerts' | 'triage' | 'incidentCounts'>) =>
  routes()
    .openapi(readAlerts, async (c) => c.json([...(await appliance.alerts(c.req.valid('query').state))], 200))
    .openapi(triage, async (c) => {
      const { alert } = c.req.valid('param');
      return c.json(await appliance.triage(alert, c.req.valid('json'), callerOf(c)), 200);
    })
    .openapi(readCounts, async (c) => c.json(await appliance.incidentCounts(), 200));
