import { Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { CheckLog, CheckWeek } from '#contract/checks.ts';
import { WeekMark } from '#ui/checks/mark.tsx';
import { day, weekName } from '#ui/dates.ts';
import { Section } from '#ui/shell/section.tsx';
import { useApi } from '#ui/shell/server.ts';
import { Loaded } from '#ui/shell/trouble.tsx';
import { TERMS } from '#ui/terms.ts';
import { words } from '#ui/words.ts';
import styles from './today.module.css';

const WEEKS = 13;

/** The last 13 weeks, one mark each: colour, sign and words. */
export function Strip() {
  const api = useApi();
  const log = useQuery({ queryKey: ['checks'], queryFn: api.checks });
  return (
    <Section
      title={words.today.strip}
      hint={words.today.stripHint}
      beside={
        <Anchor component={Link} href="/checks" size="sm">
          {words.today.openLog}
        </Anchor>
      }
    >
      <Loaded query={log}>
        {(loaded) => {
          const weeks = lastWeeks(loaded);
          return weeks.length === 0 ? (
            <Text c="dimmed">{words.today.stripNone}</Text>
          ) : (
            <Marks weeks={weeks} />
          );
        }}
      </Loaded>
    </Section>
  );
}

function Marks({ weeks }: { weeks: readonly CheckWeek[] }) {
  const last = weeks.at(-1);
  return (
    <>
      <ol className={styles['strip']}>
        {weeks.map((week) => (
          <li key={week.week} title={wordsOf(week)}>
            <WeekMark state={week.state} label={wordsOf(week)} />
            <span aria-hidden="true" className={styles['weekNumber']}>
              {week.week.slice(-2)}
            </span>
          </li>
        ))}
      </ol>
      {last ? (
        <Text size="sm">
          {wordsOf(last)} ({words.checks.due(day(last.dueOn))})
        </Text>
      ) : null}
    </>
  );
}

const wordsOf = ({ week, state }: CheckWeek): string => `${weekName(week)}: ${TERMS.weeks[state]}`;

function lastWeeks(log: CheckLog): readonly CheckWeek[] {
  return [...log.weeks].sort((a, b) => a.week.localeCompare(b.week)).slice(-WEEKS);
}
