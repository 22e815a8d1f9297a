import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Category } from '#contract/categories.ts';
import type { ListFormat } from '#contract/settings.ts';
import { compileList } from './compile-list.ts';
import { writePart } from './durable.ts';
import { createGatherer, ListRefused, type ReadCounts } from './gather.ts';
import { writeIndex } from './index-file.ts';
import { createLint } from './lint.ts';
import { type CategorisedList, mergeLists } from './merge.ts';
import { composeNames, openNames } from './names-file.ts';
import { readList } from './read-list.ts';

/** Read one list's source and write its names to the part file of `names`. */
export interface CompileJob {
  readonly kind: 'compile';
  readonly source: string;
  /** Hex SHA-256 of the source. */
  readonly sha256: string;
  readonly format: ListFormat;
  readonly names: string;
  readonly neverBlock: readonly string[];
}

/** What a list's source holds. */
export interface CompiledList extends ReadCounts {
  /** Names it blocks, each once. */
  readonly names: number;
  readonly exceptions: number;
  /** Hex SHA-256 of the names. */
  readonly content: string;
  readonly warnings: readonly string[];
  readonly fixed: string | undefined;
}

/** Merge lists into one index and keep it at `path`. */
export interface MergeJob {
  readonly kind: 'merge';
  readonly lists: readonly { readonly category: Category; readonly names: string }[];
  readonly fingerprint: string;
  readonly path: string;
  /** Seconds since 1970. */
  readonly builtAt: number;
}

export interface Merged {
  readonly buffer: SharedArrayBuffer;
  /** Why the index could not be kept on disk; it is in force all the same. */
  readonly notKept: string | undefined;
}

/** Look at a source again after the never-block list has changed. */
export interface LintJob {
  readonly kind: 'lint';
  readonly source: string;
  readonly format: ListFormat;
  readonly neverBlock: readonly string[];
}

export type Job = CompileJob | MergeJob | LintJob;

/** The warnings of a source that was compiled before. */
export async function lintSource(job: LintJob): Promise<string[]> {
  const lint = createLint(job.neverBlock);
  await readList(createReadStream(job.source, { highWaterMark: 1 << 18 }), job.format, createGatherer(lint));
  return lint.warnings();
}

/** @throws ListRefused when the list holds no name or more than the box can hold */
export async function compileSource(job: CompileJob): Promise<CompiledList> {
  const lint = createLint(job.neverBlock);
  const gatherer = createGatherer(lint);
  await readList(createReadStream(job.source, { highWaterMark: 1 << 18 }), job.format, gatherer);
  const gathered = gatherer.gathered();
  const { header, parts } = composeNames(compileList(gathered), job.sha256);
  if (header.blocking === 0) throw new ListRefused(`it holds no name that could be read as ${job.format}`);
  await writePart(job.names, parts);
  return {
    ...gathered.counts,
    names: header.blocking,
    exceptions: header.count - header.blocking,
    content: header.content,
    warnings: lint.warnings(),
    fixed: gathered.fixed,
  };
}

/** @throws NamesUnreadable when a list's names are torn */
export async function mergeSources(job: MergeJob): Promise<Merged> {
  const lists: CategorisedList[] = [];
  for (const { category, names } of job.lists)
    lists.push({ category, names: openNames(await readFile(names)).list });
  const buffer = mergeLists(lists, { lists: lists.length, builtAt: job.builtAt });
  try {
    await writeIndex(job.path, { buffer, fingerprint: job.fingerprint });
    return { buffer, notKept: undefined };
  } catch (cause) {
    return { buffer, notKept: (cause as Error).message };
  }
}
