import { Button, Group, Stack, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { SettingsView } from '#contract/http.ts';
import { Dialog } from '#ui/shell/dialog.tsx';
import { fieldError, Trouble } from '#ui/shell/trouble.tsx';
import { words } from '#ui/words.ts';

/** A change of policy that waits for its reason. */
export interface PendingChange {
  readonly title: string;
  /** The word on the button that does it. */
  readonly verb: string;
  readonly make: (why: string) => Promise<SettingsView>;
}

/** Asks why, makes the change, and shows its effect everywhere on the page. */
export function ReasonDialog({ change, onClose }: { change: PendingChange; onClose: () => void }) {
  const queries = useQueryClient();
  const [why, setWhy] = useState('');
  const make = useMutation({
    mutationFn: () => change.make(why.trim()),
    onSuccess: async () => {
      await Promise.all(
        ['settings', 'changes', 'explain', 'status'].map((key) =>
          queries.invalidateQueries({ queryKey: [key] }),
        ),
      );
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <Dialog title={change.title} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Textarea
            label={words.names.reason}
            description={words.names.reasonHint}
            required
            withAsterisk={false}
            minLength={3}
            maxLength={280}
            rows={3}
            data-autofocus
            value={why}
            onChange={(event) => setWhy(event.currentTarget.value)}
            error={fieldError(make.error, 'why')}
          />
          <Trouble error={make.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {words.cancel}
            </Button>
            <Button type="submit" loading={make.isPending}>
              {change.verb}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
