import { Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { SignInForm } from '#ui/sign-in/form.tsx';
import { words } from '#ui/words.ts';
import { Dialog } from './dialog.tsx';
import { useServer, useWatched } from './server.ts';

/** The session ended while the page was open: sign in over it, and what was typed behind is still there. */
export function LapsedDialog() {
  const { lapsed } = useServer();
  const open = useWatched(lapsed);
  const queries = useQueryClient();
  const signedIn = () => {
    lapsed.set(false);
    void queries.invalidateQueries();
  };
  if (!open) return null;
  return (
    <Dialog title={words.lapsedTitle} onClose={() => lapsed.set(false)}>
      <Text size="sm" mb="md">
        {words.lapsed}
      </Text>
      <SignInForm onSignedIn={signedIn} />
    </Dialog>
  );
}
