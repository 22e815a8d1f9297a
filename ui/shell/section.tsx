import { Box, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';

interface SectionProps {
  readonly title: string;
  readonly hint?: string | undefined;
  /** Stands at the heading's right: a link or a button. */
  readonly beside?: ReactNode;
  readonly children: ReactNode;
}

/** One card of a page: a region named by its heading. */
export function Section({ title, hint, beside, children }: SectionProps) {
  const id = useId();
  return (
    <Paper component="section" aria-labelledby={id} withBorder p={{ base: 'md', sm: 'lg' }}>
      <Stack gap="md">
        <Group justify="space-between" align="flex-start" gap="xs">
          <Box>
            <Title order={2} id={id}>
              {title}
            </Title>
            {hint ? (
              <Text size="sm" c="dimmed">
                {hint}
              </Text>
            ) : null}
          </Box>
          {beside}
        </Group>
        {children}
      </Stack>
    </Paper>
  );
}
