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

/**
 * Asks each upstream now: a quiet network would not notice that its upstream has gone. One lost datagram is no outage,
 * so a silent upstream is asked twice. What is slow for the devices is slow, whatever the probe says.
 */
export async function measureUpstreams(
  dns: Pick<DnsWorkers, 'upstreams'>,
  control: string,
): Promise<readonly UpstreamHealth[]> {
  return Promise.all(
    dns.upstreams().map(async ({ url, state, latencyMs }): Promise<UpstreamHealth> => {
      const first = await probeUpstream(url, control);
      const found = first.ok ? first : await probeUpstream(url, control);
      if (!found.ok) return { url, state: 'down', latencyMs: undefined };
      return state === 'slow' ? { url, state, latencyMs } : { url, state: 'up', latencyMs: found.latencyMs };
    }),
  );
}
