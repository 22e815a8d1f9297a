import { parentPort } from 'node:worker_threads';
import { compileSource, type Job, lintSource, mergeSources } from './jobs.ts';

/** The worker thread in which lists are read, sorted and merged, so that no answer and no page waits for them. */
parentPort?.on('message', (job: Job) => {
  void answer(job);
});

async function answer(job: Job): Promise<void> {
  try {
    parentPort?.postMessage({ done: await outcome(job) });
  } catch (cause) {
    const { name, message, code } = cause as NodeJS.ErrnoException;
    parentPort?.postMessage({ failed: { name, message, code } });
  }
}

function outcome(job: Job): Promise<unknown> {
  if (job.kind === 'compile') return compileSource(job);
  return job.kind === 'merge' ? mergeSources(job) : lintSource(job);
}
