import { Box, Button, Group, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense } from 'react';
import { Link, Route, Switch, useLocation } from 'wouter';
import type { Session } from '#contract/http.ts';
import type { Capability } from '#contract/roles.ts';
import { GateMark } from '#ui/icons.tsx';
import { words } from '#ui/words.ts';
import { can } from './can.ts';
import { LiveProvider } from './live.tsx';
import { Page } from './page.tsx';
import { SchemeToggle } from './scheme.tsx';
import { useApi } from './server.ts';
import styles from './shell.module.css';
import { Waiting } from './trouble.tsx';

const Today = lazy(() => import('#ui/today/today.tsx').then((screen) => ({ default: screen.Today })));
const Checks = lazy(() => import('#ui/checks/checks.tsx').then((screen) => ({ default: screen.Checks })));
const Names = lazy(() => import('#ui/names/names.tsx').then((screen) => ({ default: screen.Names })));

const MENU: readonly { path: string; title: string; needs?: Capability }[] = [
  { path: '/', title: words.today.title },
  { path: '/checks', title: words.checks.title, needs: 'read checks' },
  { path: '/names', title: words.names.title, needs: 'explain names' },
];

/** Everything a signed-in person sees: header, menu, and the screen of the address. */
export function Shell({ session }: { session: Session }) {
  return (
    <LiveProvider session={session}>
      <Header session={session} />
      <main id="content" className={styles['content']}>
        <Suspense fallback={<Waiting />}>
          <Switch>
            <Route path="/">
              <Today session={session} />
            </Route>
            <Route path="/checks">{guarded(session, 'read checks', <Checks session={session} />)}</Route>
            <Route path="/names">{guarded(session, 'explain names', <Names session={session} />)}</Route>
            <Route>
              <Page title={words.noSuchPage}>
                <Text>{words.noSuchPageWhat}</Text>
              </Page>
            </Route>
          </Switch>
        </Suspense>
      </main>
      <footer className={styles['footer']}>
        <Text size="xs" c="dimmed">
          {words.limits}
        </Text>
      </footer>
    </LiveProvider>
  );
}

function guarded(session: Session, capability: Capability, screen: ReactNode): ReactNode {
  return can(session, capability) ? screen : <Page title={words.notYours}>{null}</Page>;
}

function Header({ session }: { session: Session }) {
  const [path] = useLocation();
  const api = useApi();
  const queries = useQueryClient();
  const signOut = async () => {
    await api.signOut();
    queries.clear();
    globalThis.location.assign('/');
  };
  return (
    <header className={styles['header']}>
      <a href="#content" className={styles['skip']}>
        {words.skip}
      </a>
      <Group className={styles['brand']} gap="sm" wrap="nowrap">
        <GateMark />
        <Box miw={0}>
          <Text fw={650} lh={1.2}>
            {words.product}
          </Text>
          <Text size="xs" c="dimmed" truncate title={session.provider}>
            {session.provider}
          </Text>
        </Box>
      </Group>
      <nav aria-label={words.menu} className={styles['menu']}>
        {MENU.filter(({ needs }) => needs === undefined || can(session, needs)).map(({ path: to, title }) => (
          <Link key={to} href={to} className={styles['link']} aria-current={path === to ? 'page' : undefined}>
            {title}
          </Link>
        ))}
      </nav>
      <Group className={styles['person']} gap="xs" wrap="nowrap">
        <Text
          size="sm"
          c="dimmed"
          truncate
          visibleFrom="md"
          maw={220}
          title={words.signedInAs(session.person.name)}
        >
          {session.person.name}
        </Text>
        <SchemeToggle />
        <Button variant="default" size="xs" onClick={() => void signOut().catch(() => undefined)}>
          {words.signOut}
        </Button>
      </Group>
    </header>
  );
}
