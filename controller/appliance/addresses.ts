import type { Environment } from '#contract/environment.ts';

/**
 * Where clients find the block page: the web door's own address, else an address that DNS is answered on.
 * A wildcard is no address anybody could ask.
 */
export function pageAddresses(env: Pick<Environment, 'GATEHOUSE_HTTP' | 'GATEHOUSE_DNS'>): {
  v4?: string;
  v6?: string;
} {
  const known = [env.GATEHOUSE_HTTP, ...env.GATEHOUSE_DNS]
    .map(({ address }) => address)
    .filter((address) => address !== '0.0.0.0' && address !== '::');
  const v4 = known.find((address) => !address.includes(':'));
  const v6 = known.find((address) => address.includes(':'));
  return { ...(v4 ? { v4 } : {}), ...(v6 ? { v6 } : {}) };
}
