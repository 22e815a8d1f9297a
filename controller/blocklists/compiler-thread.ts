import { Worker } from 'node:worker_threads';
import type { CompiledList, CompileJob, Job, LintJob, Merged, MergeJob } from './jobs.ts';
import type { Clock } from './timetable.ts';

/** A job of the compiler failed; `name` and `code` are those of the error in its thread. */
export class CompileFailed extends Error {
  readonly code: string | undefined;
  constructor(failed: { readonly name: string; readonly message: string; readonly code?: string }) {
    super(failed.message);
    this.name = failed.name;
    this.code = failed.code;
  }
}

/** The compiler's thread. It ends when there has been no work for a while, so that a box at rest has its memory back. */
export interface Compiler {
  compile(job: CompileJob): Promise<CompiledList>;
  merge(job: MergeJob): Promise<Merged>;
  lint(job: LintJob): Promise<string[]>;
  /** Ends the thread; jobs that wait are refused. */
  close(): Promise<void>;
}

interface Waiting {
  readonly job: Job;
  readonly resolve: (done: unknown) => void;
  readonly reject: (cause: Error) => void;
}

const IDLE_MS = 10_000;

export function openCompiler(clock: Clock): Compiler {
  let queue: Waiting[] = [];
  let worker: Worker | undefined;
  let closed = false;
  let stopIdling = () => {};

  const retire = (): Promise<number> | undefined => {
    const retired = worker;
    worker = undefined;
    return retired?.terminate();
  };
  const settle = (outcome: { done?: unknown; failed?: { name: string; message: string } }) => {
    const waiting = queue.shift();
    if (outcome.failed === undefined) waiting?.resolve(outcome.done);
    else waiting?.reject(new CompileFailed(outcome.failed));
    next();
  };
  const start = (): Worker => {
    const started = new Worker(new URL('./compiler.ts', import.meta.url));
    started.on('message', settle);
    // A thread that dies, of memory for instance, takes its job with it and no other.
    started.on('error', (cause) => {
      if (worker !== started) return;
      worker = undefined;
      settle({ failed: cause as Error });
    });
    return started;
  };
  const next = () => {
    const waiting = queue[0];
    stopIdling();
    if (waiting === undefined) {
      worker?.unref();
      stopIdling = clock.after(IDLE_MS, () => void retire());
      return;
    }
    worker ??= start();
    worker.ref();
    worker.postMessage(waiting.job);
  };
  const run = (job: Job) =>
    new Promise<unknown>((resolve, reject) => {
      if (closed) {
        reject(new CompileFailed({ name: 'Error', message: 'the compiler is closed' }));
        return;
      }
      queue.push({ job, resolve, reject });
      if (queue.length === 1) next();
    });

  return {
    compile: (job) => run(job) as Promise<CompiledList>,
    merge: (job) => run(job) as Promise<Merged>,
    lint: (job) => run(job) as Promise<string[]>,
    close: async () => {
      closed = true;
      stopIdling();
      const left = queue;
      queue = [];
      await retire();
      for (const { reject } of left)
        reject(new CompileFailed({ name: 'Error', message: 'the compiler is closed' }));
    },
  };
}
