import { Button, Group, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { CheckWeek } from '#contract/checks.ts';
import type { Session } from '#contract/http.ts';
import { day, dayAndTime, weekName } from '#ui/dates.ts';
import { can } from '#ui/shell/can.ts';
import { Disclosure } from '#ui/shell/disclosure.tsx';
import { Page } from '#ui/shell/page.tsx';
import { Section } from '#ui/shell/section.tsx';
import { useApi } from '#ui/shell/server.ts';
import { Loaded } from '#ui/shell/trouble.tsx';
import { TERMS } from '#ui/terms.ts';
import { words } from '#ui/words.ts';
import styles from './checks.module.css';
import { WeekMark } from './mark.tsx';
import { SignedCheck } from './record.tsx';

/** The check log: a row for every week, missed ones too, the newest first. */
export function Checks({ session }: { session: Session }) {
  const api = useApi();
  const log = useQuery({ queryKey: ['checks'], queryFn: api.checks });
  const run = can(session, 'log checks') ? (
    <Button component="a" href="/check">
      {words.checks.run}
    </Button>
  ) : null;
  return (
    <Page title={words.checks.title} beside={run}>
      <Section title={words.checks.log} hint={words.checks.lead}>
        <Loaded query={log}>
          {({ weeks }) =>
            weeks.length === 0 ? (
              <Text c="dimmed">{words.checks.none}</Text>
            ) : (
              <ol className={styles['weeks']} reversed>
                {newestFirst(weeks).map((week) => (
                  <WeekRow key={week.week} week={week} />
                ))}
              </ol>
            )
          }
        </Loaded>
      </Section>
    </Page>
  );
}

function WeekRow({ week }: { week: CheckWeek }) {
  return (
    <li>
      <WeekMark state={week.state} />
      <div>
        <Group gap="xs" align="baseline">
          <Title order={3} size="h4">
            {weekName(week.week)}
          </Title>
          <Text fw={600}>{TERMS.weeks[week.state]}</Text>
          <Text size="sm" c="dimmed">
            {words.checks.due(day(week.dueOn))}
          </Text>
        </Group>
        {week.checks.length === 0 && week.state === 'missed' ? (
          <Text size="sm">{words.checks.noChecks}</Text>
        ) : null}
        {week.checks.map((check) => (
          <Disclosure
            key={check.seq}
            summary={
              <>
                {dayAndTime(check.completedAt)}: <strong>{TERMS.outcomes[check.result]}</strong>,{' '}
                {words.checks.record(check.by.name, TERMS.profiles[check.profile])}
              </>
            }
          >
            <SignedCheck check={check} />
          </Disclosure>
        ))}
      </div>
    </li>
  );
}

const newestFirst = (weeks: readonly CheckWeek[]) => [...weeks].sort((a, b) => b.week.localeCompare(a.week));
