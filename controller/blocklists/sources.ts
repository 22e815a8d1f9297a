import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SourceUnusable } from './source-unusable.ts';

/** What the last fetch left for a conditional one. */
export interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** Where sources of the box itself are. */
export interface SourceFolders {
  /** What relative `file:` sources are relative to. */
  readonly baseFolder: string;
  /** Gatehouse's own small lists: `starter:` sources. */
  readonly starterFolder: string;
}

/** A source that answered: its octets, or the word that nothing has changed. */
export type Opened =
  | { readonly kind: 'unchanged' }
  | ({ readonly kind: 'content'; readonly chunks: AsyncIterable<Uint8Array> } & Validators);

/**
 * Opens a list source: `file:`, `starter:` or `https:`.
 * @throws SourceUnusable
 */
export async function openSource(
  source: string,
  validators: Validators,
  doors: SourceFolders & { readonly fetch: typeof fetch; readonly signal: AbortSignal },
): Promise<Opened> {
  const { fetch, signal } = doors;
  const path = pathOf(source, doors);
  return path === undefined
    ? await openUrl(source, { validators, fetch, signal })
    : await openFile(path, signal);
}

/** Whether the source is on the box itself, where asking costs nothing. */
export function isLocal(source: string): boolean {
  return /^(file|starter):/.test(source);
}

/** The path of a local source; undefined when it is elsewhere. */
function pathOf(source: string, { baseFolder, starterFolder }: SourceFolders): string | undefined {
  if (source.startsWith('file://')) return fileURLToPath(source);
  if (source.startsWith('file:')) return resolve(baseFolder, source.slice('file:'.length));
  if (!source.startsWith('starter:')) return undefined;
  const name = source.slice('starter:'.length);
  if (!/^[a-z0-9-]+\.txt$/.test(name)) throw new SourceUnusable(`there is no starter list ${name}`);
  return join(starterFolder, name);
}

async function openFile(path: string, signal: AbortSignal): Promise<Opened> {
  const found = await stat(path);
  // A pipe or a device could hold the reader for ever.
  if (!found.isFile()) throw new SourceUnusable(`${path} is not a file`);
  return { kind: 'content', chunks: createReadStream(path, { signal }), etag: null, lastModified: null };
}

const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Follows redirects by hand: each step has to be https, and there are at most five. */
async function openUrl(
  source: string,
  asking: { readonly validators: Validators; readonly fetch: typeof fetch; readonly signal: AbortSignal },
): Promise<Opened> {
  let url = new URL(source);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    if (url.protocol !== 'https:')
      throw new SourceUnusable(`the server sends us on to ${url.origin}, not https`);
    const response = await asking.fetch(url, {
      headers: conditions(asking.validators),
      redirect: 'manual',
      signal: asking.signal,
    });
    if (!REDIRECTS.has(response.status)) return await read(response);
    await response.body?.cancel();
    url = redirectTarget(response, url);
  }
  throw new SourceUnusable(`the server sends us on more than ${MOST_REDIRECTS} times`);
}

function redirectTarget(response: Response, from: URL): URL {
  const location = response.headers.get('location') ?? '';
  if (location === '' || !URL.canParse(location, from))
    throw new SourceUnusable(`the server answered ${response.status} without a place to go`);
  return new URL(location, from);
}

function conditions({ etag, lastModified }: Validators): Record<string, string> {
  return {
    accept: 'text/plain, */*;q=0.5',
    ...(etag === null ? {} : { 'if-none-match': etag }),
    ...(lastModified === null ? {} : { 'if-modified-since': lastModified }),
  };
}

async function read(response: Response): Promise<Opened> {
  if (response.status === 304) return { kind: 'unchanged' };
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new SourceUnusable(`the server answered ${response.status}`);
  }
  return {
    kind: 'content',
    chunks: response.body ?? [],
    etag: response.headers.get('etag'),
    lastModified: response.headers.get('last-modified'),
  } as Opened;
}
