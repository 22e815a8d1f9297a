import { NativeSelect, Table } from '@mantine/core';
import { useState } from 'react';
import type { SettingsView } from '#contract/http.ts';
import type { ProfileId } from '#contract/profiles.ts';
import type { ProfileSettings, YoutubeRestriction } from '#contract/settings.ts';
import { Scroll } from '#ui/shell/scroll.tsx';
import { Section } from '#ui/shell/section.tsx';
import { useApi } from '#ui/shell/server.ts';
import { TERMS, termIds } from '#ui/terms.ts';
import { words } from '#ui/words.ts';
import { type PendingChange, ReasonDialog } from './reason-dialog.tsx';

type Held = Pick<ProfileSettings, 'safeSearch' | 'youtube'>;

interface SearchProps {
  readonly view: SettingsView;
  readonly mayChange: boolean;
}

/** What each profile's searches are held to. */
export function Search({ view, mayChange }: SearchProps) {
  const api = useApi();
  const [pending, setPending] = useState<PendingChange>();
  const change = (profile: ProfileId, title: string, held: Held) =>
    setPending({
      title,
      verb: words.names.changeVerb,
      make: (why) => api.changeSafeSearch({ profile, ...held, why }),
    });
  return (
    <Section title={words.names.search} hint={words.names.searchLead}>
      <Scroll label={words.names.search}>
        <Table verticalSpacing={4} horizontalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              {[words.names.profile, words.names.safeSearch, words.names.youtube].map((heading) => (
                <Table.Th key={heading} scope="col">
                  {heading}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {termIds(TERMS.profiles).map((profile) => (
              <Row
                key={profile}
                profile={profile}
                held={view.settings.profiles[profile]}
                onChange={mayChange ? (title, held) => change(profile, title, held) : undefined}
              />
            ))}
          </Table.Tbody>
        </Table>
      </Scroll>
      {pending ? <ReasonDialog change={pending} onClose={() => setPending(undefined)} /> : null}
    </Section>
  );
}

interface RowProps {
  readonly profile: ProfileId;
  readonly held: Held;
  readonly onChange: ((title: string, held: Held) => void) | undefined;
}

function Row({ profile, held, onChange }: RowProps) {
  const who = TERMS.profiles[profile];
  const { safeSearch, youtube } = held;
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500}>
        {who}
      </Table.Th>
      <Table.Td>
        <Choice
          label={words.names.choiceFor(words.names.safeSearch, who)}
          value={safeSearch ? 'on' : 'off'}
          terms={TERMS.safeSearch}
          onChange={
            onChange &&
            ((to: 'on' | 'off') =>
              onChange(words.names.setSafeSearch(TERMS.safeSearch[to], who), {
                youtube,
                safeSearch: to === 'on',
              }))
          }
        />
      </Table.Td>
      <Table.Td>
        <Choice
          label={words.names.choiceFor(words.names.youtube, who)}
          value={youtube}
          terms={TERMS.youtube}
          onChange={
            onChange &&
            ((to: YoutubeRestriction) =>
              onChange(words.names.setYoutube(TERMS.youtube[to], who), { safeSearch, youtube: to }))
          }
        />
      </Table.Td>
    </Table.Tr>
  );
}

interface ChoiceProps<K extends string> {
  readonly label: string;
  readonly value: K;
  readonly terms: Readonly<Record<K, string>>;
  readonly onChange: ((to: K) => void) | undefined;
}

/** What is chosen; a select where it may be changed. */
function Choice<K extends string>({ label, value, terms, onChange }: ChoiceProps<K>) {
  if (!onChange) return <>{terms[value]}</>;
  return (
    <NativeSelect
      aria-label={label}
      size="sm"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value as K)}
      data={termIds(terms).map((id) => ({ value: id, label: terms[id] }))}
    />
  );
}
