import { Button, List, Table, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ListView } from '#contract/http.ts';
import { age } from '#ui/dates.ts';
import { Disclosure } from '#ui/shell/disclosure.tsx';
import { Scroll } from '#ui/shell/scroll.tsx';
import { Section } from '#ui/shell/section.tsx';
import { useApi } from '#ui/shell/server.ts';
import { Loaded, Trouble } from '#ui/shell/trouble.tsx';
import { TERMS } from '#ui/terms.ts';
import { words } from '#ui/words.ts';
import styles from './names.module.css';

/** The lists in force: how many names, how old, and what is wrong with them. */
export function Lists({ mayRefresh }: { mayRefresh: boolean }) {
  const api = useApi();
  const queries = useQueryClient();
  const lists = useQuery({ queryKey: ['lists'], queryFn: api.lists });
  const refresh = useMutation({
    mutationFn: api.refreshLists,
    onSuccess: () => queries.invalidateQueries({ queryKey: ['lists'] }),
  });
  const button = (
    <Button variant="default" onClick={() => refresh.mutate()} loading={refresh.isPending}>
      {words.names.refresh}
    </Button>
  );
  return (
    <Section title={words.names.lists} beside={mayRefresh ? button : undefined}>
      <Trouble error={refresh.error} />
      <Text role="status" size="sm" display={refresh.isSuccess ? 'block' : 'none'}>
        {refresh.isSuccess ? words.names.refreshed : ''}
      </Text>
      <Loaded query={lists}>
        {(loaded) =>
          loaded.length === 0 ? <Text c="dimmed">{words.names.listsNone}</Text> : <ListTable lists={loaded} />
        }
      </Loaded>
    </Section>
  );
}

function ListTable({ lists }: { lists: readonly ListView[] }) {
  const now = new Date();
  return (
    <Scroll label={words.names.lists}>
      <Table verticalSpacing="xs" horizontalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{words.names.list}</Table.Th>
            <Table.Th scope="col" className={styles['number']}>
              {words.names.holds}
            </Table.Th>
            <Table.Th scope="col">{words.names.state}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lists.map((list) => (
            <Table.Tr key={list.id}>
              <Table.Th scope="row" fw={500} className={styles['listName']}>
                {list.name}
                <Text size="xs" c="dimmed" fw={400}>
                  {TERMS.categories[list.category]}
                </Text>
              </Table.Th>
              <Table.Td className={styles['number']}>{list.names.toLocaleString('en-GB')}</Table.Td>
              <Table.Td maw={360}>
                <ListState list={list} />
                <Text size="xs" c="dimmed">
                  {list.fetchedAt === null
                    ? words.names.never
                    : words.names.fetched(age(list.fetchedAt, now))}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}

function ListState({ list }: { list: ListView }) {
  return (
    <>
      <Text size="sm" fw={600} c={list.trouble === null ? 'var(--gh-good)' : 'var(--gh-bad)'}>
        {list.trouble ?? words.names.fine}
      </Text>
      {list.notUnderstood > 0 ? <Text size="sm">{words.names.notUnderstood(list.notUnderstood)}</Text> : null}
      {list.warnings.length > 0 ? (
        <Disclosure
          summary={
            <Text span size="sm" c="var(--gh-warn)">
              {words.names.warnings(list.warnings.length)}
            </Text>
          }
        >
          <List size="sm">
            {list.warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        </Disclosure>
      ) : null}
    </>
  );
}
