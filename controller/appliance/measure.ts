import type { Endpoint } from '#contract/environment.ts';
import type { UpstreamHealth } from '#contract/events.ts';
import { OWN_NAME } from '#contract/names.ts';
import { probeListener, probeUpstream } from '#dns/probe.ts';
import type { DnsWorkers } from '#dns/workers.ts';
import type { Answering } from '#panel/health.ts';

/** Asks our own listeners, over UDP and where it can over TCP, as a device would. */
export async function measureListeners(ports: readonly Endpoint[]): Promise<Answering> {
  const doors = ports.flatMap((endpoint) => {
    const udp = { endpoint, protocol: 'udp' as const };
    return endpoint.address.includes(':') ? [udp] : [udp, { endpoint, protocol: 'tcp' as const }];
  });
  const silent = await Promise.all(
    doors.map(async ({ endpoint, protocol }) => {
      const found = await probeListener(endpoint, OWN_NAME, protocol);
      return found.ok ? undefined : `${protocol} ${endpoint.address} port ${endpoint.port} (${found.reason})`;
    }),
  );
  const trouble = silent.filter((text) => text !== undefined).join(', ');
  return { ok: trouble === '', trouble };
}

/** What the workers know of the upstreams; one they have not used lately is asked now. */
export async function measureUpstreams(
  dns: Pick<DnsWorkers, 'upstreams'>,
  control: string,
): Promise<readonly UpstreamHealth[]> {
  return Promise.all(
    dns.upstreams().map(async (known): Promise<UpstreamHealth> => {
      if (known.state === 'up' || known.state === 'slow') return known;
      const found = await probeUpstream(known.url, control);
      return found.ok
        ? { url: known.url, state: 'up', latencyMs: found.latencyMs }
        : { url: known.url, state: 'down', latencyMs: undefined };
    }),
  );
}
