import { addressNumber } from '#contract/clients.ts';

/** Questions a second that one address (IPv4) or one /64 (IPv6) may ask in the long run: far above what people do. */
const PER_SECOND = 2000;
const BURST = 6000;
const MOST_BUCKETS = 8192;

/** A token bucket, shared by the addresses of one prefix. */
export interface Bucket {
  tokens: number;
  atMs: number;
}

/** Limits what one client can take of a worker. */
export interface Rates {
  bucketOf(device: string): Bucket;
  /** Whether one more question may be answered at `nowMs`; counts it when it may. */
  take(bucket: Bucket, nowMs: number): boolean;
}

export function createRates(): Rates {
  const buckets = new Map<string, Bucket>();
  return {
    bucketOf(device) {
      const prefix = prefixOf(device);
      const known = buckets.get(prefix);
      if (known) return known;
      if (buckets.size >= MOST_BUCKETS) buckets.delete(buckets.keys().next().value as string);
      const bucket = { tokens: BURST, atMs: 0 };
      buckets.set(prefix, bucket);
      return bucket;
    },
    take(bucket, nowMs) {
      // A clock that was set back gives nothing and takes nothing.
      const passed = Math.max(0, nowMs - bucket.atMs);
      bucket.atMs = nowMs;
      bucket.tokens = Math.min(BURST, bucket.tokens + (passed * PER_SECOND) / 1000);
      if (bucket.tokens < 1) return false;
      bucket.tokens -= 1;
      return true;
    },
  };
}

/** Someone with IPv6 has a whole /64 of addresses to ask from. */
function prefixOf(device: string): string {
  if (!device.includes(':')) return device;
  return `${(addressNumber(device) ?? 0n) >> 64n}`;
}
