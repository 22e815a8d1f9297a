import { Table } from '@mantine/core';
import { type ComponentType, useState } from 'react';
import type { SettingsView } from '#contract/http.ts';
import type { ProfileId } from '#contract/profiles.ts';
import { BlockIcon, LockIcon, TickIcon } from '#ui/icons.tsx';
import { Scroll } from '#ui/shell/scroll.tsx';
import { Section } from '#ui/shell/section.tsx';
import { useApi } from '#ui/shell/server.ts';
import { TERMS, termIds } from '#ui/terms.ts';
import { words } from '#ui/words.ts';
import styles from './names.module.css';
import { type PendingChange, ReasonDialog } from './reason-dialog.tsx';

type CategoryRow = SettingsView['categories'][number];
type CellState = CategoryRow['state'][ProfileId];

const PROFILES = termIds(TERMS.profiles);
const ICONS: Readonly<Record<CellState, ComponentType>> = {
  blocked: BlockIcon,
  allowed: TickIcon,
  locked: LockIcon,
};

interface MatrixProps {
  readonly view: SettingsView;
  readonly mayChange: boolean;
}

/** Who may reach what: category by profile. A cell that may be changed is a button. */
export function Matrix({ view, mayChange }: MatrixProps) {
  const api = useApi();
  const [pending, setPending] = useState<PendingChange>();
  const change = (row: CategoryRow, profile: ProfileId) => {
    const to = row.state[profile] === 'blocked' ? 'allowed' : 'blocked';
    setPending({
      title: words.names.changeTitle(to, row.title, TERMS.profiles[profile]),
      verb: to === 'blocked' ? words.names.blockVerb : words.names.allowVerb,
      make: (why) => api.changeCategory({ profile, category: row.id, state: to, why }),
    });
  };
  return (
    <Section title={words.names.categories} hint={words.names.categoriesLead}>
      <Scroll label={words.names.categories}>
        <Table verticalSpacing={4} horizontalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              {[words.names.category, ...PROFILES.map((profile) => TERMS.profiles[profile])].map(
                (heading) => (
                  <Table.Th key={heading} scope="col">
                    {heading}
                  </Table.Th>
                ),
              )}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {view.categories.map((row) => (
              <Table.Tr key={row.id}>
                <Table.Th scope="row" fw={500} className={styles['category']}>
                  {row.title}
                </Table.Th>
                {PROFILES.map((profile) => (
                  <Table.Td key={profile}>
                    <Cell
                      row={row}
                      profile={profile}
                      onChange={mayChange ? () => change(row, profile) : undefined}
                    />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Scroll>
      {pending ? <ReasonDialog change={pending} onClose={() => setPending(undefined)} /> : null}
    </Section>
  );
}

interface CellProps {
  readonly row: CategoryRow;
  readonly profile: ProfileId;
  readonly onChange: (() => void) | undefined;
}

function Cell({ row, profile, onChange }: CellProps) {
  const state = row.state[profile];
  const Icon = ICONS[state];
  const said = words.names.states[state];
  if (!onChange || state === 'locked') {
    return (
      <span className={styles['cell']} data-state={state}>
        <Icon />
        {said}
      </span>
    );
  }
  return (
    <button
      type="button"
      className={styles['cell']}
      data-state={state}
      aria-label={words.names.changeCategory(row.title, TERMS.profiles[profile], said)}
      onClick={onChange}
    >
      <Icon />
      {said}
    </button>
  );
}
