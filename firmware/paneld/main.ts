import { randomUUID } from 'node:crypto';
import { fstatSync } from 'node:fs';
import { type Arguments, ArgumentsRefused, readArguments } from './arguments.ts';
import { runDaemon } from './daemon.ts';
import { openKernelPanel } from './kernel-panel.ts';
import type { Panel } from './panel.ts';
import { noPanel, screenPanel } from './screen-panel.ts';

/** sysexits.h: a configuration that cannot be used. */
const EX_CONFIG = 78;
/** Whatever still hangs by then is left behind: a stop takes less than 2 s. */
const STOP_WITHIN_MS = 1500;

const monotonicMs = () => performance.now();
const log = (message: string) => process.stderr.write(`paneld: ${message}\n`);

async function openPanel({ panel, ledFolder }: Arguments): Promise<Panel> {
  if (panel === 'none') return noPanel();
  if (panel === 'screen') return screenPanel();
  if (panel === 'kernel') return openKernelPanel({ ledFolder, monotonicMs, log });
  // Loaded only with a board: johnny-five is large.
  const { openBoardPanel } = await import('./board-panel.ts');
  return openBoardPanel({ path: panel.slice('board:'.length), monotonicMs, log });
}

/** Calls `stop` when the process that started this one is gone: its IPC channel or the pipe on stdin closes. */
function followParent(stop: () => void): void {
  process.on('disconnect', stop);
  const stdin = fstatSync(0);
  if (!stdin.isFIFO() && !stdin.isSocket()) return;
  process.stdin.on('error', stop).on('close', stop).resume();
}

async function run(): Promise<void> {
  const wanted = readArguments(process.argv.slice(2));
  const panel = await openPanel(wanted);
  const daemon = runDaemon({
    ...wanted,
    panel,
    boot: randomUUID(),
    clock: { monotonicMs, now: () => Temporal.Now.instant() },
    log,
  });
  let isStopping = false;
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(0), STOP_WITHIN_MS);
    daemon.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log(String(error));
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  followParent(stop);
}

try {
  await run();
} catch (error) {
  if (!(error instanceof ArgumentsRefused)) throw error;
  log(error.message);
  process.exitCode = EX_CONFIG;
}
