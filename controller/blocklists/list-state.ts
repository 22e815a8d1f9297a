import { z } from 'zod';
import { ListFormat } from '#contract/settings.ts';

/** What is known of a list beside its names: `<id>.json`. All times are instants of the box's clock. */
export const ListState = z.object({
  version: z.literal(1),
  /** Where and how the content in force was read. */
  source: z.string(),
  format: ListFormat,
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  /** When the source last said that this is its content. */
  fetchedAt: z.iso.datetime().nullable(),
  /** Hex SHA-256 of the source; null when there is no good content yet. */
  sha256: z.string().nullable(),
  /** Hex SHA-256 of the names. */
  content: z.string().nullable(),
  names: z.int(),
  notUnderstood: z.int(),
  skipped: z.record(z.string(), z.int()),
  examples: z.array(z.string()),
  warnings: z.array(z.string()),
  fixed: z.string().nullable(),
  trouble: z.string().nullable(),
});
export type ListState = z.infer<typeof ListState>;

/** A list of which nothing is known yet. */
export function newState(source: string, format: ListFormat): ListState {
  return {
    version: 1,
    source,
    format,
    etag: null,
    lastModified: null,
    fetchedAt: null,
    sha256: null,
    content: null,
    names: 0,
    notUnderstood: 0,
    skipped: {},
    examples: [],
    warnings: [],
    fixed: null,
    trouble: null,
  };
}

/** @returns undefined when the text is torn or not a state: the list is then read again from its last good source */
export function parseState(text: string): ListState | undefined {
  try {
    return ListState.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
