import { Box } from '@mantine/core';
import type { ReactNode } from 'react';
import { words } from '#ui/words.ts';

/** A table that may be wider than a phone: scrolled sideways, by keyboard too. */
export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Box component="section" aria-label={words.tableOf(label)} tabIndex={0} style={{ overflowX: 'auto' }}>
      {children}
    </Box>
  );
}
