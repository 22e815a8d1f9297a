import { List, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Attestations, CheckRecord } from '#contract/checks.ts';
import type { RoleId } from '#contract/roles.ts';
import { day, dayAndTime } from '#ui/dates.ts';
import { TERMS, termIds } from '#ui/terms.ts';
import { words } from '#ui/words.ts';
import styles from './checks.module.css';
import { ProbeTable } from './probes.tsx';

/** One signed check in full, as the ledger holds it. */
export function SignedCheck({ check }: { check: CheckRecord }) {
  const { findings } = check;
  const roles = check.by.roles.map((role) => TERMS.roles[role as RoleId] ?? role).join(', ');
  return (
    <Stack gap="md">
      <Facts
        facts={[
          [words.checks.who, `${check.by.name} (${roles})`],
          [words.checks.opened, dayAndTime(check.openedAt)],
          [words.checks.completed, dayAndTime(check.completedAt)],
          [words.checks.device, check.client],
          [words.checks.profile, TERMS.profiles[check.profile]],
          [words.checks.nonce, findings.nonceSeen ? words.checks.nonceSeen : words.checks.nonceNotSeen],
          [words.checks.result, resultOf(check)],
        ]}
      />
      <Part title={words.checks.measured}>
        <ProbeTable probes={findings.probes} />
      </Part>
      <Part title={words.checks.attested}>
        <Facts
          facts={termIds(TERMS.questions).map((question) => [
            TERMS.questions[question],
            answerTo(question, check.attestations),
          ])}
        />
      </Part>
      <Part title={words.checks.actions}>
        {check.actions.length === 0 ? (
          <Text size="sm">{words.checks.noActions}</Text>
        ) : (
          <List size="sm">
            {check.actions.map((action) => (
              <List.Item key={`${action.what} ${action.owner} ${action.due}`}>
                {words.checks.action(action.what, action.owner, day(action.due))}
              </List.Item>
            ))}
          </List>
        )}
      </Part>
      <Part title={words.checks.notes}>
        <Text size="sm">{check.notes === '' ? words.checks.noNotes : check.notes}</Text>
      </Part>
      <Part title={words.checks.evidence}>
        <Facts
          facts={[
            [words.checks.seq, String(check.seq)],
            [words.checks.hash, <Hash key="hash" hex={check.hash} />],
            [words.checks.answers, words.checks.answersSeen(check.seen.length)],
            [words.checks.settings, <Hash key="settings" hex={check.configuration.settings} />],
            [words.checks.index, <Hash key="index" hex={check.configuration.index} />],
            [words.checks.version, check.configuration.version],
          ]}
        />
      </Part>
    </Stack>
  );
}

/** A measured pass that a person's answer turned into a fail says so. */
function resultOf({ result, findings }: CheckRecord): string {
  const byAnswer = result === 'fail' && findings.outcome === 'pass';
  return `${byAnswer ? words.checks.byAnswer : `${TERMS.outcomes[result]}:`} ${findings.because}`;
}

function answerTo(question: keyof Attestations, given: Attestations): string {
  const answers: Readonly<Record<string, string>> = TERMS.answers[question];
  return answers[given[question]] ?? given[question];
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <Title order={4} size="h6" mb={4}>
        {title}
      </Title>
      {children}
    </div>
  );
}

function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={styles['facts']}>
      {facts.map(([term, value]) => (
        <Fact key={term} term={term} value={value} />
      ))}
    </dl>
  );
}

function Fact({ term, value }: { term: string; value: ReactNode }) {
  return (
    <>
      <dt>{term}</dt>
      <dd>{value}</dd>
    </>
  );
}

const Hash = ({ hex }: { hex: string }) => <span className={styles['hash']}>{hex}</span>;
