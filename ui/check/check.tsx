import { Anchor, Button, Group, List, Paper, Progress, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { CheckRecord } from '#contract/checks.ts';
import { GateMark } from '#ui/icons.tsx';
import { Page } from '#ui/shell/page.tsx';
import { SchemeToggle } from '#ui/shell/scheme.tsx';
import { Section } from '#ui/shell/section.tsx';
import { useApi } from '#ui/shell/server.ts';
import { Trouble } from '#ui/shell/trouble.tsx';
import { TERMS } from '#ui/terms.ts';
import { words } from '#ui/words.ts';
import styles from './check.module.css';
import { Findings } from './findings.tsx';
import { HumanPart } from './human.tsx';
import { type CheckSoFar, runCheck } from './run.ts';

/** The page that a learner's device opens: asks the names, shows what the box saw, and lets a person sign it. */
export function Check() {
  const api = useApi();
  const [check, setCheck] = useState<CheckSoFar>();
  const [signed, setSigned] = useState<CheckRecord>();
  const findingsAt = useRef<HTMLDivElement>(null);
  const start = useMutation({
    mutationFn: () =>
      runCheck({
        api,
        fetch: globalThis.fetch.bind(globalThis),
        port: globalThis.location.port,
        wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        onChange: setCheck,
      }),
    onMutate: () => {
      setCheck(undefined);
      setSigned(undefined);
    },
    onSuccess: () => findingsAt.current?.focus(),
  });
  const findings = check?.findings;
  return (
    <main id="content" className={styles['page']}>
      <Group justify="space-between" mb="lg">
        <Group gap="sm">
          <GateMark />
          <Anchor href="/">{words.check.home}</Anchor>
        </Group>
        <SchemeToggle />
      </Group>
      <Page title={words.check.title}>
        <Paper withBorder p={{ base: 'md', sm: 'lg' }}>
          <Stack gap="sm" align="flex-start">
            <Text fw={600}>{words.check.lead}</Text>
            <Text>{words.check.what}</Text>
            <Trouble error={start.error} />
            <Button
              size="md"
              variant={findings ? 'default' : 'filled'}
              onClick={() => start.mutate()}
              loading={start.isPending}
            >
              {check ? words.check.again : words.check.start}
            </Button>
          </Stack>
        </Paper>
        {check && start.isPending ? <Asking check={check} /> : null}
        <div ref={findingsAt} tabIndex={-1} className={styles['focused']}>
          {check && findings ? <Findings run={check.run} findings={findings} /> : null}
        </div>
        {check && findings && !signed ? (
          <HumanPart key={check.run.id} run={check.run} findings={findings} onSigned={setSigned} />
        ) : null}
        {signed ? <Signed record={signed} /> : null}
      </Page>
    </main>
  );
}

function Asking({ check }: { check: CheckSoFar }) {
  const names = Object.entries(check.progress);
  const asked = names.filter(([, progress]) => progress === 'asked').length;
  const title = check.step === 'asking' ? words.check.asking : words.check.settling;
  return (
    <Section title={title}>
      <Text role="status">{words.check.progress(asked, names.length)}</Text>
      <Progress value={(asked / names.length) * 100} aria-label={title} />
      <List size="sm" listStyleType="none" className={styles['names']}>
        {names.map(([name, progress]) => (
          <List.Item key={name}>
            <span>{name === check.run.nonceName ? words.check.nonceName : name}</span>
            <span className={styles['progress']}>{words.check[PROGRESS_WORDS[progress]]}</span>
          </List.Item>
        ))}
      </List>
    </Section>
  );
}

const PROGRESS_WORDS = { waiting: 'waiting', asking: 'askingOne', asked: 'asked' } as const;

function Signed({ record }: { record: CheckRecord }) {
  return (
    <Section title={words.check.doneTitle}>
      <Text role="status">
        {TERMS.outcomes[record.result]}. {words.check.done(record.seq)}
      </Text>
      <dl className={styles['stored']}>
        <dt>{words.checks.seq}</dt>
        <dd>{record.seq}</dd>
        <dt>{words.checks.hash}</dt>
        <dd className={styles['hash']}>{record.hash}</dd>
      </dl>
      <Anchor href="/checks">{words.check.openLog}</Anchor>
    </Section>
  );
}
