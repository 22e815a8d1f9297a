import { Button, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { PasswordField } from '#ui/shell/password.tsx';
import { useApi } from '#ui/shell/server.ts';
import { fieldError, Trouble } from '#ui/shell/trouble.tsx';
import { words } from '#ui/words.ts';

/** Email and password; `onSignedIn` is called once the new session can be read. */
export function SignInForm({ onSignedIn }: { onSignedIn?: () => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => api.signIn(email.trim(), password),
    onSuccess: async () => {
      setPassword('');
      await queries.invalidateQueries({ queryKey: ['session'] });
      onSignedIn?.();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label={words.signIn.email}
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={fieldError(signIn.error, 'email')}
        />
        <PasswordField
          label={words.signIn.password}
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
          error={fieldError(signIn.error, 'password')}
        />
        <Trouble error={signIn.error} />
        <Button type="submit" loading={signIn.isPending}>
          {words.signIn.submit}
        </Button>
      </Stack>
    </form>
  );
}
