import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { createBox } from '#appliance/box.ts';
import { createBus } from '#appliance/bus.ts';
import { consoleTokenPath } from '#appliance/console-client.ts';
import { openDecisions } from '#appliance/decisions.ts';
import { openMemory } from '#appliance/memory.ts';
import { startPanelProcess } from '#appliance/panel-process.ts';
import { startRounds } from '#appliance/rounds.ts';
import { isUnusable } from '#appliance/unusable.ts';
import { welcome } from '#appliance/welcome.ts';
import { openBroker } from '#broker/broker.ts';
import type { Environment } from '#contract/environment.ts';
import { startWebDoor } from '#web/door.ts';
import { principalOf } from '#web/identity.ts';

/** sysexits' EX_CONFIG: the configuration cannot be used. */
const EX_CONFIG = 78;
const STOP_WITHIN_MS = 1900;
const STARTER_LISTS = join(import.meta.dirname, 'blocklists', 'starter');
const UI = join(import.meta.dirname, '..', 'ui', 'dist');

const now = () => Temporal.Now.instant();

/** Runs Gatehouse until SIGTERM or SIGINT; ends the process with 0, or with 78 when it cannot be configured so. */
export async function runAppliance(env: Environment, version: string): Promise<void> {
  const log = pino({ level: process.stdout.isTTY ? 'warn' : 'info', redact: ['password', 'token', 'code'] });
  const started = await startAppliance(env, version, log).catch((error: unknown) => {
    if (!isUnusable(error)) throw error;
    process.stderr.write(`gatehouse: ${error.message}\n`);
    process.exit(EX_CONFIG);
  });
  const stop = () => {
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    started.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error(error, 'stopping');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

/** Everything with state, in the order of starting, each handed what it needs. */
async function startAppliance(
  env: Environment,
  version: string,
  log: Logger,
): Promise<{ close(): Promise<void> }> {
  const memory = await openMemory({
    env,
    version,
    log,
    now: Date.now,
    starterFolder: STARTER_LISTS,
    onRecordsEnded,
  });
  const { data, records, claiming } = memory;
  const broker = await openBroker({
    box: records.box,
    socketPath: data.panelSocket,
    tcp: env.GATEHOUSE_MQTT,
    token: freshToken(data.busToken),
    clock: Date.now,
    onPressed: (press) => void decisions.press(press),
    log: (message, fields) => log.info(fields ?? {}, message),
  });
  const bus = createBus(broker, (message, fields) => log.warn(fields, message));
  bus.state('init');
  const decisions = await openDecisions({ env, version, log, memory, bus, starterFolder: STARTER_LISTS });
  const door = await startWebDoor({
    endpoint: env.GATEHOUSE_HTTP,
    appliance: createBox({
      ...memory,
      ...decisions,
      now,
      consoleToken: freshToken(consoleTokenPath(data.path)),
      screenButton: env.GATEHOUSE_PANEL === 'screen',
      onSignOut: (token) => broker.closePrincipal(principalOf(token)),
    }),
    uiFolder: UI,
    onUpgrade: (request, socket, head, guest) => broker.upgrade(request, socket, head, guest),
    log,
    random: randomBytes,
  });
  const panel = startPanelProcess({
    socketPath: data.panelSocket,
    box: records.box,
    panel: env.GATEHOUSE_PANEL,
    log: (message, fields) => log.warn(fields ?? {}, message),
  });
  const stopRounds = startRounds({ memory, decisions, bus, log });
  bus.state('ready');
  process.stdout.write(welcome(env, door.port, claiming.code()));
  return {
    async close() {
      stopRounds();
      bus.state('disconnected');
      await bus.settled();
      await Promise.all([door.close(), panel.close(), decisions.close()]);
      await broker.close();
      await records.close();
    },
  };
}

/** Without records nothing may be decided any more: whoever keeps this program running starts it again. */
function onRecordsEnded(error: Error): void {
  process.stderr.write(`gatehouse: ${error.message}\n`);
  process.exit(1);
}

/** A token for programs on this machine that may read the data folder; a new one at each start. */
function freshToken(path: string): string {
  const token = randomBytes(24).toString('base64url');
  writeFileSync(path, `${token}\n`, { mode: 0o600 });
  return token;
}
