import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Alert } from '#contract/incidents.ts';
import { dayAndTime } from '#ui/dates.ts';
import { Section } from '#ui/shell/section.tsx';
import { useApi } from '#ui/shell/server.ts';
import { Loaded } from '#ui/shell/trouble.tsx';
import { TERMS } from '#ui/terms.ts';
import { words } from '#ui/words.ts';
import styles from './today.module.css';
import { TriageDialog } from './triage.tsx';

/** Asked again this often: a new alert need not wait for a reload. */
const POLL_MS = 30_000;

/** What waits for the designated safeguarding lead: devices that attempted, never people. */
export function Alerts() {
  const api = useApi();
  const alerts = useQuery({ queryKey: ['alerts'], queryFn: api.openAlerts, refetchInterval: POLL_MS });
  const [chosen, setChosen] = useState<Alert>();
  return (
    <Section title={words.today.alerts}>
      <Loaded query={alerts}>
        {(open) =>
          open.length === 0 ? (
            <Text c="dimmed">{words.today.alertsNone}</Text>
          ) : (
            <ul className={styles['alerts']}>
              {open.map((alert) => (
                <AlertRow key={alert.id} alert={alert} onDecide={() => setChosen(alert)} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {chosen ? <TriageDialog key={chosen.id} alert={chosen} onClose={() => setChosen(undefined)} /> : null}
    </Section>
  );
}

function AlertRow({ alert, onDecide }: { alert: Alert; onDecide: () => void }) {
  const category = TERMS.categories[alert.category];
  return (
    <li>
      <div className={styles['alertWords']}>
        <Text fw={600}>{words.today.alert(category, alert.device)}</Text>
        <Text size="sm">
          {words.today.attempts(alert.attempts)}, {words.today.last(dayAndTime(alert.lastAt))}
        </Text>
        <Text size="sm" c="dimmed" lineClamp={2}>
          {TERMS.profiles[alert.profile]} · {alert.names.join(', ')}
        </Text>
      </div>
      <Button variant="default" onClick={onDecide} aria-label={words.today.triageFor(category, alert.device)}>
        {words.today.triage}
      </Button>
    </li>
  );
}
