import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { Settings } from '#contract/settings.ts';
import { fingerprintOf, type Path, replaceAt, type SettingsChange, valueAt } from './change.ts';
import { openDocument, type StoredDocument } from './document.ts';
import type { Disk, Recovered } from './durable.ts';
import { type Edit, NothingChanged, SettingsRefused } from './edits.ts';
import { type Repair, repair } from './repair.ts';

/** Who changes what, and why; `mutate` works on a copy and changes nothing outside `what`. */
export interface ChangeRequest extends Edit {
  /** A person's id, or `box`. */
  readonly by: string;
  readonly why: string;
}

/** The provider's policy: one document, changed through one door. */
export interface SettingsStore {
  current(): Readonly<Settings>;
  /** Grows by one with each change. */
  generation(): number;
  /** Hex SHA-256 of the canonical document: what a weekly check names as tested. */
  fingerprint(): string;
  /**
   * Recorded first, then written, then in force. One at a time, in the order asked.
   * @throws NothingChanged, SettingsRefused, SettingsUnwritable, or what `record` throws; then nothing has changed.
   */
  change(request: ChangeRequest): Promise<SettingsChange>;
  /** Called with each change once it is in force; answers how to stop it. Must not throw. */
  onChange(subscriber: (settings: Readonly<Settings>, change: SettingsChange) => void): () => void;
  /** What had to be put right at the start, for people; undefined when nothing. */
  readonly repaired: string | undefined;
  readonly recovered: Recovered;
  /** Why the newest recorded change is in force but not in the file yet; undefined when it is. */
  trouble(): string | undefined;
}

export interface SettingsOptions {
  readonly file: string;
  /** The policy of a box that has none yet. */
  readonly initial: Settings;
  /** Puts a change into the ledger; on disk when it answers. */
  readonly record: (change: SettingsChange) => Promise<unknown>;
  /** The change that was recorded last. */
  readonly newestRecorded: () => Promise<SettingsChange | undefined>;
  readonly disk?: Disk;
}

/**
 * Opens the settings and brings document and record together.
 * @throws SettingsUnreadable, SettingsInconsistent
 */
export async function openSettings(options: SettingsOptions): Promise<SettingsStore> {
  const document = await openDocument(options.file, Settings, options.disk);
  const start = await repair({ ...options, document });
  return overDocument(document, start, options.record);
}

function overDocument(
  document: StoredDocument<Settings>,
  start: Repair,
  record: SettingsOptions['record'],
): SettingsStore {
  const subscribers = new Set<(settings: Readonly<Settings>, change: SettingsChange) => void>();
  let { settings, generation, trouble } = start;
  let fingerprint = fingerprintOf(settings);
  let last: Promise<unknown> = Promise.resolve();

  /** The ledger may be ahead of the file by one change, which the next start can make again, and never by two. */
  const writeOut = async () => {
    if (document.generation() < generation) await document.write(settings, generation);
    trouble = undefined;
  };
  const changeNow = async (request: ChangeRequest): Promise<SettingsChange> => {
    await writeOut();
    const next = changed(settings, request);
    const change = describe(request, { before: settings, after: next, generation: generation + 1 });
    await record(change);
    [settings, generation, fingerprint] = [next, change.generation, change.fingerprint];
    await writeOut().catch((error: Error) => {
      trouble = error.message;
    });
    for (const subscriber of subscribers) subscriber(settings, change);
    return change;
  };
  return {
    current: () => settings,
    generation: () => generation,
    fingerprint: () => fingerprint,
    change(request) {
      const changing = last.then(() => changeNow(request));
      last = changing.catch(() => undefined);
      return changing;
    },
    onChange(subscriber) {
      subscribers.add(subscriber);
      return () => subscribers.delete(subscriber);
    },
    repaired: start.repaired,
    recovered: document.recovered(),
    trouble: () => trouble,
  };
}

function changed(settings: Settings, request: ChangeRequest): Settings {
  const draft = structuredClone(settings);
  request.mutate(draft);
  const parsed = Settings.safeParse(draft);
  if (!parsed.success) throw new SettingsRefused(z.prettifyError(parsed.error), parsed.error);
  if (isDeepStrictEqual(parsed.data, settings)) throw new NothingChanged(request.what);
  return parsed.data;
}

interface Step {
  readonly before: Settings;
  readonly after: Settings;
  readonly generation: number;
}

function describe({ what, by, why }: ChangeRequest, { before, after, generation }: Step): SettingsChange {
  const path: Path = [...what];
  const fingerprint = fingerprintOf(after);
  const values = { before: valueAt(before, path), after: valueAt(after, path) } as Pick<
    SettingsChange,
    'before' | 'after'
  >;
  if (fingerprintOf(replaceAt(before, path, values.after) as Settings) !== fingerprint) {
    throw new Error(`a change named as ${path.join('.')} changed something else too`);
  }
  return { by, generation, path, ...values, why, fingerprint };
}
