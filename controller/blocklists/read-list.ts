import type { ListFormat } from '#contract/settings.ts';
import type { EntrySink, LineReader } from './entries.ts';
import { createLineSplitter } from './lines.ts';
import { readAdblockLine } from './read-adblock.ts';
import { readDnsmasqLine } from './read-dnsmasq.ts';
import { readDomainsLine } from './read-domains.ts';
import { readHostsLine } from './read-hosts.ts';

/** Format -> how one line of it reads. */
export const LINE_READERS: Readonly<Record<ListFormat, LineReader>> = {
  hosts: readHostsLine,
  domains: readDomainsLine,
  adblock: readAdblockLine,
  dnsmasq: readDnsmasqLine,
};

/** Reads a whole list, chunk by chunk, into `sink`. */
export async function readList(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  format: ListFormat,
  sink: EntrySink,
): Promise<void> {
  const reader = LINE_READERS[format];
  const splitter = createLineSplitter({
    line: (octets, start, end) => reader(octets, start, end, sink),
    tooLong: (octets, start, end) => sink.skip(octets, start, end, 'tooLong'),
  });
  for await (const chunk of chunks) splitter.push(chunk);
  splitter.end();
}
