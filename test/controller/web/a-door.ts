import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { type ScriptedAppliance, scriptedAppliance } from '#support/scripted-appliance.ts';
import { startWebDoor, type WebDoor, type WebDoorParts } from '#web/door.ts';

/** The real door on a free port, with a scripted appliance behind it. */
export interface TestDoor extends AsyncDisposable {
  readonly door: WebDoor;
  readonly appliance: ScriptedAppliance;
  readonly url: string;
  /** What the door logged, one JSON line each. */
  readonly logged: string[];
  readonly uiFolder: string;
}

export async function aDoor(options: Partial<WebDoorParts> & { claimed?: boolean } = {}): Promise<TestDoor> {
  const { claimed = true, ...parts } = options;
  const appliance = scriptedAppliance({ claimed });
  const logged: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-web-'));
  const uiFolder = join(folder, 'dist');
  const door = await startWebDoor({
    endpoint: { address: '127.0.0.1', port: 0 },
    appliance,
    uiFolder,
    onUpgrade: (_, socket) => socket.destroy(),
    log: pino({ level: 'info' }, { write: (line: string) => void logged.push(line) }),
    random: randomBytes,
    ...parts,
  });
  return {
    door,
    appliance,
    url: `http://127.0.0.1:${door.port}`,
    logged,
    uiFolder,
    [Symbol.asyncDispose]: async () => {
      await door.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Writes a built page: a shell with the nonce's placeholder, one asset, and a secret beside the folder. */
export function buildPages(uiFolder: string): void {
  mkdirSync(join(uiFolder, 'assets'), { recursive: true });
  writeFileSync(join(uiFolder, '..', 'secret.txt'), 'not for the web');
  writeFileSync(join(uiFolder, 'assets', 'app-1.js'), 'console.info("hello")');
  writeFileSync(
    join(uiFolder, 'index.html'),
    '<!doctype html><meta property="csp-nonce" nonce="__CSP_NONCE__"><script nonce="__CSP_NONCE__" src="/assets/app-1.js"></script>',
  );
}

export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Asks with exactly these headers, Host included, which `fetch` does not allow. The path goes out as it is. */
export function ask(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<PlainAnswer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    const asking = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

/** Sends raw octets and answers all that came back until the door closed the connection. */
export function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => {
      answer += part;
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(answer));
  });
}

/** The headers of somebody signed in with `token` who sends JSON. */
export const asJson = (token?: string): Record<string, string> => ({
  'content-type': 'application/json',
  ...(token === undefined ? {} : { cookie: `gatehouse=${token}` }),
});
