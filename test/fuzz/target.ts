import fc from 'fast-check';

/** One run of cases: the same seed makes the same cases. */
export interface Batch {
  readonly seed: number;
  readonly cases: number;
  /** Leads straight to one case of the batch, as a failure names it. */
  readonly path?: string;
}

/** What went wrong, with the smallest case that still shows it. */
export interface Failure {
  readonly seed: number;
  readonly path: string;
  readonly counterexample: unknown;
  readonly message: string;
}

/** Something that takes what strangers send. */
export interface Target {
  readonly name: string;
  open(): OpenTarget | Promise<OpenTarget>;
}

export interface OpenTarget {
  /** @returns cases that were run, and the failure when there was one */
  run(batch: Batch): Promise<{ readonly cases: number; readonly failure: Failure | undefined }>;
  close(): void | Promise<void>;
}

/** The laws of a target: `check` throws when one does not hold. Each case starts from the same state. */
export interface Laws<Case> {
  readonly cases: fc.Arbitrary<Case>;
  readonly check: (made: Case) => void | Promise<void>;
  readonly close?: () => void | Promise<void>;
}

/** A target of `laws`, which are set up when it is opened. */
export function targetOf<Case>(name: string, laws: () => Laws<Case> | Promise<Laws<Case>>): Target {
  return {
    name,
    async open() {
      const { cases, check, close } = await laws();
      const property = fc.asyncProperty(cases, async (made) => {
        await check(made);
      });
      return {
        async run(batch) {
          const { seed, path = '' } = batch;
          const details = await fc.check(property, { seed, path, numRuns: batch.cases });
          return { cases: details.numRuns, failure: failureOf(details) };
        },
        close: () => close?.(),
      };
    },
  };
}

function failureOf<Case>(details: fc.RunDetails<[Case]>): Failure | undefined {
  if (!details.failed) return undefined;
  const error = details.errorInstance;
  return {
    seed: details.seed,
    path: details.counterexamplePath ?? '',
    counterexample: details.counterexample?.[0],
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
  };
}
