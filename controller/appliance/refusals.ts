import { SignInRefused } from '#accounts/accounts.ts';
import { TooManyAttempts } from '#accounts/attempts.ts';
import { ClaimRefused } from '#accounts/claim.ts';
import { PeopleRefused } from '#accounts/people.ts';
import { TooBusy } from '#accounts/queue.ts';
import { EntryRefused, RecordsUnavailable } from '#records/trouble.ts';
import { SettingsUnwritable } from '#settings/durable.ts';
import { CategoryLocked, NoSuchRule, NothingChanged, SettingsRefused } from '#settings/edits.ts';
import { Refusal } from '#web/appliance.ts';

/** How each room's own refusals are answered at the web door. What is not here is our bug, and answered as one. */
const STATUSES: readonly (readonly [new (...given: never[]) => Error, Refusal['status']])[] = [
  [SignInRefused, 401],
  [ClaimRefused, 403],
  [TooManyAttempts, 429],
  [TooBusy, 503],
  [PeopleRefused, 422],
  [CategoryLocked, 409],
  [NothingChanged, 409],
  [NoSuchRule, 404],
  [SettingsRefused, 422],
  [SettingsUnwritable, 503],
  [RecordsUnavailable, 503],
  [EntryRefused, 422],
];

const RETRY_AFTER_S = 30;

/** Does `step`, and turns a room's refusal into the door's. */
export async function refusing<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw toRefusal(error) ?? error;
  }
}

function toRefusal(error: unknown): Refusal | undefined {
  const row = STATUSES.find(([kind]) => error instanceof kind);
  if (!row || !(error instanceof Error)) return undefined;
  const [, status] = row;
  const waits =
    error instanceof TooManyAttempts || error instanceof TooBusy ? error.retryAfterSeconds : RETRY_AFTER_S;
  const refusal = new Refusal(
    status,
    sentence(error.message),
    status === 429 || status === 503 ? waits : undefined,
  );
  refusal.cause = error;
  return refusal;
}

function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
