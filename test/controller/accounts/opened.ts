import { randomBytes } from 'node:crypto';
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Accounts, type AccountsOptions, openAccounts } from '#accounts/accounts.ts';
import { People } from '#accounts/people.ts';
import type { PersonRequest } from '#contract/settings.ts';
import { openRecords, type Records } from '#records/records.ts';
import { openDocument } from '#settings/document.ts';

export const NOON = Date.UTC(2026, 2, 4, 12);
export const CHEAP = { memoryKib: 64, passes: 1, parallelism: 1 };

/** An empty folder that goes away with its block. */
export const aFolder = () => mkdtempDisposableSync(join(tmpdir(), 'gatehouse-accounts-'));

export const MANAGER: PersonRequest = {
  name: 'Nia Example',
  email: 'manager@example.org',
  password: 'correct horse battery',
  roles: ['network manager'],
};
export const LEAD: PersonRequest = {
  name: 'Dan Example',
  email: 'dsl@example.org',
  password: 'another long password',
  roles: ['dsl', 'staff'],
};

export interface Opened extends AsyncDisposable {
  readonly accounts: Accounts;
  readonly records: Records;
  readonly clock: { ms: number };
  readonly troubles: Error[];
}

/** Real accounts in `folder`, over a real people document and real records. */
export async function open(
  folder: string,
  changed: Partial<AccountsOptions> = {},
  ms = NOON,
): Promise<Opened> {
  const clock = { ms };
  const troubles: Error[] = [];
  const records = await openRecords({
    folder,
    version: '0.1.0',
    now: () => clock.ms,
    timeZone: 'Europe/London',
    onEventTrouble: () => undefined,
    onEnded: (error) => troubles.push(error),
  });
  const document = await openDocument(join(folder, 'people.json'), People);
  const accounts = await openAccounts({
    people: { read: document.current, write: (people) => document.write(people) },
    sessions: records,
    now: () => clock.ms,
    random: randomBytes,
    onTrouble: (error) => troubles.push(error),
    cost: CHEAP,
    ...changed,
  });
  return { accounts, records, clock, troubles, [Symbol.asyncDispose]: () => records.close() };
}
