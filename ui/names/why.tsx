import { Button, Group, List, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ProfileId } from '#contract/profiles.ts';
import type { Explanation, Verdict } from '#contract/verdict.ts';
import { BlockIcon, TickIcon } from '#ui/icons.tsx';
import { Section } from '#ui/shell/section.tsx';
import { useApi } from '#ui/shell/server.ts';
import { Trouble, Waiting } from '#ui/shell/trouble.tsx';
import { TERMS, termIds } from '#ui/terms.ts';
import { words } from '#ui/words.ts';
import { nameIn } from './name.ts';
import styles from './names.module.css';
import { type PendingChange, ReasonDialog } from './reason-dialog.tsx';

interface Asked {
  readonly name: string;
  readonly profile: ProfileId;
}

/** The box for any name: what happens to it, why, and what would change it. */
export function Why({ mayChange }: { mayChange: boolean }) {
  const api = useApi();
  const [name, setName] = useState('');
  const [profile, setProfile] = useState<ProfileId>('learner');
  const [asked, setAsked] = useState<Asked>();
  const answer = useQuery({
    queryKey: ['explain', asked],
    queryFn: () => api.explain(asked?.name ?? '', asked?.profile ?? 'learner'),
    enabled: asked !== undefined,
    staleTime: 0,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const next = { name: nameIn(name), profile };
    if (asked?.name === next.name && asked.profile === profile) void answer.refetch();
    else setAsked(next);
  };
  return (
    <Section title={words.names.why} hint={words.names.whyLead}>
      <form onSubmit={submit}>
        <div className={styles['ask']}>
          <TextInput
            label={words.names.name}
            description={words.names.nameHint}
            placeholder="www.example.org"
            required
            withAsterisk={false}
            maxLength={1000}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <NativeSelect
            label={words.names.profile}
            value={profile}
            onChange={(event) => setProfile(event.currentTarget.value as ProfileId)}
            data={termIds(TERMS.profiles).map((value) => ({ value, label: TERMS.profiles[value] }))}
          />
          <Button type="submit" loading={answer.isFetching}>
            {words.names.ask}
          </Button>
        </div>
      </form>
      <div aria-live="polite">
        <Trouble error={answer.error} />
        {answer.isLoading ? <Waiting /> : null}
        {answer.data ? <Answer explanation={answer.data} mayChange={mayChange} /> : null}
      </div>
    </Section>
  );
}

function Answer({ explanation, mayChange }: { explanation: Explanation; mayChange: boolean }) {
  const { name, profile, verdict, lists, wouldChange } = explanation;
  const blocked = verdict.kind === 'blocked';
  const Icon = blocked ? BlockIcon : TickIcon;
  return (
    <Stack gap="sm" className={styles['answer']} data-kind={verdict.kind}>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <span className={styles['kind']}>
          <Icon />
        </span>
        <div>
          <Text fw={650}>{words.names.verdict(verdict.kind, name, TERMS.profiles[profile])}</Text>
          <Text>{explanation.because}</Text>
        </div>
      </Group>
      {verdict.matched && verdict.matched !== name ? (
        <Text size="sm">
          {words.names.matched}: {verdict.matched}
        </Text>
      ) : null}
      <Lines title={words.names.inLists} none={words.names.inNoList}>
        {lists.map((list) => `${list.name} (${TERMS.categories[list.category]}): ${list.matched}`)}
      </Lines>
      <Lines title={words.names.wouldChange} none={words.names.nothingChanges}>
        {wouldChange}
      </Lines>
      {mayChange ? <Decide name={name} profile={profile} verdict={verdict} /> : null}
    </Stack>
  );
}

interface LinesProps {
  readonly title: string;
  readonly none: string;
  readonly children: readonly string[];
}

function Lines({ title, none, children }: LinesProps) {
  return (
    <div>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      {children.length === 0 ? <Text size="sm">{none}</Text> : null}
      <List size="sm">
        {children.map((line) => (
          <List.Item key={line}>{line}</List.Item>
        ))}
      </List>
    </div>
  );
}

/** What helps first; nothing that the verdict's tier would not let through. */
function actionsFor({ kind, tier }: Verdict): ('allow' | 'block')[] {
  if (tier === 'special' || tier === 'locked-core') return [];
  return kind === 'blocked' ? ['allow', 'block'] : ['block', 'allow'];
}

function Decide({ name, profile, verdict }: Asked & { verdict: Verdict }) {
  const api = useApi();
  const [pending, setPending] = useState<PendingChange>();
  const decide = (action: 'allow' | 'block') => {
    const title = words.names[action](name, TERMS.profiles[profile]);
    const verb = action === 'allow' ? words.names.allowVerb : words.names.blockVerb;
    setPending({ title, verb, make: (why) => api.changeRule({ profile, action, name, why, keep: true }) });
  };
  return (
    <Group gap="sm">
      {actionsFor(verdict).map((action) => (
        <Button key={action} variant="default" onClick={() => decide(action)}>
          {words.names[action === 'allow' ? 'allowFor' : 'blockFor'](TERMS.profiles[profile])}
        </Button>
      ))}
      {pending ? <ReasonDialog change={pending} onClose={() => setPending(undefined)} /> : null}
    </Group>
  );
}
