import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const publicList = join(import.meta.dirname, '..', '..', '..', 'shared', 'lists', 'ut1', 'gambling.txt');

/** Whether the public lists stand beside the project. */
export const hasPublicLists = existsSync(publicList);

/** A gambling list: the real one where it is, else made-up names. */
export interface GamblingList {
  readonly path: string;
  /** Some names of it, each with at least one dot. */
  readonly names: readonly string[];
}

export function gamblingList(folder: string): GamblingList {
  const path = hasPublicLists ? publicList : join(folder, 'gambling.txt');
  if (!hasPublicLists) {
    writeFileSync(path, Array.from({ length: 5000 }, (_, i) => `casino-${i}.test\n`).join(''));
  }
  const names = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => /^[a-z0-9-]+\.(com|net|org|test)$/.test(line));
  return { path, names: names.filter((_, i) => i % 97 === 0).slice(0, 50) };
}

export const MANAGER = {
  name: 'Network Manager',
  email: 'manager@example.org',
  password: 'correct horse battery',
  roles: ['network manager'],
} as const;

export const DSL = {
  name: 'Safeguarding Lead',
  email: 'dsl@example.org',
  password: 'staple correct horse',
  roles: ['dsl'],
} as const;

export const TECHNICIAN = {
  name: 'Visiting Technician',
  email: 'technician@example.org',
  password: 'battery staple horse',
  roles: ['technician'],
} as const;

/** The set-up file of an invented provider: learners on 127.0.0.0/9, staff on 127.128.0.0/9. */
export function setupFile(list: GamblingList, upstream: string) {
  return {
    provider: { name: 'Example Training' },
    people: [MANAGER, DSL],
    networks: [
      { name: 'Learners', ranges: ['127.0.0.0/9', '::1/128'], profile: 'learner' },
      { name: 'Staff', ranges: ['127.128.0.0/9'], profile: 'staff' },
    ],
    lists: [{ name: 'UT1 gambling', category: 'gambling', source: `file:${list.path}`, format: 'domains' }],
    upstreams: [upstream],
  };
}

/** Ordinary names that the upstream of a test knows, all at one address. */
export function ordinaryRecords(address: string, names: readonly string[] = []): string[] {
  return ['www.gov.uk', 'www.nhs.uk', 'example.org', 'www.example.org', ...names].map(
    (name) => `${name}. 300 IN A ${address}`,
  );
}
