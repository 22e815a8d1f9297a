import { VisuallyHidden } from '@mantine/core';
import type { ComponentType } from 'react';
import type { CheckWeek } from '#contract/checks.ts';
import { ClockIcon, CrossIcon, DashIcon, DotIcon, TickIcon } from '#ui/icons.tsx';
import styles from './checks.module.css';

const ICONS: Readonly<Record<CheckWeek['state'], ComponentType>> = {
  done: TickIcon,
  failed: CrossIcon,
  due: ClockIcon,
  missed: DashIcon,
  'not-yet-due': DotIcon,
};

/** A week's state as a mark: its sign and frame differ, not only its colour. `label` is read out. */
export function WeekMark({ state, label }: { state: CheckWeek['state']; label?: string }) {
  const Icon = ICONS[state];
  return (
    <span className={styles['mark']} data-state={state}>
      <Icon />
      {label ? <VisuallyHidden>{label}</VisuallyHidden> : null}
    </span>
  );
}
