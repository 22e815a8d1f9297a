import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ChangeView } from '#contract/http.ts';
import { dayAndTime } from '#ui/dates.ts';
import { Disclosure } from '#ui/shell/disclosure.tsx';
import { Section } from '#ui/shell/section.tsx';
import { useApi } from '#ui/shell/server.ts';
import { Loaded } from '#ui/shell/trouble.tsx';
import { words } from '#ui/words.ts';
import { headlineOf, wordOf } from './changed.ts';
import styles from './names.module.css';

const SHOWN = 20;
/** A value longer than this is cut: the ledger has the whole of it. */
const LONGEST = 400;

/** What was changed lately: who, when, why, before and after. */
export function Changes() {
  const api = useApi();
  const changes = useQuery({ queryKey: ['changes'], queryFn: api.changes });
  return (
    <Section title={words.names.changes}>
      <Loaded query={changes}>
        {(loaded) =>
          loaded.length === 0 ? (
            <Text c="dimmed">{words.names.changesNone}</Text>
          ) : (
            <ol className={styles['changes']} reversed>
              {newestFirst(loaded).map((change) => (
                <ChangeRow key={change.seq} change={change} />
              ))}
            </ol>
          )
        }
      </Loaded>
    </Section>
  );
}

function ChangeRow({ change }: { change: ChangeView }) {
  return (
    <li>
      <Text fw={600}>{headlineOf(change)}</Text>
      <Text size="sm">{change.why}</Text>
      <Text size="sm" c="dimmed">
        {dayAndTime(change.at)} · {change.by}
      </Text>
      <Disclosure
        summary={
          <Text span size="sm">
            {words.names.beforeAfter}
          </Text>
        }
      >
        <Text size="sm">
          {words.names.before}: <span className={styles['value']}>{shown(change.before)}</span>
        </Text>
        <Text size="sm">
          {words.names.after}: <span className={styles['value']}>{shown(change.after)}</span>
        </Text>
      </Disclosure>
    </li>
  );
}

const newestFirst = (changes: readonly ChangeView[]) =>
  [...changes].sort((a, b) => b.seq - a.seq).slice(0, SHOWN);

function shown(value: ChangeView['before']): string {
  const text = wordOf(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text;
}
