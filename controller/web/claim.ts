import { createRoute } from '@hono/zod-openapi';
import { Claim, ClaimState } from '#contract/http.ts';
import { body, json, routes } from './answers.ts';
import { type Appliance, Refusal } from './appliance.ts';

const readClaim = createRoute({
  method: 'get',
  path: '/api/claim',
  summary: 'Whether somebody has claimed this appliance',
  responses: { 200: json(ClaimState, 'Whether it is claimed') },
});

const claim = createRoute({
  method: 'post',
  path: '/api/claim',
  summary: 'Claims the appliance with the code printed at its first start',
  request: { body: body(Claim) },
  responses: { 201: json(ClaimState, 'It is claimed now') },
});

/** `/api/claim`: open until somebody has claimed the appliance, 409 ever after. */
export const claimRoutes = (appliance: Pick<Appliance, 'claimed' | 'claim'>) =>
  routes()
    .openapi(readClaim, (c) => c.json({ claimed: appliance.claimed() }, 200))
    .openapi(claim, async (c) => {
      if (appliance.claimed()) throw new Refusal(409, 'This appliance is claimed already');
      await appliance.claim(c.req.valid('json'));
      return c.json({ claimed: true }, 201);
    });
