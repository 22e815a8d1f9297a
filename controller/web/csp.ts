import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { NONCE, secureHeaders } from 'hono/secure-headers';
import type { DoorEnv } from './gate.ts';

/**
 * Security headers of every answer on our own names. No HSTS: with a self-signed certificate it would lock
 * people out. The opener and agent-cluster policies are for secure contexts only; here they are mere noise.
 */
export const ownHeaders = () =>
  secureHeaders({
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    xFrameOptions: 'DENY',
    overwrite: true,
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'", NONCE],
      styleSrc: ["'self'", NONCE],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'"],
      manifestSrc: ["'self'"],
      connectSrc: ["'self'", (c: Context) => connections(c as Context<DoorEnv>)],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  });

/** Where a page may connect to. The check page asks other sites' names on purpose. */
function connections(c: Context<DoorEnv>): string {
  const live = liveBus(c.env.incoming);
  return /^\/check\/?$/.test(c.req.path) ? `${live} http: https:` : live;
}

/** An address in brackets is no CSP host-source; there 'self' covers the WebSocket (CSP 3, section 6.7.2.8). */
function liveBus(incoming: HttpBindings['incoming']): string {
  const host = incoming.headers.host ?? '';
  return /^[a-z0-9.-]+(:\d+)?$/i.test(host) ? `ws://${host} wss://${host}` : '';
}
