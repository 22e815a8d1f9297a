import { PasswordInput } from '@mantine/core';
import { useId } from 'react';
import { words } from '#ui/words.ts';

interface PasswordFieldProps {
  readonly label: string;
  readonly description?: string;
  readonly autoComplete: 'current-password' | 'new-password';
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | undefined;
}

/** A password that must be given. Mantine's own field shows what is wrong but does not say it to a screen reader. */
export function PasswordField({ description, error, onChange, ...rest }: PasswordFieldProps) {
  const id = useId();
  const ids = { description: `${id}-description`, error: `${id}-error` };
  const describedBy = [description && ids.description, error && ids.error].filter(Boolean).join(' ');
  return (
    <PasswordInput
      required
      withAsterisk={false}
      description={description}
      descriptionProps={{ id: ids.description }}
      error={error}
      errorProps={{ id: ids.error }}
      aria-invalid={error ? true : undefined}
      aria-describedby={describedBy || undefined}
      visibilityToggleButtonProps={{ 'aria-label': words.showPassword }}
      onChange={(event) => onChange(event.currentTarget.value)}
      {...rest}
    />
  );
}
