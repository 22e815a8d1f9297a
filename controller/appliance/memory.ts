import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type Accounts, openAccounts } from '#accounts/accounts.ts';
import { People } from '#accounts/people.ts';
import type { Environment } from '#contract/environment.ts';
import type { Settings } from '#contract/settings.ts';
import { openRecords, type Records } from '#records/records.ts';
import { fromEntry, toEntry } from '#settings/change.ts';
import { defaultSettings } from '#settings/defaults.ts';
import { openDocument } from '#settings/document.ts';
import { openSettings, type SettingsStore } from '#settings/settings.ts';
import { type Claiming, openClaiming } from './claim.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { readSetupFile } from './setup-file.ts';
import { starterLists } from './starter-lists.ts';

/** Everything that outlives the program. */
export interface Memory {
  readonly data: DataFolder;
  readonly records: Records;
  readonly accounts: Accounts;
  readonly settings: SettingsStore;
  readonly claiming: Claiming;
}

export interface MemoryOptions {
  readonly env: Environment;
  readonly version: string;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The folder of the lists that come with the program. */
  readonly starterFolder: string;
  readonly onRecordsEnded: (error: Error) => void;
}

/** Opens all stores, puts right what a power cut left, and sets an unclaimed box up from its set-up file. */
export async function openMemory({ env, version, log, now, ...rest }: MemoryOptions): Promise<Memory> {
  const data = openDataFolder(env.GATEHOUSE_DATA);
  const people = await openDocument(data.people, People);
  const isNew = (people.current()?.people ?? []).length === 0;
  const setup = isNew && env.GATEHOUSE_SETUP ? readSetupFile(env.GATEHOUSE_SETUP) : undefined;
  const records = await openRecords({
    folder: data.path,
    version,
    now,
    timeZone: 'Europe/London',
    onEventTrouble: (trouble) => log.warn(trouble, 'block events'),
    onEnded: rest.onRecordsEnded,
  });
  const accounts = await openAccounts({
    people: { read: people.current, write: (document) => people.write(document) },
    sessions: records,
    now,
    random: randomBytes,
    onTrouble: (error) => log.warn({ reason: error.message }, 'sessions'),
  });
  const settings = await openSettingsOf(data, records, {
    ...defaultSettings('This provider'),
    lists: starterLists(rest.starterFolder),
  });
  for (const trouble of [people.trouble(), settings.repaired, settings.trouble()])
    if (trouble) log.warn(trouble);
  const codeFile = join(data.path, 'claim.code');
  const claiming = await openClaiming({ accounts, records, settings, codeFile, now, random: randomBytes });
  if (setup) await claiming.setUp(setup);
  return { data, records, accounts, settings, claiming };
}

function openSettingsOf(data: DataFolder, records: Records, initial: Settings): Promise<SettingsStore> {
  return openSettings({
    file: data.settings,
    initial,
    record: (change) => records.append([toEntry(change)]),
    newestRecorded: async () => {
      const [entry] = await records.entries({ kinds: ['settings.changed'], limit: 1 });
      return entry && fromEntry(entry);
    },
  });
}
