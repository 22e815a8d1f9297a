import { Table, Text, VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { FourC, IncidentCounts, WeekCounts } from '#contract/incidents.ts';
import { isoWeek, weekName } from '#ui/dates.ts';
import { Disclosure } from '#ui/shell/disclosure.tsx';
import { Scroll } from '#ui/shell/scroll.tsx';
import { Section } from '#ui/shell/section.tsx';
import { useApi } from '#ui/shell/server.ts';
import { Loaded } from '#ui/shell/trouble.tsx';
import { TERMS, termIds } from '#ui/terms.ts';
import { words } from '#ui/words.ts';
import styles from './today.module.css';

const KINDS: readonly FourC[] = termIds(TERMS.fourCs);
const SHOWN_WEEKS = 13;

/** Incidents by kind: this week, the trend, and the total; every week's figures one click below. */
export function Counts() {
  const api = useApi();
  const counts = useQuery({ queryKey: ['counts'], queryFn: api.incidentCounts });
  return (
    <Section title={words.today.counts} hint={words.today.countsHint}>
      <Loaded query={counts}>
        {(loaded) =>
          loaded.weeks.length === 0 ? (
            <Text c="dimmed">{words.today.countsNone}</Text>
          ) : (
            <Figures counts={loaded} />
          )
        }
      </Loaded>
    </Section>
  );
}

function Figures({ counts }: { counts: IncidentCounts }) {
  const weeks = [...counts.weeks].sort((a, b) => a.week.localeCompare(b.week));
  const shown = weeks.slice(-SHOWN_WEEKS);
  const current = weeks.find((week) => week.week === isoWeek(new Date()));
  const highest = Math.max(1, ...shown.flatMap((week) => KINDS.map((kind) => countOf(week, kind))));
  return (
    <>
      <Table verticalSpacing="xs" horizontalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{words.today.kind}</Table.Th>
            <Table.Th scope="col" className={styles['number']}>
              {words.today.thisWeek}
            </Table.Th>
            <Table.Th scope="col">{words.today.trend}</Table.Th>
            <Table.Th scope="col" className={styles['number']}>
              {words.today.total}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {KINDS.map((kind) => (
            <Table.Tr key={kind}>
              <Table.Th scope="row" fw={500}>
                {TERMS.fourCs[kind]}
              </Table.Th>
              <Table.Td className={styles['number']}>{current ? countOf(current, kind) : 0}</Table.Td>
              <Table.Td>
                <Bars
                  figures={shown.map((week) => ({ week: week.week, figure: countOf(week, kind) }))}
                  highest={highest}
                />
              </Table.Td>
              <Table.Td className={styles['number']}>
                {sum(weeks.map((week) => countOf(week, kind)))}
              </Table.Td>
            </Table.Tr>
          ))}
          <Table.Tr>
            <Table.Th scope="row">{words.today.all}</Table.Th>
            <Table.Td className={styles['number']}>{current ? allOf(current) : 0}</Table.Td>
            <Table.Td />
            <Table.Td className={styles['number']}>{sum(weeks.map(allOf))}</Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
      <Disclosure summary={words.today.weekByWeek}>
        <WeekTable weeks={weeks.toReversed()} />
      </Disclosure>
    </>
  );
}

interface Figure {
  readonly week: string;
  readonly figure: number;
}

function Bars({ figures, highest }: { figures: readonly Figure[]; highest: number }) {
  return (
    <>
      <VisuallyHidden>{figures.map(({ figure }) => figure).join(', ')}</VisuallyHidden>
      <div className={styles['bars']} aria-hidden="true">
        {figures.map(({ week, figure }) => (
          <span key={week} className={styles['bar']} style={{ height: `${(figure / highest) * 100}%` }} />
        ))}
      </div>
    </>
  );
}

function WeekTable({ weeks }: { weeks: readonly WeekCounts[] }) {
  const columns = [...KINDS.map((kind) => TERMS.fourCs[kind]), words.today.all];
  const others = [words.today.alertsMade, words.today.falsePositives, words.today.deviceDays];
  return (
    <>
      <Scroll label={words.today.weekByWeek}>
        <Table verticalSpacing={6} horizontalSpacing="xs" fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{words.today.week}</Table.Th>
              {[...columns, ...others].map((column) => (
                <Table.Th key={column} scope="col" className={styles['number']}>
                  {column}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {weeks.map((week) => (
              <Table.Tr key={week.week}>
                <Table.Th scope="row" fw={500} style={{ whiteSpace: 'nowrap' }}>
                  {weekName(week.week)}
                </Table.Th>
                {KINDS.map((kind) => (
                  <Table.Td key={kind} className={styles['number']}>
                    {countOf(week, kind)}
                  </Table.Td>
                ))}
                <Table.Td className={styles['number']}>{allOf(week)}</Table.Td>
                <Table.Td className={styles['number']}>{week.alerts}</Table.Td>
                <Table.Td className={styles['number']}>{week.falsePositives}</Table.Td>
                <Table.Td className={styles['number']}>{week.deviceDays}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Scroll>
      <Text size="xs" c="dimmed">
        {words.today.deviceDaysHint}
      </Text>
    </>
  );
}

const countOf = (week: WeekCounts, kind: FourC): number => week.incidents[kind] ?? 0;
const allOf = (week: WeekCounts): number => sum(KINDS.map((kind) => countOf(week, kind)));
const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0);
