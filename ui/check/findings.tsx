import { Text } from '@mantine/core';
import type { ComponentType } from 'react';
import type { CheckFindings, CheckOutcome, CheckRun } from '#contract/checks.ts';
import { ProbeTable } from '#ui/checks/probes.tsx';
import { CrossIcon, TickIcon, UnknownIcon, WarnIcon } from '#ui/icons.tsx';
import { Section } from '#ui/shell/section.tsx';
import { TERMS } from '#ui/terms.ts';
import { words } from '#ui/words.ts';
import styles from './check.module.css';

const ICONS: Readonly<Record<CheckOutcome, ComponentType>> = {
  pass: TickIcon,
  fail: CrossIcon,
  bypassing: WarnIcon,
  unknown: UnknownIcon,
};

/** What the box saw of this device, in one plain sentence, then name by name. */
export function Findings({ run, findings }: { run: CheckRun; findings: CheckFindings }) {
  const Icon = ICONS[findings.outcome];
  return (
    <Section title={words.checks.result} hint={words.check.device(run.client, TERMS.profiles[run.profile])}>
      <div className={styles['outcome']} data-outcome={findings.outcome} role="status">
        <Icon />
        <div>
          <Text fw={650}>
            {TERMS.outcomes[findings.outcome]}: {words.check[findings.outcome]}
          </Text>
          <Text size="sm">{findings.because}</Text>
        </div>
      </div>
      <Text size="sm">
        {words.checks.nonce}: {findings.nonceSeen ? words.checks.nonceSeen : words.checks.nonceNotSeen}
      </Text>
      <ProbeTable probes={findings.probes} />
    </Section>
  );
}
