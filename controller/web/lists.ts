import { createRoute, z } from '@hono/zod-openapi';
import { ListView } from '#contract/http.ts';
import { json, routes } from './answers.ts';
import type { Appliance } from './appliance.ts';
import { callerOf } from './gate.ts';

const readLists = createRoute({
  method: 'get',
  path: '/api/lists',
  summary: 'The block lists, how old they are and what is wrong with them',
  responses: { 200: json(z.array(ListView), 'Every list') },
});

const refreshLists = createRoute({
  method: 'post',
  path: '/api/lists/refresh',
  summary: 'Fetches every list now; a list that fails keeps its last good content',
  responses: { 200: json(z.array(ListView), 'Every list, after the refresh') },
});

/** `/api/lists`. */
export const listRoutes = (appliance: Pick<Appliance, 'lists' | 'refreshLists'>) =>
  routes()
    .openapi(readLists, (c) => c.json([...appliance.lists()], 200))
    .openapi(refreshLists, async (c) => c.json([...(await appliance.refreshLists(callerOf(c)))], 200));
