import { Button, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { SettingsView } from '#contract/http.ts';
import type { ProfileId } from '#contract/profiles.ts';
import type { OwnRule } from '#contract/settings.ts';
import { Section } from '#ui/shell/section.tsx';
import { useApi } from '#ui/shell/server.ts';
import { TERMS, termIds } from '#ui/terms.ts';
import { words } from '#ui/words.ts';
import styles from './names.module.css';
import { type PendingChange, ReasonDialog } from './reason-dialog.tsx';

/** More than this many are shown only when asked for: a long page is slow on an old laptop. */
const FIRST = 10;

interface RulesProps {
  readonly view: SettingsView;
  readonly mayChange: boolean;
}

/** The names that the provider decided for itself, profile by profile, each with its reason. */
export function Rules({ view, mayChange }: RulesProps) {
  const api = useApi();
  const [pending, setPending] = useState<PendingChange>();
  const remove = (profile: ProfileId, action: 'allow' | 'block', name: string) =>
    setPending({
      title: words.names.removeRule(name, action, TERMS.profiles[profile]),
      verb: words.names.remove,
      make: (why) => api.changeRule({ profile, action, name, why, keep: false }),
    });
  return (
    <Section title={words.names.rules} hint={words.names.rulesLead}>
      <div className={styles['profiles']}>
        {termIds(TERMS.profiles).map((profile) => (
          <div key={profile}>
            <Title order={3} size="h5" mb="xs">
              {TERMS.profiles[profile]}
            </Title>
            {(['block', 'allow'] as const).map((action) => (
              <RuleList
                key={action}
                profile={profile}
                action={action}
                rules={view.settings.profiles[profile]?.[action] ?? []}
                onRemove={mayChange ? (name) => remove(profile, action, name) : undefined}
              />
            ))}
          </div>
        ))}
      </div>
      {pending ? <ReasonDialog change={pending} onClose={() => setPending(undefined)} /> : null}
    </Section>
  );
}

interface RuleListProps {
  readonly profile: ProfileId;
  readonly action: 'allow' | 'block';
  readonly rules: readonly OwnRule[];
  readonly onRemove: ((name: string) => void) | undefined;
}

function RuleList({ profile, action, rules, onRemove }: RuleListProps) {
  const [all, setAll] = useState(false);
  const shown = all ? rules : rules.slice(0, FIRST);
  return (
    <>
      <Text size="sm" fw={600} mt="xs">
        {action === 'block' ? words.names.blockedNames : words.names.allowedNames}
      </Text>
      {rules.length === 0 ? (
        <Text size="sm" c="dimmed">
          {words.names.rulesNone}
        </Text>
      ) : (
        <ul className={styles['rules']}>
          {shown.map((rule) => (
            <li key={rule.name}>
              <div>
                <Text size="sm">{rule.name}</Text>
                <Text size="xs" c="dimmed">
                  {rule.why}
                </Text>
              </div>
              {onRemove ? (
                <Button
                  variant="default"
                  size="compact-sm"
                  flex="none"
                  aria-label={words.names.removeRule(rule.name, action, TERMS.profiles[profile])}
                  onClick={() => onRemove(rule.name)}
                >
                  {words.names.remove}
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      )}
      {shown.length < rules.length ? (
        <Button variant="default" size="compact-sm" onClick={() => setAll(true)}>
          {words.names.showAll(rules.length)}
        </Button>
      ) : null}
    </>
  );
}
