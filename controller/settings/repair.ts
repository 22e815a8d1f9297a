import { Settings } from '#contract/settings.ts';
import { fingerprintOf, replaceAt, type SettingsChange } from './change.ts';
import type { StoredDocument } from './document.ts';
import { earlierFingerprintOf } from './earlier.ts';

/** Document and ledger tell of different policies, and neither can be made from the other. */
export class SettingsInconsistent extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SettingsInconsistent';
  }
}

export interface Repair {
  readonly settings: Settings;
  readonly generation: number;
  /** What was done, for people; undefined when document and record agreed. */
  readonly repaired: string | undefined;
  /** Why the document could not be written; undefined when it was, or had no need. */
  readonly trouble: string | undefined;
}

export interface RepairOptions {
  readonly file: string;
  readonly document: StoredDocument<Settings>;
  readonly initial: Settings;
  readonly record: (change: SettingsChange) => Promise<unknown>;
  readonly newestRecorded: () => Promise<SettingsChange | undefined>;
}

/**
 * Brings the document up to the newest recorded change: a crash between record and document leaves it one behind.
 * A document that the ledger does not know (put back from a backup, or changed by hand) stays in force and is
 * recorded whole, so that the ledger goes on saying what filters. So is a document of an earlier version, with the
 * settings that it could not have.
 */
export async function repair(options: RepairOptions): Promise<Repair> {
  const { file, document, initial } = options;
  const newest = await options.newestRecorded();
  const stored = document.current();
  const generation = document.generation();
  if (newest && agrees(newest, generation, stored)) {
    return { settings: stored, generation, repaired: undefined, trouble: undefined };
  }
  if (newest && canRedo(newest, generation)) return redo(options, newest);
  if (newest && stored && isEarlier(newest, generation, stored)) return bringUp(options, stored, generation);
  if (stored) {
    const why = `the document (generation ${generation}) is not the one recorded last (${newest?.generation ?? 'none'})`;
    const adopted = await adopt(options, { settings: stored, generation: newest?.generation ?? 0, why });
    return { ...adopted, repaired: `${file}: ${why}; it stays in force and was recorded as it is` };
  }
  if (newest) {
    throw new SettingsInconsistent(
      `${file}: wanted generation ${newest.generation}, as recorded, got no document: put one back from a backup`,
    );
  }
  return adopt(options, { settings: initial, generation: 0, why: 'first settings' });
}

function agrees(
  newest: SettingsChange,
  generation: number,
  stored: Settings | undefined,
): stored is Settings {
  return (
    stored !== undefined && newest.generation === generation && newest.fingerprint === fingerprintOf(stored)
  );
}

function isEarlier(newest: SettingsChange, generation: number, stored: Settings): boolean {
  return newest.generation === generation && newest.fingerprint === earlierFingerprintOf(stored);
}

/** Records the policy as this version reads it: what an update puts in force stands in the change log. */
async function bringUp(options: RepairOptions, settings: Settings, generation: number): Promise<Repair> {
  const why = 'an update: settings that are new have their defaults';
  const adopted = await adopt(options, { settings, generation, why });
  return { ...adopted, repaired: `${options.file}: ${why}, and were recorded` };
}

/** A change of the whole document needs nothing that stood before it. */
function canRedo(newest: SettingsChange, generation: number): boolean {
  const whole = newest.path.length === 0 && newest.generation > generation;
  return whole || (generation > 0 && newest.generation === generation + 1);
}

async function redo(options: RepairOptions, newest: SettingsChange): Promise<Repair> {
  const { file, document } = options;
  const redone = Settings.safeParse(replaceAt(document.current(), newest.path, newest.after));
  if (redone.success && newest.fingerprint === earlierFingerprintOf(redone.data)) {
    return bringUp(options, redone.data, newest.generation);
  }
  if (!redone.success || fingerprintOf(redone.data) !== newest.fingerprint) {
    throw new SettingsInconsistent(
      `${file}: generation ${newest.generation} cannot be made again from the record: ` +
        `generation ${document.generation()} is not the document it was made on`,
    );
  }
  const trouble = await tryToWrite(document, redone.data, newest.generation);
  const what = newest.path.join('.') || 'the whole document';
  return {
    settings: redone.data,
    generation: newest.generation,
    repaired: `${file}: generation ${newest.generation} (${what}) was made again from the record`,
    trouble,
  };
}

interface Adoption {
  readonly settings: Settings;
  /** The newest recorded one, 0 when there is none. */
  readonly generation: number;
  readonly why: string;
}

async function adopt(
  { document, record }: RepairOptions,
  { settings, generation, why }: Adoption,
): Promise<Repair> {
  const parsed = Settings.parse(settings);
  const next = Math.max(generation, document.generation()) + 1;
  await record({
    by: 'box',
    generation: next,
    path: [],
    before: null,
    after: parsed,
    why,
    fingerprint: fingerprintOf(parsed),
  });
  const trouble = await tryToWrite(document, parsed, next);
  return { settings: parsed, generation: next, repaired: undefined, trouble };
}

/** A full disk does not keep the recorded policy from being in force. */
async function tryToWrite(
  document: StoredDocument<Settings>,
  settings: Settings,
  generation: number,
): Promise<string | undefined> {
  try {
    await document.write(settings, generation);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
