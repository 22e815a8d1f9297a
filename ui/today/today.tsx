import { Box, Stack } from '@mantine/core';
import type { Session } from '#contract/http.ts';
import { Panel } from '#ui/panel/panel.tsx';
import { can } from '#ui/shell/can.ts';
import { Page } from '#ui/shell/page.tsx';
import { words } from '#ui/words.ts';
import { Alerts } from './alerts.tsx';
import { Counts } from './counts.tsx';
import { Strip } from './strip.tsx';
import styles from './today.module.css';

/** How things stand: the panel, the weeks' checks, incidents, and what waits for a decision. */
export function Today({ session }: { session: Session }) {
  return (
    <Page title={words.today.title}>
      <Box className={styles['halves']}>
        <Stack gap="lg">
          <Panel session={session} />
          {can(session, 'read checks') ? <Strip /> : null}
        </Stack>
        <Stack gap="lg">
          {can(session, 'triage alerts') ? <Alerts /> : null}
          {can(session, 'read counts') ? <Counts /> : null}
        </Stack>
      </Box>
    </Page>
  );
}
