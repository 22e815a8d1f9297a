import { words } from '#ui/words.ts';

/** A person as typed on the claim page. */
export interface PersonDraft {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly again: string;
}

export const emptyPerson: PersonDraft = { name: '', email: '', password: '', again: '' };

const SHORTEST = 12;

/** What is wrong with the password, and with its repetition; undefined where nothing is. */
export function wrongWithPassword({
  password,
  again,
}: PersonDraft): [string | undefined, string | undefined] {
  return [
    password.length < SHORTEST ? words.claim.short(password.length) : undefined,
    again === password ? undefined : words.claim.differ,
  ];
}
