import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import type { Endpoint } from '#contract/environment.ts';
import { composeApi } from './api.ts';
import type { Appliance } from './appliance.ts';
import { ownHeaders } from './csp.ts';
import { answerForeign, answerNotHere } from './foreign.ts';
import type { DoorEnv } from './gate.ts';
import { placeHost } from './hosts.ts';
import { listen } from './listen.ts';
import { pageRoutes } from './pages.ts';
import { answerError, answerProblem, type DoorLog } from './problems.ts';
import { endWithProblem, type OnUpgrade, openUpgrades } from './upgrade.ts';

/** Patience with clients, in milliseconds. */
export interface Patience {
  /** For the whole head of a request. */
  readonly headersMs: number;
  /** For the whole of a request. */
  readonly requestMs: number;
  /** Between two requests of one connection. */
  readonly keepAliveMs: number;
  /** For requests in flight and live connections when the door closes. */
  readonly closingMs: number;
}

/** What the web door is handed. */
export interface WebDoorParts {
  readonly endpoint: Endpoint;
  readonly appliance: Appliance;
  /** The folder that Vite built the pages into. */
  readonly uiFolder: string;
  readonly onUpgrade: OnUpgrade;
  readonly log: DoorLog;
  /** Unpredictable octets. */
  readonly random: (octets: number) => Uint8Array;
  /** Milliseconds since 1970. */
  readonly nowMs?: () => number;
  readonly patience?: Partial<Patience>;
}

export interface WebDoor {
  readonly port: number;
  /** Ends within two seconds, whatever clients do. Safe to call twice. */
  close(): Promise<void>;
}

const PATIENCE: Patience = { headersMs: 10_000, requestMs: 30_000, keepAliveMs: 5_000, closingMs: 1_000 };

/**
 * Opens door 3: API, pages and block page.
 * @throws PortUnusable when the endpoint cannot be listened on
 */
export async function startWebDoor(parts: WebDoorParts): Promise<WebDoor> {
  const { appliance, log } = parts;
  const patience = { ...PATIENCE, ...parts.patience };
  const drawNonce = () => Buffer.from(parts.random(16)).toString('base64');
  const own = getRequestListener(composeOwn(parts, drawNonce).fetch, {
    errorHandler: () => answerProblem(400, 'The request line or a header is not well formed'),
  });
  const server = openServer(patience, (incoming, outgoing) => {
    // A request target in absolute form (RFC 9112 section 3.2.2) would bring a second host of its own.
    if (!incoming.url?.startsWith('/'))
      return answerNotHere(outgoing, 400, 'wanted a path that starts with /');
    const asked = placeHost(incoming.headers.host);
    if (asked.kind === 'own') return void own(incoming, outgoing);
    try {
      answerForeign({ incoming, outgoing, asked }, appliance, drawNonce());
    } catch (error) {
      log.error({ err: error }, 'web: the block page could not be made');
      answerNotHere(outgoing, 500, 'This name is blocked here, and the page that says why could not be made');
    }
  });
  const live = openUpgrades(appliance, parts.onUpgrade, log);
  server.on('upgrade', live.upgrade);
  server.on('clientError', answerClientError);
  await listen(server, parts.endpoint);
  server.on('error', (error) => log.error({ err: error }, 'web: the listening socket reports an error'));
  let closing: Promise<void> | undefined;
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      closing ??= closeServer(server, live.destroyAll, patience.closingMs);
      return closing;
    },
  };
}

function composeOwn(parts: WebDoorParts, drawNonce: () => string): Hono<DoorEnv> {
  const app = new Hono<DoorEnv>();
  app.use(async (c, next) => {
    c.set('secureHeadersNonce', drawNonce());
    await next();
  });
  app.use(ownHeaders());
  app.onError((error) => answerError(error, parts.log));
  app.notFound((c) => answerProblem(404, `There is no ${c.req.path.slice(0, 200)} here`));
  app.route('/', composeApi(parts.appliance, parts.nowMs ?? Date.now));
  app.route('/', pageRoutes(parts.uiFolder, parts.appliance));
  return app;
}

function openServer(
  patience: Patience,
  onRequest: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
): Server {
  const server = createServer(
    {
      headersTimeout: patience.headersMs,
      requestTimeout: patience.requestMs,
      keepAliveTimeout: patience.keepAliveMs,
      connectionsCheckingInterval: Math.min(1_000, patience.headersMs),
      maxHeaderSize: 16_384,
      insecureHTTPParser: false,
    },
    onRequest,
  );
  server.maxHeadersCount = 100;
  server.maxRequestsPerSocket = 1_000;
  server.maxConnections = 1_024;
  // Ends clients that stop reading an answer; longer than any route may take.
  server.setTimeout(180_000);
  return server;
}

const CLIENT_ERRORS: Readonly<Record<string, readonly [number, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive'],
  HPE_HEADER_OVERFLOW: [431, 'wanted at most 16384 octets of headers'],
};

function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  const [status, detail] = CLIENT_ERRORS[error.code ?? ''] ?? [400, 'The request is not well-formed HTTP'];
  // Octets written before may be the start of an answer: a second one would be read as its body.
  if (error.code === 'ECONNRESET' || socket.bytesWritten > 0) socket.destroy();
  else endWithProblem(socket, status, detail);
}

async function closeServer(server: Server, destroyLive: () => void, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => {
    destroyLive();
    server.closeAllConnections();
  }, graceMs);
  await closed;
  clearTimeout(cut);
}
