import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Appliance } from './appliance.ts';
import { composeBlockPage } from './block-page.ts';
import type { AskedHost } from './hosts.ts';
import { clientOf } from './identity.ts';
import { composeProblem } from './problems.ts';

/** Headers of every answer outside our own names. */
const PLAIN_HEADERS = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

const NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** One request on a name that is not ours. It never reaches the API or the pages. */
export interface ForeignRequest {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly asked: AskedHost;
}

/** Answers a request on a name that is not ours: the block page, or the nothing that a check's nonce asks for. */
export function answerForeign(
  request: ForeignRequest,
  appliance: Pick<Appliance, 'blockReason'>,
  nonce: string,
): void {
  const { incoming, outgoing, asked } = request;
  const reads = incoming.method === 'GET' || incoming.method === 'HEAD';
  if (asked.kind === 'check') answerNonce(incoming, outgoing, reads);
  else if (!reads) answerNotHere(outgoing, 403, 'This name is not a name of the appliance');
  else {
    const reason = appliance.blockReason(asked.name, clientOf(incoming));
    const page = composeBlockPage({ ...reason, host: asked.name }, nonce);
    outgoing.writeHead(403, {
      ...PLAIN_HEADERS,
      'Content-Security-Policy': `${NOTHING}; style-src 'nonce-${nonce}'`,
      'Content-Type': 'text/html; charset=UTF-8',
      'Content-Length': Buffer.byteLength(page),
    });
    outgoing.end(incoming.method === 'HEAD' ? undefined : page);
  }
}

/**
 * The check page fetches its nonce name across origins without CORS: it learns that an answer came, and no
 * more. Without this resource policy the browser would hide even that.
 */
function answerNonce(incoming: IncomingMessage, outgoing: ServerResponse, reads: boolean): void {
  if (!reads || incoming.url?.split('?')[0] !== '/') {
    answerNotHere(outgoing, 404, 'Names of the check zone answer GET / only');
    return;
  }
  outgoing.writeHead(204, { ...PLAIN_HEADERS, 'Cross-Origin-Resource-Policy': 'cross-origin' });
  outgoing.end();
}

/** Answers a problem outside Hono, and closes the connection: an unread body may follow. */
export function answerNotHere(outgoing: ServerResponse, status: number, detail: string): void {
  const body = JSON.stringify(composeProblem(status, detail));
  outgoing.writeHead(status, {
    ...PLAIN_HEADERS,
    'Content-Security-Policy': NOTHING,
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  });
  outgoing.end(body);
}
