import { randomFillSync } from 'node:crypto';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Endpoint } from '#contract/environment.ts';
import type { Listener } from './listen-udp.ts';
import { ListenFailed, lacksAddress, listenBoth } from './listening.ts';
import type { FromWorker, NewClient, ToWorker, WorkerStart } from './messages.ts';
import { createRandom } from './random.ts';
import { createResolver, type Resolver } from './resolver.ts';
import { createUpstreamSet, type UpstreamSet } from './upstream-set.ts';

/** Milliseconds between two batches to the main thread, and that questions in flight get when the worker closes. */
const BATCH_MS = 500;
const DRAIN_MS = 700;
/** New devices and faults that one batch tells of. */
const MOST_CLIENTS_A_BATCH = 256;
const MOST_FAULTS_A_BATCH = 5;

/** The entry of a DNS worker's thread: joins sockets, resolver and upstreams, and tells main what there is to tell. */
async function runWorker(port: MessagePort, start: WorkerStart): Promise<void> {
  const tell = (message: FromWorker) => port.postMessage(message);
  const log = (message: string, fields: Readonly<Record<string, unknown>>) =>
    tell({ kind: 'log', message, fields });
  let newClients: NewClient[] = [];
  let faults = 0;
  const steadyMs = () => performance.timeOrigin + performance.now();
  const resolver = createResolver({
    ...start,
    counters: new Float64Array(start.counters),
    nowMs: Date.now,
    steadyMs,
    onWatched: (answer) => tell({ kind: 'watched', answer }),
    onClient({ device, profile }) {
      if (newClients.length < MOST_CLIENTS_A_BATCH) newClients.push({ device, profile });
    },
    onFault(error) {
      if (faults++ >= MOST_FAULTS_A_BATCH) return;
      log('dns: a question could not be answered', {
        error: error instanceof Error ? error.stack : String(error),
      });
    },
  });
  resolver.desk.clients.watch(start.watches);
  const upstreams = createUpstreamSet({
    figures: start.figures,
    random: createRandom((octets) => randomFillSync(octets)),
    steadyMs,
    onUnusable: (url, reason) => log('dns: an upstream cannot be used', { url, reason }),
  });
  resolver.forwarder.adopt(upstreams.adopt(start.policy.upstreams));

  const flush = () => {
    const batch = resolver.desk.events.take();
    if (batch) tell({ kind: 'events', batch });
    if (newClients.length > 0) tell({ kind: 'clients', clients: newClients });
    newClients = [];
    faults = 0;
    resolver.desk.turn();
  };
  const timer = setInterval(flush, BATCH_MS);

  const listeners = await listen(start.listen, resolver, tell);
  const close = async () => {
    clearInterval(timer);
    await drained(resolver);
    resolver.forwarder.close();
    upstreams.close();
    await Promise.all(listeners.map((listener) => listener.close()));
    flush();
    tell({ kind: 'closed' });
    port.close();
  };
  port.on('message', (message: ToWorker) => obey(message, resolver, upstreams, close));
  tell({ kind: 'ready', endpoints: endpointsOf(listeners) });
}

/**
 * Listens on every address that the machine has.
 * @throws ListenFailed main is told which address it is; the thread ends, and is started again where it answered before
 */
async function listen(
  endpoints: readonly Endpoint[],
  resolver: Resolver,
  tell: (message: FromWorker) => void,
): Promise<readonly Listener[]> {
  const listeners: Listener[] = [];
  for (const endpoint of endpoints) {
    try {
      listeners.push(...(await listenBoth(endpoint, resolver)));
    } catch (error) {
      if (!(error instanceof ListenFailed)) throw error;
      if (lacksAddress(error) && endpoints.length > 1) {
        tell({ kind: 'log', message: 'dns: an address is left out', fields: { reason: error.message } });
        continue;
      }
      tell({ kind: 'unable', protocol: error.protocol, endpoint: error.endpoint, code: error.code });
      throw error;
    }
  }
  return listeners;
}

function endpointsOf(listeners: readonly Listener[]): readonly Endpoint[] {
  // UDP and TCP come in pairs with one endpoint.
  return listeners.filter((_, place) => place % 2 === 0).map(({ endpoint }) => endpoint);
}

function obey(
  message: ToWorker,
  resolver: Resolver,
  upstreams: UpstreamSet,
  close: () => Promise<void>,
): void {
  switch (message.kind) {
    case 'policy':
      resolver.adoptPolicy(message.policy, message.clientTable);
      resolver.forwarder.adopt(upstreams.adopt(message.policy.upstreams));
      return;
    case 'index':
      resolver.adoptIndex(message.index);
      return;
    case 'watch':
      resolver.desk.clients.watch(message.watches);
      return;
    case 'close':
      void close();
  }
}

/** Waits until nobody waits for an upstream, or long enough. */
function drained({ forwarder }: Resolver): Promise<void> {
  return new Promise((done) => {
    const until = performance.now() + DRAIN_MS;
    const look = () => {
      if (forwarder.inFlight() === 0 || performance.now() > until) done();
      else setTimeout(look, 20);
    };
    look();
  });
}

if (parentPort) await runWorker(parentPort, workerData as WorkerStart);
