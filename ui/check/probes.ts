/** How one name fares on its way: not asked yet, under way, or asked. What it answered only the box knows. */
export type Progress = 'waiting' | 'asking' | 'asked';

interface Asking {
  /** The browser's own, so that the device's own resolver is the one that is asked. */
  readonly fetch: typeof fetch;
  /** The port to load from; the nonce name is asked on the page's own, all others on the web's (empty). */
  readonly port: string;
  readonly timeoutMs: number;
  /** How many names are under way at once. */
  readonly atOnce: number;
  readonly onProgress: (name: string, progress: Progress) => void;
}

/**
 * Makes this device look up each name by loading it. Whether anything loads does not matter and is not judged:
 * the evidence is what the box's DNS workers answered.
 */
export async function askNames(names: readonly string[], asking: Asking): Promise<void> {
  const waiting = [...names];
  const next = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      asking.onProgress(name, 'asking');
      await load(origin(name, asking.port), asking);
      asking.onProgress(name, 'asked');
    }
  };
  await Promise.all(Array.from({ length: asking.atOnce }, next));
}

const origin = (name: string, port: string): string => `http://${name}${port === '' ? '' : `:${port}`}/`;

async function load(url: string, asking: Asking): Promise<void> {
  try {
    await asking.fetch(url, {
      mode: 'no-cors',
      cache: 'no-store',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.timeout(asking.timeoutMs),
    });
  } catch {
    // A name that does not load has been looked up all the same.
  }
}
