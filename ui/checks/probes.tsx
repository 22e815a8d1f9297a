import { Group, Table, Text } from '@mantine/core';
import type { ProbeResult } from '#contract/checks.ts';
import { CrossIcon, TickIcon, UnknownIcon } from '#ui/icons.tsx';
import { Scroll } from '#ui/shell/scroll.tsx';
import { TERMS } from '#ui/terms.ts';
import { words } from '#ui/words.ts';
import styles from './checks.module.css';

/** Each name that was asked, what the policy wanted, and what the box answered. */
export function ProbeTable({ probes }: { probes: readonly ProbeResult[] }) {
  return (
    <Scroll label={words.checks.measured}>
      <Table verticalSpacing={6} horizontalSpacing="xs" fz="sm">
        <Table.Thead>
          <Table.Tr>
            {[words.checks.probe, words.checks.result, words.checks.expected].map((heading) => (
              <Table.Th key={heading} scope="col">
                {heading}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {probes.map((probe) => (
            <Table.Tr key={probe.name}>
              <Table.Th scope="row" fw={500} className={styles['name']}>
                {probe.name}
                <Text size="xs" c="dimmed" fw={400}>
                  {probe.category ? TERMS.categories[probe.category] : words.checks.control}
                </Text>
              </Table.Th>
              <Table.Td>
                <ResultMark probe={probe} />
              </Table.Td>
              <Table.Td>{TERMS.results[probe.expect]}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}

function ResultMark({ probe }: { probe: ProbeResult }) {
  const [Icon, colour] = probe.pass
    ? [TickIcon, 'var(--gh-good)']
    : probe.result === 'unknown'
      ? [UnknownIcon, 'var(--gh-warn)']
      : [CrossIcon, 'var(--gh-bad)'];
  return (
    <Group gap={6} wrap="nowrap" c={colour}>
      <Icon />
      <Text size="sm" fw={600} span>
        {TERMS.results[probe.result]}
        {probe.pass ? '' : `, ${words.checks.notPassed.toLowerCase()}`}
      </Text>
    </Group>
  );
}
