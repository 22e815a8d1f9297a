import type { RoleId } from '#contract/roles.ts';
import type { SessionStore } from '#contract/sessions.ts';
import type { PersonRequest } from '#contract/settings.ts';
import { type Attempts, countAttempts } from './attempts.ts';
import { hashPassword, isPassword, PASSWORD_COST, type PasswordCost, type Random } from './password.ts';
import {
  checkPeople,
  emailKey,
  type PeopleStore,
  type Person,
  rolesAt,
  type StoredPerson,
} from './people.ts';
import { oneAtATime } from './queue.ts';
import { openSessions, type Sessions } from './sessions.ts';

/** Wrong email or wrong password: nobody is told which. */
export class SignInRefused extends Error {
  constructor() {
    super('the email address or the password is wrong');
    this.name = 'SignInRefused';
  }
}

export interface SignedIn {
  /** For the cookie; kept nowhere else. */
  readonly token: string;
  readonly expiresAt: string;
  readonly person: Person;
}

/** Who may sign in, and who has. */
export interface Accounts {
  /**
   * `from` is the asking device's address.
   * @throws SignInRefused, TooManyAttempts, TooBusy
   */
  signIn(email: string, password: string, from: string): Promise<SignedIn>;
  signOut(token: string): void;
  /** The person behind a live session, with the roles held now; asking counts as use. */
  who(token: string): (Person & { readonly expiresAt: string }) | undefined;
  person(id: string): Person | undefined;
  people(): readonly Person[];
  /**
   * Adds everybody or nobody.
   * @throws PeopleRefused, or what the store throws
   */
  addPeople(requests: readonly PersonRequest[]): Promise<readonly Person[]>;
}

export interface AccountsOptions {
  readonly people: PeopleStore;
  readonly sessions: SessionStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly random: Random;
  readonly onTrouble: (error: Error) => void;
  readonly cost?: PasswordCost;
}

const BAD_ATTEMPTS = 10;
const LOCK_MS = 15 * 60_000;
const WAITING_SIGN_INS = 8;
const REMEMBERED_KEYS = 10_000;

interface Desk {
  readonly options: AccountsOptions;
  readonly cost: PasswordCost;
  readonly sessions: Sessions;
  readonly byEmail: Attempts;
  readonly byAddress: Attempts;
  readonly queue: ReturnType<typeof oneAtATime>;
  /** Checked in place of a hash that does not exist, so that an unknown email takes as long. */
  readonly nobodysHash: string;
}

/** Opens sign-in over the people document and the kept sessions. */
export async function openAccounts(options: AccountsOptions): Promise<Accounts> {
  const { now, random } = options;
  const cost = options.cost ?? PASSWORD_COST;
  const limit = { allowed: BAD_ATTEMPTS, windowMs: LOCK_MS, now, keys: REMEMBERED_KEYS };
  const desk: Desk = {
    options,
    cost,
    sessions: await openSessions({ store: options.sessions, now, random, onTrouble: options.onTrouble }),
    byEmail: countAttempts(limit),
    byAddress: countAttempts(limit),
    queue: oneAtATime(WAITING_SIGN_INS),
    nobodysHash: await hashPassword(Buffer.from(random(16)).toString('hex'), cost, random),
  };
  const adding = oneAtATime(WAITING_SIGN_INS);
  const known = (): readonly StoredPerson[] => options.people.read()?.people ?? [];
  const toPerson = (stored: StoredPerson): Person => {
    const { id, name, email } = stored;
    return { id, name, email, roles: rolesAt(stored, now()) };
  };
  const find = (id: string): Person | undefined => {
    const stored = known().find((person) => person.id === id);
    return stored && toPerson(stored);
  };
  return {
    signIn: (email, password, from) => signIn(desk, { email, password, from }),
    signOut: (token) => desk.sessions.close(token),
    who(token) {
      const session = desk.sessions.seen(token);
      const person = session && find(session.person);
      if (!person || person.roles.length === 0) return undefined;
      return { ...person, expiresAt: new Date(session.expiresAtMs).toISOString() };
    },
    person: find,
    people: () => known().map(toPerson),
    addPeople: (requests) =>
      adding(async () => {
        checkPeople(known(), requests);
        const added: StoredPerson[] = [];
        for (const request of requests) added.push(await newPerson(desk, request));
        await options.people.write({ people: [...known(), ...added] });
        return added.map(toPerson);
      }),
  };
}

interface Attempt {
  readonly email: string;
  readonly password: string;
  readonly from: string;
}

async function signIn(desk: Desk, { email, password, from }: Attempt): Promise<SignedIn> {
  const { options, sessions, byEmail, byAddress } = desk;
  const key = emailKey(email);
  byAddress.begin(from);
  beginOr(
    () => byEmail.begin(key),
    () => byAddress.takeBack(from),
  );
  const stored = options.people.read()?.people.find((person) => emailKey(person.email) === key);
  const good = await desk
    .queue(() => isPassword(password, stored?.passwordHash ?? desk.nobodysHash))
    .catch((error: unknown) => {
      byEmail.takeBack(key);
      byAddress.takeBack(from);
      throw error;
    });
  const roles: readonly RoleId[] = stored ? rolesAt(stored, options.now()) : [];
  if (!good || !stored || roles.length === 0) throw new SignInRefused();
  byEmail.clear(key);
  byAddress.takeBack(from);
  const { token, expiresAtMs } = sessions.open(stored.id);
  const person = { id: stored.id, name: stored.name, email: stored.email, roles };
  return { token, expiresAt: new Date(expiresAtMs).toISOString(), person };
}

/** A locked account is no bad attempt of the address. */
function beginOr(begin: () => void, undo: () => void): void {
  try {
    begin();
  } catch (error) {
    undo();
    throw error;
  }
}

async function newPerson({ options, cost }: Desk, request: PersonRequest): Promise<StoredPerson> {
  const from = new Date(options.now()).toISOString();
  return {
    id: `p-${Buffer.from(options.random(6)).toString('hex')}`,
    name: request.name,
    email: emailKey(request.email),
    roles: request.roles.map((role) => ({ role, from, to: null })),
    passwordHash: await hashPassword(request.password, cost, options.random),
  };
}
