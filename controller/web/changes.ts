import { createRoute, z } from '@hono/zod-openapi';
import { ChangeView } from '#contract/http.ts';
import { json, routes } from './answers.ts';
import type { Appliance } from './appliance.ts';

/** `before` and `after` are any JSON; the OpenAPI generator cannot end the recursion of `z.json()`. */
const AnyChange = ChangeView.extend({ before: z.unknown(), after: z.unknown() });

const readChanges = createRoute({
  method: 'get',
  path: '/api/changes',
  summary: 'The change log, newest first',
  request: { query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) }) },
  responses: { 200: json(z.array(AnyChange), 'At most `limit` changes') },
});

/** `GET /api/changes`. */
export const changeRoutes = (appliance: Pick<Appliance, 'changes'>) =>
  routes().openapi(readChanges, async (c) => {
    const changes: readonly z.infer<typeof AnyChange>[] = await appliance.changes(c.req.valid('query').limit);
    return c.json([...changes], 200);
  });
