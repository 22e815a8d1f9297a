import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono, type MiddlewareHandler } from 'hono';
import type { Appliance } from './appliance.ts';
import { composeBlockPage } from './block-page.ts';
import type { DoorEnv } from './gate.ts';
import { clientOf } from './identity.ts';
import { answerProblem } from './problems.ts';

const PLACEHOLDER = '__CSP_NONCE__';

/** What a browser gets on our own names beside the API: the page shell, its assets, a preview of the block page. */
export function pageRoutes(uiFolder: string, appliance: Pick<Appliance, 'blockReason'>) {
  // serveStatic complains on the console about a folder that is not there: it is made when the folder is.
  const files: MiddlewareHandler<DoorEnv> = async (c, next) =>
    existsSync(uiFolder) ? serveStatic<DoorEnv>({ root: uiFolder, precompressed: true })(c, next) : next();
  return new Hono<DoorEnv>()
    .get('/assets/*', async (c, next) => {
      await next();
      if (c.res.ok) c.header('Cache-Control', 'public, max-age=31536000, immutable');
    })
    .get('/assets/*', files, (c) => answerProblem(404, `There is no file ${c.req.path.slice(0, 200)}`))
    .get('/blocked', (c) => {
      const host = (c.req.query('name') ?? '').slice(0, 253);
      const reason = appliance.blockReason(host, clientOf(c.env.incoming));
      return c.html(composeBlockPage({ ...reason, host }, nonceOf(c)), 200, { 'Cache-Control': 'no-store' });
    })
    .get('/:file{[^/]+\\.(?:svg|png|ico|txt|webmanifest)}', files, (c) =>
      answerProblem(404, `There is no file ${c.req.path.slice(0, 200)}`),
    )
    .get('*', async (c) => {
      const shell = await readShell(uiFolder);
      const html = shell?.replaceAll(PLACEHOLDER, nonceOf(c)) ?? NOT_BUILT;
      return c.html(html, shell === undefined ? 503 : 200, { 'Cache-Control': 'no-store' });
    });
}

/** Read anew each time: it is small, and a new build shows at once. */
async function readShell(uiFolder: string): Promise<string | undefined> {
  try {
    return await readFile(join(uiFolder, 'index.html'), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return undefined;
    }
    throw error;
  }
}

function nonceOf(c: { get(key: 'secureHeadersNonce'): string | undefined }): string {
  const nonce = c.get('secureHeadersNonce');
  if (nonce === undefined) throw new Error('a page was asked for before its nonce was drawn');
  return nonce;
}

const NOT_BUILT = `<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Gatehouse</title></head>
<body><h1>Gatehouse is running, but its pages are not built</h1>
<p>Filtering and the API go on. Build the pages with <code>npm run build</code> in the folder of Gatehouse,
then load this page again.</p>
<p><a href="/api/status">State of the appliance</a></p></body></html>
`;
