import { createRoute } from '@hono/zod-openapi';
import { Session, SignIn } from '#contract/http.ts';
import { body, json, routes } from './answers.ts';
import type { Appliance } from './appliance.ts';
import { callerOf } from './gate.ts';
import { clientOf, composeCookie, composeForgetCookie, isSecure, tokenOf } from './identity.ts';

const signIn = createRoute({
  method: 'post',
  path: '/api/session',
  summary: 'Signs in; the session is a cookie that scripts cannot read',
  request: { body: body(SignIn) },
  responses: { 201: json(Session, 'Signed in') },
});

const readSession = createRoute({
  method: 'get',
  path: '/api/session',
  summary: 'Who is signed in, and what they may do',
  responses: { 200: json(Session, 'The session') },
});

const signOut = createRoute({
  method: 'delete',
  path: '/api/session',
  summary: 'Signs out; safe to repeat',
  responses: { 204: { description: 'Signed out' } },
});

/** `/api/session`. */
export const sessionRoutes = (appliance: Pick<Appliance, 'signIn' | 'signOut' | 'who' | 'session'>) =>
  routes()
    .openapi(signIn, async (c) => {
      const { email, password } = c.req.valid('json');
      const { incoming } = c.env;
      const { token } = await appliance.signIn(email, password, clientOf(incoming));
      const caller = appliance.who(token);
      if (caller === undefined) throw new Error('a session was opened whose token nobody has');
      // A sign-in over an older session ends that one: otherwise it would live on without a cookie.
      const older = tokenOf(incoming);
      if (older !== undefined && older !== token) appliance.signOut(older);
      c.header('Set-Cookie', composeCookie(token, isSecure(incoming)));
      return c.json(appliance.session(token, caller), 201);
    })
    .openapi(readSession, (c) => {
      const caller = callerOf(c);
      return c.json(appliance.session(tokenOf(c.env.incoming) ?? '', caller), 200);
    })
    .openapi(signOut, (c) => {
      const token = tokenOf(c.env.incoming);
      if (token !== undefined) appliance.signOut(token);
      c.header('Set-Cookie', composeForgetCookie(isSecure(c.env.incoming)));
      return c.body(null, 204);
    });
