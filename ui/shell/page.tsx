import { Group, Stack, Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { words } from '#ui/words.ts';

/** Whether a page was shown before this one: only then does a new heading take the focus. */
let turned = false;

/** A screen with its heading. Moving to it names the window and brings keyboard and screen reader to the heading. */
export function Page({
  title,
  beside,
  children,
}: {
  title: string;
  beside?: ReactNode;
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${words.product}`;
    if (turned) heading.current?.focus();
    turned = true;
  }, [title]);
  return (
    <Stack gap="lg">
      <Group justify="space-between" gap="sm">
        <Title order={1} ref={heading} tabIndex={-1} style={{ outline: 'none' }}>
          {title}
        </Title>
        {beside}
      </Group>
      {children}
    </Stack>
  );
}
