import { z } from 'zod';
import { RoleId } from '#contract/roles.ts';
import type { PersonRequest } from '#contract/settings.ts';

/** Since when somebody holds a role, and until when; `to` ends it, `from` is for the record. */
const HeldRole = z.object({ role: RoleId, from: z.iso.datetime(), to: z.iso.datetime().nullable() });

const StoredPerson = z.object({
  id: z.string().regex(/^p-[0-9a-f]{12}$/),
  name: z.string(),
  email: z.string(),
  roles: z.array(HeldRole),
  /** PHC string of argon2id. */
  passwordHash: z.string(),
});
export type StoredPerson = z.infer<typeof StoredPerson>;

const MAX_PEOPLE = 1000;

/** The document that holds everybody with a sign-in. */
export const People = z.object({ people: z.array(StoredPerson).max(MAX_PEOPLE) });
export type People = z.infer<typeof People>;

/** Where the people document is kept; what `write` has answered for survives a power cut. */
export interface PeopleStore {
  read(): People | undefined;
  write(people: People): Promise<void>;
}

/** Somebody as the rest of the program sees them. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly roles: readonly RoleId[];
}

/** People that cannot be added; nobody of the request was. */
export class PeopleRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PeopleRefused';
  }
}

/** Addresses are compared as people mean them, not as they type them. */
export const emailKey = (email: string): string => email.trim().toLowerCase().slice(0, 254);

/** The roles in force at `nowMs`, each once. */
export function rolesAt(person: StoredPerson, nowMs: number): readonly RoleId[] {
  const held = person.roles.filter(({ to }) => to === null || Date.parse(to) > nowMs);
  return [...new Set(held.map(({ role }) => role))];
}

/** @throws PeopleRefused when an email comes twice, or when the whole would lack a needed role */
export function checkPeople(known: readonly StoredPerson[], requests: readonly PersonRequest[]): void {
  if (requests.length === 0) throw new PeopleRefused('wanted at least one person, got none');
  const total = known.length + requests.length;
  if (total > MAX_PEOPLE) throw new PeopleRefused(`wanted at most ${MAX_PEOPLE} people, got ${total}`);
  const emails = new Set(known.map((person) => emailKey(person.email)));
  for (const { email } of requests) {
    if (emails.has(emailKey(email))) throw new PeopleRefused(`wanted each email once, got ${email} twice`);
    emails.add(emailKey(email));
  }
  const roles = new Set(
    [...known.flatMap((person) => person.roles), ...requests.flatMap(rolesWanted)].map(roleOf),
  );
  for (const needed of ['dsl', 'network manager'] as const) {
    if (!roles.has(needed)) throw new PeopleRefused(`wanted somebody with the role ${needed}, got nobody`);
  }
}

const rolesWanted = (request: PersonRequest): readonly { role: RoleId }[] =>
  request.roles.map((role) => ({ role }));
const roleOf = ({ role }: { readonly role: RoleId }): RoleId => role;
