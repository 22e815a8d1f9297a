import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder, LEAD, MANAGER, NOON, open } from './opened.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const DEVICE = '192.0.2.10';

test('people who were added sign in and are known by their token, with their roles', async () => {
  using folder = aFolder();
  await using opened = await open(folder.path);
  const { accounts } = opened;
  const added = await accounts.addPeople([MANAGER, LEAD]);
  const signedIn = await accounts.signIn('DSL@example.org ', LEAD.password, DEVICE);
  expect(signedIn.token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(signedIn.expiresAt).toBe('2026-03-05T00:00:00.000Z');
  expect(signedIn.person).toEqual(added[1]);
  expect(accounts.who(signedIn.token)).toEqual({ ...added[1], expiresAt: signedIn.expiresAt });
  expect(added[1]).toMatchObject({ name: 'Dan Example', email: 'dsl@example.org', roles: ['dsl', 'staff'] });
  expect(accounts.person(added[0]?.id ?? '')).toMatchObject({ roles: ['network manager'] });
  expect(accounts.who('nobody')).toBeUndefined();
  expect(accounts.person('nobody')).toBeUndefined();
});

test('neither a password nor a token stands in any file of the data folder', async () => {
  using folder = aFolder();
  await using opened = await open(folder.path);
  await opened.accounts.addPeople([MANAGER, LEAD]);
  const { token } = await opened.accounts.signIn(MANAGER.email, MANAGER.password, DEVICE);
  await opened.records.close();
  const everything = readdirSync(folder.path).map((file) => readFileSync(join(folder.path, file), 'latin1'));
  expect(everything.join()).toContain(MANAGER.email);
  expect(everything.join()).not.toContain(MANAGER.password);
  expect(everything.join()).not.toContain(token);
});

test('sessions and people outlive a restart, and a sign-out does too', async () => {
  using folder = aFolder();
  const first = await open(folder.path);
  await first.accounts.addPeople([MANAGER, LEAD]);
  const kept = await first.accounts.signIn(MANAGER.email, MANAGER.password, DEVICE);
  const left = await first.accounts.signIn(LEAD.email, LEAD.password, DEVICE);
  first.accounts.signOut(left.token);
  expect(first.accounts.who(left.token)).toBeUndefined();
  await first.records.close();
  await using second = await open(folder.path);
  expect(second.accounts.who(kept.token)?.name).toBe('Nia Example');
  expect(second.accounts.who(left.token)).toBeUndefined();
  expect(second.accounts.people().map((person) => person.name)).toEqual(['Nia Example', 'Dan Example']);
});

test('a session ends after an hour without use, and after twelve in any case', async () => {
  using folder = aFolder();
  await using opened = await open(folder.path);
  const { accounts, clock } = opened;
  await accounts.addPeople([MANAGER, LEAD]);
  const idle = await accounts.signIn(LEAD.email, LEAD.password, DEVICE);
  const used = await accounts.signIn(MANAGER.email, MANAGER.password, DEVICE);
  for (clock.ms = NOON; clock.ms < NOON + 12 * HOUR; clock.ms += 59 * MINUTE) {
    expect(accounts.who(used.token)?.name).toBe('Nia Example');
  }
  expect(accounts.who(idle.token)).toBeUndefined();
  clock.ms = NOON + 12 * HOUR;
  expect(accounts.who(used.token)).toBeUndefined();
  expect(await opened.records.sessions()).toEqual([]);
});

test('a session that was over at the restart is forgotten, one that was used lately is not', async () => {
  using folder = aFolder();
  const first = await open(folder.path);
  await first.accounts.addPeople([MANAGER, LEAD]);
  const idle = await first.accounts.signIn(LEAD.email, LEAD.password, DEVICE);
  const used = await first.accounts.signIn(MANAGER.email, MANAGER.password, DEVICE);
  first.clock.ms = NOON + 50 * MINUTE;
  first.accounts.who(used.token);
  await first.records.close();
  await using second = await open(folder.path, {}, NOON + 100 * MINUTE);
  expect(second.accounts.who(used.token)?.name).toBe('Nia Example');
  expect(second.accounts.who(idle.token)).toBeUndefined();
  expect((await second.records.sessions()).length).toBe(1);
});

test('a clock that steps back a little keeps people signed in, one that falls to 1970 does not', async () => {
  using folder = aFolder();
  await using opened = await open(folder.path);
  const { accounts, clock } = opened;
  await accounts.addPeople([MANAGER, LEAD]);
  const { token } = await accounts.signIn(MANAGER.email, MANAGER.password, DEVICE);
  clock.ms = NOON - 20 * MINUTE;
  expect(accounts.who(token)?.name).toBe('Nia Example');
  clock.ms = 0;
  expect(accounts.who(token)).toBeUndefined();
  expect((await accounts.signIn(MANAGER.email, MANAGER.password, DEVICE)).person.name).toBe('Nia Example');
});

test('somebody with more than twenty sessions loses the oldest', async () => {
  using folder = aFolder();
  await using opened = await open(folder.path);
  const { accounts, clock } = opened;
  await accounts.addPeople([MANAGER, LEAD]);
  const tokens: string[] = [];
  for (let n = 0; n < 21; n += 1) {
    clock.ms += 1000;
    tokens.push((await accounts.signIn(MANAGER.email, MANAGER.password, DEVICE)).token);
  }
  expect(tokens.map((token) => accounts.who(token) !== undefined)).toEqual([false, ...Array(20).fill(true)]);
});

test('a wrong password and an unknown email read the same', async () => {
  using folder = aFolder();
  await using opened = await open(folder.path);
  await opened.accounts.addPeople([MANAGER, LEAD]);
  const tell = (email: string, password: string) =>
    opened.accounts
      .signIn(email, password, DEVICE)
      .catch((error: Error) => `${error.name}: ${error.message}`);
  const wrong = await tell(MANAGER.email, 'wrong password');
  expect(wrong).toBe('SignInRefused: the email address or the password is wrong');
  expect(await tell('nobody@example.org', 'wrong password')).toBe(wrong);
  expect(await tell('', '')).toBe(wrong);
});

test('an unknown email costs the processor what a wrong password costs', async () => {
  using folder = aFolder();
  await using opened = await open(folder.path, { cost: { memoryKib: 16_384, passes: 4, parallelism: 1 } });
  await opened.accounts.addPeople([MANAGER, LEAD]);
  const cost = async (email: string, from: string) => {
    const before = process.cpuUsage();
    for (let n = 0; n < 5; n += 1)
      await opened.accounts.signIn(email, 'wrong password', from).catch(() => undefined);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  const wrong = await cost(MANAGER.email, '192.0.2.1');
  const unknown = await cost('nobody@example.org', '192.0.2.2');
  expect(unknown / wrong).toBeGreaterThan(0.4);
  expect(unknown / wrong).toBeLessThan(2.5);
});

test('after ten bad attempts an account is locked for a quarter of an hour, wherever they came from', async () => {
  using folder = aFolder();
  await using opened = await open(folder.path);
  const { accounts, clock } = opened;
  await accounts.addPeople([MANAGER, LEAD]);
  for (let n = 0; n < 10; n += 1) {
    const from = `192.0.2.${n}`;
    await expect(accounts.signIn(MANAGER.email, 'wrong', from)).rejects.toMatchObject({
      name: 'SignInRefused',
    });
  }
  clock.ms += 5 * MINUTE;
  await expect(accounts.signIn(MANAGER.email, MANAGER.password, DEVICE)).rejects.toMatchObject({
    name: 'TooManyAttempts',
    retryAfterSeconds: 600,
    message: 'too many wrong attempts: wait 10 minutes and try again',
  });
  expect((await accounts.signIn(LEAD.email, LEAD.password, DEVICE)).person.name).toBe('Dan Example');
  clock.ms += 10 * MINUTE;
  expect((await accounts.signIn(MANAGER.email, MANAGER.password, DEVICE)).person.name).toBe('Nia Example');
});

test('an email that nobody has is locked like any other', async () => {
  using folder = aFolder();
  await using opened = await open(folder.path);
  await opened.accounts.addPeople([MANAGER, LEAD]);
  const tries = Array.from({ length: 11 }, (_, n) => `192.0.2.${n}`);
  const names: string[] = [];
  for (const from of tries) {
    await opened.accounts
      .signIn('nobody@example.org', 'wrong', from)
      .catch((error: Error) => names.push(error.name));
  }
  expect(names).toEqual([...Array(10).fill('SignInRefused'), 'TooManyAttempts']);
});

test('after ten bad attempts an address is locked, whoever it tries', async () => {
  using folder = aFolder();
  await using opened = await open(folder.path);
  const { accounts } = opened;
  await accounts.addPeople([MANAGER, LEAD]);
  for (let n = 0; n < 10; n += 1) {
    await accounts.signIn(`person${n}@example.org`, 'wrong', DEVICE).catch(() => undefined);
  }
  await expect(accounts.signIn(MANAGER.email, MANAGER.password, DEVICE)).rejects.toMatchObject({
    name: 'TooManyAttempts',
  });
  expect((await accounts.signIn(MANAGER.email, MANAGER.password, '192.0.2.11')).person.name).toBe(
    'Nia Example',
  );
});

test('signing in with a right password again and again locks nobody', async () => {
  using folder = aFolder();
  await using opened = await open(folder.path);
  const { accounts } = opened;
  await accounts.addPeople([MANAGER, LEAD]);
  for (let n = 0; n < 12; n += 1) await accounts.signIn(MANAGER.email, MANAGER.password, DEVICE);
  for (let n = 0; n < 9; n += 1) await accounts.signIn(LEAD.email, 'wrong', DEVICE).catch(() => undefined);
  expect((await accounts.signIn(LEAD.email, LEAD.password, DEVICE)).person.name).toBe('Dan Example');
});

test('a crowd at the door waits up to eight deep; the rest are sent away at once and not held against them', async () => {
  using folder = aFolder();
  await using opened = await open(folder.path);
  const { accounts } = opened;
  await accounts.addPeople([MANAGER, LEAD]);
  const crowd = Array.from({ length: 20 }, (_, n) =>
    accounts.signIn(`person${n}@example.org`, 'wrong', `192.0.2.${n}`).catch((error: Error) => error.name),
  );
  const outcomes = await Promise.all(crowd);
  expect(outcomes.filter((name) => name === 'SignInRefused').length).toBe(8);
  expect(outcomes.filter((name) => name === 'TooBusy').length).toBe(12);
  expect((await accounts.signIn(MANAGER.email, MANAGER.password, '192.0.2.19')).person.name).toBe(
    'Nia Example',
  );
});

test('a password is the same in composed and decomposed form', async () => {
  using folder = aFolder();
  await using opened = await open(folder.path);
  const password = 'crème brûlée au café';
  await opened.accounts.addPeople([{ ...MANAGER, password: password.normalize('NFD') }, LEAD]);
  const signedIn = await opened.accounts.signIn(MANAGER.email, password.normalize('NFC'), DEVICE);
  expect(signedIn.person.name).toBe('Nia Example');
});

test.each([
  [
    'an email twice',
    [MANAGER, LEAD, { ...LEAD, email: 'Manager@Example.org' }],
    /manager@example\.org twice/i,
  ],
  ['nobody who leads safeguarding', [MANAGER], /role dsl/],
  ['nobody who manages the network', [LEAD], /role network manager/],
  ['nobody at all', [], /at least one person/],
])('a request with %s is refused by name and nobody of it is added', async (_, requests, message) => {
  using folder = aFolder();
  await using opened = await open(folder.path);
  await expect(opened.accounts.addPeople(requests)).rejects.toMatchObject({
    name: 'PeopleRefused',
    message: expect.stringMatching(message),
  });
  expect(opened.accounts.people()).toEqual([]);
});

test('an email that is taken is refused also when both ask at once', async () => {
  using folder = aFolder();
  await using opened = await open(folder.path);
  const requests = [MANAGER, LEAD];
  const outcomes = await Promise.allSettled([
    opened.accounts.addPeople(requests),
    opened.accounts.addPeople(requests),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(opened.accounts.people().length).toBe(2);
});

test('when sessions cannot be saved people can still sign in, and the trouble is told', async () => {
  using folder = aFolder();
  await using opened = await open(folder.path);
  const { accounts, records, troubles } = opened;
  await accounts.addPeople([MANAGER, LEAD]);
  await records.close();
  const { token } = await accounts.signIn(MANAGER.email, MANAGER.password, DEVICE);
  expect(accounts.who(token)?.name).toBe('Nia Example');
  expect(troubles).toMatchObject([{ name: 'RecordsUnavailable' }]);
});
