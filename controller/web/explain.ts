import { createRoute, z } from '@hono/zod-openapi';
import { DomainName } from '#contract/names.ts';
import { ProfileId } from '#contract/profiles.ts';
import { Explanation } from '#contract/verdict.ts';
import { json, routes } from './answers.ts';
import type { Appliance } from './appliance.ts';

const explain = createRoute({
  method: 'get',
  path: '/api/explain',
  summary: 'Why a name is blocked or allowed for a profile',
  request: {
    query: z.object({ name: DomainName, profile: ProfileId, at: z.iso.datetime().optional() }),
  },
  responses: { 200: json(Explanation, 'The verdict and the whole reason') },
});

/** `GET /api/explain`. */
export const explainRoutes = (appliance: Pick<Appliance, 'explain'>) =>
  routes().openapi(explain, async (c) => {
    const { name, profile, at } = c.req.valid('query');
    return c.json(await appliance.explain(name, profile, at), 200);
  });
