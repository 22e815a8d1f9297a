import { Button, Checkbox, Fieldset, Group, Paper, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { Claim as ClaimRequest } from '#contract/http.ts';
import type { RoleId } from '#contract/roles.ts';
import { GateMark } from '#ui/icons.tsx';
import { Page } from '#ui/shell/page.tsx';
import { PasswordField } from '#ui/shell/password.tsx';
import { SchemeToggle } from '#ui/shell/scheme.tsx';
import { useApi } from '#ui/shell/server.ts';
import styles from '#ui/shell/shell.module.css';
import { fieldError, Trouble } from '#ui/shell/trouble.tsx';
import { words } from '#ui/words.ts';
import { emptyPerson, type PersonDraft, wrongWithPassword } from './person.ts';

/** The first start: whose box this is, and the two roles that set-up cannot finish without. */
export function Claim() {
  const api = useApi();
  const queries = useQueryClient();
  const [code, setCode] = useState('');
  const [provider, setProvider] = useState('');
  const [manager, setManager] = useState(emptyPerson);
  const [lead, setLead] = useState(emptyPerson);
  const [both, setBoth] = useState(false);
  const [tries, setTries] = useState(0);
  const form = useRef<HTMLFormElement>(null);
  const drafts = both ? [manager] : [manager, lead];

  const claim = useMutation({
    mutationFn: async () => {
      await api.claim({ code: code.trim(), provider: { name: provider.trim() }, people: people(drafts) });
      // The box is claimed from here on: a sign-in that fails is the sign-in page's to say.
      await api.signIn(manager.email.trim(), manager.password).catch(() => undefined);
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['session'] });
      await queries.invalidateQueries({ queryKey: ['claimed'] });
    },
  });
  // The form is longer than a screen: whoever is refused at a field is brought to it.
  useEffect(() => {
    if (tries > 0 || claim.error) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [tries, claim.error]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTries(tries + 1);
    if (drafts.every((draft) => wrongWithPassword(draft).every((wrong) => wrong === undefined)))
      claim.mutate();
  };
  const text = (path: string) => ({
    required: true,
    withAsterisk: false,
    error: fieldError(claim.error, path),
  });
  return (
    <main id="content" className={styles['narrow']}>
      <Group justify="space-between" mb="lg">
        <Group gap="sm">
          <GateMark />
          <Text fw={650}>{words.product}</Text>
        </Group>
        <SchemeToggle />
      </Group>
      <Page title={words.claim.title}>
        <Text>{words.claim.lead}</Text>
        <form ref={form} onSubmit={submit}>
          <Stack gap="lg">
            <Paper withBorder p={{ base: 'md', sm: 'lg' }}>
              <Stack gap="md">
                <TextInput
                  label={words.claim.code}
                  description={words.claim.codeHint}
                  autoComplete="off"
                  autoCapitalize="characters"
                  spellCheck={false}
                  value={code}
                  onChange={(event) => setCode(event.currentTarget.value)}
                  {...text('code')}
                />
                <TextInput
                  label={words.claim.provider}
                  autoComplete="organization"
                  maxLength={80}
                  value={provider}
                  onChange={(event) => setProvider(event.currentTarget.value)}
                  {...text('provider.name')}
                />
              </Stack>
            </Paper>
            <PersonFields
              index={0}
              draft={manager}
              change={setManager}
              error={claim.error}
              tried={tries > 0}
            />
            <Checkbox
              label={words.claim.same}
              description={words.claim.sameHint}
              checked={both}
              onChange={(event) => setBoth(event.currentTarget.checked)}
            />
            {both ? null : (
              <PersonFields index={1} draft={lead} change={setLead} error={claim.error} tried={tries > 0} />
            )}
            <Trouble error={claim.error} />
            <Button type="submit" size="md" loading={claim.isPending}>
              {words.claim.submit}
            </Button>
          </Stack>
        </form>
      </Page>
    </main>
  );
}

function people(drafts: readonly PersonDraft[]): ClaimRequest['people'] {
  const roles: RoleId[][] =
    drafts.length === 1 ? [['network manager', 'dsl']] : [['network manager'], ['dsl']];
  return drafts.map(({ name, email, password }, index) => ({
    name: name.trim(),
    email: email.trim(),
    password,
    roles: roles[index] ?? [],
  }));
}

interface PersonFieldsProps {
  /** The person's place in the request: the server names wrong fields by it. */
  readonly index: 0 | 1;
  readonly draft: PersonDraft;
  readonly change: (draft: PersonDraft) => void;
  readonly error: Error | null;
  readonly tried: boolean;
}

function PersonFields({ index, draft, change, error, tried }: PersonFieldsProps) {
  const [short, differ] = tried ? wrongWithPassword(draft) : [];
  const said = (field: string) => fieldError(error, `people.${index}.${field}`);
  const wanted = { required: true, withAsterisk: false };
  return (
    <Fieldset
      m={0}
      bg="var(--mantine-color-body)"
      legend={index === 0 ? words.claim.manager : words.claim.dsl}
    >
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {index === 0 ? words.claim.managerHint : words.claim.dslHint}
        </Text>
        <TextInput
          label={words.claim.name}
          autoComplete="off"
          maxLength={80}
          value={draft.name}
          onChange={(event) => change({ ...draft, name: event.currentTarget.value })}
          error={said('name')}
          {...wanted}
        />
        <TextInput
          label={words.claim.email}
          type="email"
          autoComplete="off"
          value={draft.email}
          onChange={(event) => change({ ...draft, email: event.currentTarget.value })}
          error={said('email')}
          {...wanted}
        />
        <PasswordField
          label={words.claim.password}
          description={words.claim.passwordHint}
          autoComplete="new-password"
          value={draft.password}
          onChange={(password) => change({ ...draft, password })}
          error={short ?? said('password')}
        />
        <PasswordField
          label={words.claim.again}
          autoComplete="new-password"
          value={draft.again}
          onChange={(again) => change({ ...draft, again })}
          error={differ}
        />
      </Stack>
    </Fieldset>
  );
}
