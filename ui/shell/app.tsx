import { Box } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { ReachBanner } from './banner.tsx';
import { LapsedDialog } from './lapsed.tsx';
import { useApi } from './server.ts';
import { useSession } from './session.ts';
import { Shell } from './shell.tsx';
import { Loaded, Waiting } from './trouble.tsx';

const Claim = lazy(() => import('#ui/claim/claim.tsx').then((screen) => ({ default: screen.Claim })));
const SignIn = lazy(() => import('#ui/sign-in/sign-in.tsx').then((screen) => ({ default: screen.SignIn })));
const Check = lazy(() => import('#ui/check/check.tsx').then((screen) => ({ default: screen.Check })));

/** The page for `path`: `/check` needs nobody signed in; every other first asks whose box this is and who is there. */
export function App({ path }: { path: string }) {
  return (
    <>
      <Suspense fallback={<Centred />}>{/^\/check\/?$/.test(path) ? <Check /> : <Front />}</Suspense>
      <LapsedDialog />
      <ReachBanner />
    </>
  );
}

function Front() {
  const api = useApi();
  const claimed = useQuery({
    queryKey: ['claimed'],
    queryFn: api.claimed,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const session = useSession();
  if (claimed.data === undefined && !claimed.error) return <Centred />;
  return (
    <Loaded query={claimed}>
      {(state) =>
        state.claimed ? (
          <Loaded query={session}>{(who) => (who ? <Shell session={who} /> : <SignIn />)}</Loaded>
        ) : (
          <Claim />
        )
      }
    </Loaded>
  );
}

function Centred() {
  return (
    <Box component="main" p="xl">
      <Waiting />
    </Box>
  );
}
