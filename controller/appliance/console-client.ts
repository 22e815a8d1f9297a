import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '#contract/environment.ts';
import type { Problem } from '#contract/http.ts';

/** The running Gatehouse did not answer, or answered with a refusal. */
export class Unanswered extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'Unanswered';
  }
}

/** Where the running program leaves the token that lets this machine's administrator ask it. */
export const consoleTokenPath = (dataFolder: string): string => join(dataFolder, 'run', 'console.token');

/**
 * Asks the Gatehouse of this environment, as whoever may read its data folder.
 * @throws Unanswered in words for the person at the terminal
 */
export async function ask(env: Environment, method: 'GET' | 'POST', path: string): Promise<unknown> {
  const { address, port } = env.GATEHOUSE_HTTP;
  const origin = `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
  const response = await fetch(`${origin}${path}`, {
    method,
    headers: { authorization: `Bearer ${token(env.GATEHOUSE_DATA)}`, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(120_000),
  }).catch((cause: unknown) => {
    throw new Unanswered(`Gatehouse does not answer at ${origin}. Is it running?`, cause);
  });
  const body = (await response.json().catch(() => undefined)) as Problem | undefined;
  if (response.ok) return body;
  if (response.status === 401) {
    throw new Unanswered(
      `Gatehouse does not know this terminal. Run it as the user who may read ${env.GATEHOUSE_DATA}.`,
    );
  }
  throw new Unanswered(body?.detail ?? `Gatehouse answered ${response.status}.`);
}

function token(dataFolder: string): string {
  try {
    return readFileSync(consoleTokenPath(dataFolder), 'utf8').trim();
  } catch {
    return 'none';
  }
}
