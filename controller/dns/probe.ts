import dns2 from 'dns2';
import type { Endpoint } from '#contract/environment.ts';
import { upstreamEndpoint } from './upstream.ts';

/** What a probe found. `reason` says in a few words what went wrong. */
export type Probe =
  | { readonly ok: true; readonly latencyMs: number; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly reason: string };

const PROBE_MS = 2000;

/**
 * Asks our own listener for `name` through dns2, an implementation that shares no line with ours.
 * TCP is asked over IPv4 only: dns2 takes an IPv6 address apart at its colons.
 */
export function probeListener(
  endpoint: Endpoint,
  name: string,
  protocol: 'udp' | 'tcp' = 'udp',
): Promise<Probe> {
  return probe(protocol === 'udp' ? udpClient(endpoint) : tcpClient(endpoint), name);
}

/**
 * Asks the upstream `url` for `name`. NXDOMAIN is an answer too; SERVFAIL and REFUSED are none.
 * @throws UpstreamUrlUnusable
 */
export function probeUpstream(url: string, name: string): Promise<Probe> {
  return probe(udpClient(upstreamEndpoint(url)), name);
}

function udpClient({ address, port }: Endpoint): dns2.DnsResolver {
  return dns2.UDPClient({
    dns: address,
    port,
    socketType: address.includes(':') ? 'udp6' : 'udp4',
    timeout: PROBE_MS,
    // A truncated answer is an answer; dns2's way over TCP has no time limit.
    retryOverTCP: false,
  });
}

function tcpClient({ address, port }: Endpoint): dns2.DnsResolver {
  return dns2.TCPClient({ dns: address, port });
}

const NXDOMAIN = 3;

async function probe(ask: dns2.DnsResolver, name: string): Promise<Probe> {
  const startedAt = performance.now();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${PROBE_MS} ms`)), PROBE_MS);
  try {
    const answer = await Promise.race([ask(name, 'A'), late.promise]);
    const { rcode } = answer.header;
    // dns2 gives what it could decode and lists the rest as errors.
    if (answer.errors.length > 0)
      return { ok: false, reason: `malformed answer: ${answer.errors[0]?.message}` };
    if (rcode !== 0 && rcode !== NXDOMAIN) return { ok: false, reason: `answered with rcode ${rcode}` };
    const addresses = answer.answers.flatMap((record) =>
      'address' in record ? [String(record.address)] : [],
    );
    return { ok: true, latencyMs: performance.now() - startedAt, addresses };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
