import { Group, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { words } from '#ui/words.ts';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A dialog over the page, named by its title. Built of parts: Mantine's own header would be a second page header. */
export function Dialog({ title, onClose, children }: DialogProps) {
  return (
    <Modal.Root opened onClose={onClose} centered>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body pt="md">
          <Group justify="space-between" wrap="nowrap" align="flex-start" mb="md">
            <Modal.Title fw={650} fz="lg" miw={0}>
              {title}
            </Modal.Title>
            <Modal.CloseButton aria-label={words.close} />
          </Group>
          {children}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
