import { answerWalk, upstreamAnswers } from './dns-answers.ts';
import { cacheTurns } from './dns-cache.ts';
import { questionReader, workerAnswers } from './dns-questions.ts';
import { bodies, environment, schemas } from './json-bodies.ts';
import { listCompiler, listReaders } from './lists.ts';
import { framingGuard, publications } from './mqtt-frames.ts';
import { indexFile, namesFile, tableOpener } from './tables.ts';
import type { Target } from './target.ts';

/** All that is thrown hostile octets at, in the order of the report. */
export const TARGETS: readonly Target[] = [
  questionReader,
  workerAnswers,
  answerWalk,
  upstreamAnswers,
  cacheTurns,
  ...listReaders,
  listCompiler,
  tableOpener,
  indexFile,
  namesFile,
  framingGuard,
  publications,
  schemas,
  environment,
  bodies,
];
