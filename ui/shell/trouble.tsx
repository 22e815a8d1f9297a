import { Alert, Button, Group, Loader, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { NoAnswerError, ProblemError } from '#ui/api.ts';
import { WarnIcon } from '#ui/icons.tsx';
import { words } from '#ui/words.ts';

/** What the server said when it refused, in its own sentence; nothing when there is no error. */
export function Trouble({ error, again }: { error: Error | null; again?: (() => void) | undefined }) {
  if (!error) return null;
  return (
    <Alert role="alert" color="red" variant="outline" icon={<WarnIcon />} title={words.problem}>
      <Text size="sm">{sentence(error)}</Text>
      {again ? (
        <Button variant="default" size="xs" mt="xs" onClick={again}>
          {words.again}
        </Button>
      ) : null}
    </Alert>
  );
}

function sentence(error: Error): string {
  if (error instanceof NoAnswerError) return `${words.reachTitle}. ${words.reach}`;
  const wrong = error instanceof ProblemError ? Object.values(error.fields) : [];
  // The detail names fields by their path in the request; the fields themselves have said it better.
  return wrong.length > 0 ? [...new Set(wrong)].join('. ') : error.message;
}

/** The server's sentence for one field, by its path; undefined when that field is not wrong. */
export function fieldError(error: Error | null, path: string): string | undefined {
  return error instanceof ProblemError ? error.fields[path] : undefined;
}

/** Shows what a query brought, or that it is still under way, or why it did not come. Old content stays during a fault. */
export function Loaded<T>({
  query,
  children,
}: {
  query: UseQueryResult<T>;
  children: (value: T) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <Trouble error={query.error} again={() => void query.refetch()} />;
  return <Waiting />;
}

export function Waiting() {
  return (
    <Group role="status" gap="xs" py="md">
      <Loader size="sm" aria-hidden="true" />
      <Text c="dimmed" size="sm">
        {words.loading}
      </Text>
    </Group>
  );
}
