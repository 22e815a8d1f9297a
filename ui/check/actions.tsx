import { Button, Fieldset, Group, Stack, TextInput } from '@mantine/core';
import { dayAfter } from '#ui/dates.ts';
import { fieldError } from '#ui/shell/trouble.tsx';
import { words } from '#ui/words.ts';

/** An action as typed; `key` tells two of them apart while one is removed. */
export interface ActionDraft {
  readonly key: number;
  readonly what: string;
  readonly owner: string;
  readonly due: string;
}

let made = 0;
/** A new action, due in a week unless somebody says otherwise. */
export function emptyAction(): ActionDraft {
  made += 1;
  return { key: made, what: '', owner: '', due: dayAfter(new Date(), 7) };
}

interface ActionsProps {
  readonly actions: readonly ActionDraft[];
  readonly change: (actions: readonly ActionDraft[]) => void;
  readonly error: Error | null;
}

/** What will be done about a failed check, by whom and until when. */
export function Actions({ actions, change, error }: ActionsProps) {
  const edit = (key: number, part: Partial<ActionDraft>) =>
    change(actions.map((action) => (action.key === key ? { ...action, ...part } : action)));
  const wanted = { required: true, withAsterisk: false };
  return (
    <Stack gap="md" align="stretch">
      {actions.map((action, index) => (
        <Fieldset key={action.key} legend={words.check.action(index + 1)}>
          <Stack gap="sm">
            <TextInput
              label={words.check.whatToDo}
              minLength={3}
              maxLength={280}
              value={action.what}
              onChange={(event) => edit(action.key, { what: event.currentTarget.value })}
              error={fieldError(error, `actions.${index}.what`)}
              {...wanted}
            />
            <Group grow align="flex-start">
              <TextInput
                label={words.check.owner}
                minLength={2}
                maxLength={80}
                value={action.owner}
                onChange={(event) => edit(action.key, { owner: event.currentTarget.value })}
                error={fieldError(error, `actions.${index}.owner`)}
                {...wanted}
              />
              <TextInput
                type="date"
                label={words.check.due}
                value={action.due}
                onChange={(event) => edit(action.key, { due: event.currentTarget.value })}
                error={fieldError(error, `actions.${index}.due`)}
                {...wanted}
              />
            </Group>
            <Button
              variant="default"
              size="xs"
              w="fit-content"
              onClick={() => change(actions.filter(({ key }) => key !== action.key))}
            >
              {words.check.remove(index + 1)}
            </Button>
          </Stack>
        </Fieldset>
      ))}
      <Button variant="default" w="fit-content" onClick={() => change([...actions, emptyAction()])}>
        {words.check.add}
      </Button>
    </Stack>
  );
}
