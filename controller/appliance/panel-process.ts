import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface PanelProcessOptions {
  readonly socketPath: string;
  readonly box: string;
  readonly panel: string;
  readonly log: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
}

const RESTART_MS = 1000;
const EX_CONFIG = 78;

/**
 * Keeps paneld running beside the appliance. It is a process of its own, so that the panel can tell when the
 * appliance is dead. It also ends by itself when the channel to its parent closes.
 */
export function startPanelProcess(options: PanelProcessOptions): { close(): Promise<void> } {
  let child: ChildProcess | undefined;
  let closing = false;
  let timer: NodeJS.Timeout | undefined;

  function start(): void {
    const program = join(import.meta.dirname, '..', '..', 'firmware', 'paneld', 'main.ts');
    const args = ['--socket', options.socketPath, '--box', options.box, '--panel', options.panel];
    child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.once('error', (error) => options.log('paneld cannot be started', { reason: error.message }));
    child.once('exit', (code, signal) => {
      if (closing) return;
      options.log('paneld ended', { code, signal });
      if (code !== EX_CONFIG) timer = setTimeout(start, RESTART_MS);
    });
  }

  start();
  return {
    async close() {
      closing = true;
      clearTimeout(timer);
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const late = setTimeout(() => child?.kill('SIGKILL'), 1500);
      await ended;
      clearTimeout(late);
    },
  };
}
