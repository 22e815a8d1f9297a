import { Anchor, Group, Paper, Stack, Text } from '@mantine/core';
import { GateMark } from '#ui/icons.tsx';
import { Page } from '#ui/shell/page.tsx';
import { SchemeToggle } from '#ui/shell/scheme.tsx';
import styles from '#ui/shell/shell.module.css';
import { words } from '#ui/words.ts';
import { SignInForm } from './form.tsx';

/** What somebody sees who is not signed in. */
export function SignIn() {
  return (
    <main id="content" className={styles['narrow']}>
      <Group justify="space-between" mb="lg">
        <Group gap="sm">
          <GateMark />
          <Text fw={650}>{words.product}</Text>
        </Group>
        <SchemeToggle />
      </Group>
      <Page title={words.signIn.title}>
        <Paper withBorder p={{ base: 'md', sm: 'lg' }}>
          <Stack gap="md">
            <Text size="sm" c="dimmed">
              {words.signIn.hint}
            </Text>
            <SignInForm />
          </Stack>
        </Paper>
        <Anchor href="/check">{words.signIn.checkHere}</Anchor>
      </Page>
    </main>
  );
}
