import { Button, Group, NativeSelect, Radio, Stack, Text, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Alert, FourC, Triage } from '#contract/incidents.ts';
import { Dialog } from '#ui/shell/dialog.tsx';
import { useApi } from '#ui/shell/server.ts';
import { fieldError, Trouble } from '#ui/shell/trouble.tsx';
import { TERMS, termIds } from '#ui/terms.ts';
import { words } from '#ui/words.ts';

const LONGEST = 280;

interface Draft {
  readonly decision: Triage['decision'];
  readonly fourC: FourC | '';
  readonly severity: string;
  readonly summary: string;
  readonly why: string;
}
const EMPTY: Draft = { decision: 'incident', fourC: '', severity: '', summary: '', why: '' };

/** One alert, one decision: an incident with its kind and severity, or a false positive with a reason. */
export function TriageDialog({ alert, onClose }: { alert: Alert; onClose: () => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(EMPTY);
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const decide = useMutation({
    mutationFn: (decision: Triage) => api.triage(alert.id, decision),
    onSuccess: async () => {
      await Promise.all(['alerts', 'counts'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    decide.mutate(decisionOf(draft));
  };
  return (
    <Dialog title={words.today.triageTitle} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <div>
            <Text fw={600}>{words.today.alert(TERMS.categories[alert.category], alert.device)}</Text>
            <Text size="sm">
              {words.today.attempts(alert.attempts)}: {alert.names.join(', ')}
            </Text>
          </div>
          <Radio.Group
            label={words.today.decision}
            value={draft.decision}
            onChange={(decision) =>
              change({ decision: decision === 'incident' ? 'incident' : 'false-positive' })
            }
          >
            <Stack gap="xs" mt={6}>
              <Radio value="incident" label={words.today.incident} />
              <Radio value="false-positive" label={words.today.falsePositive} />
            </Stack>
          </Radio.Group>
          {draft.decision === 'incident' ? (
            <IncidentFields draft={draft} change={change} error={decide.error} />
          ) : (
            <Textarea
              label={words.today.why}
              description={words.today.whyHint}
              required
              withAsterisk={false}
              minLength={3}
              maxLength={LONGEST}
              value={draft.why}
              onChange={(event) => change({ why: event.currentTarget.value })}
              error={fieldError(decide.error, 'why')}
            />
          )}
          <Trouble error={decide.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {words.cancel}
            </Button>
            <Button type="submit" loading={decide.isPending}>
              {words.today.record}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

interface FieldsProps {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  readonly error: Error | null;
}

function IncidentFields({ draft, change, error }: FieldsProps) {
  return (
    <>
      <Text size="sm" fw={600}>
        {words.today.danger}
      </Text>
      <NativeSelect
        label={words.today.fourC}
        required
        withAsterisk={false}
        value={draft.fourC}
        onChange={(event) => change({ fourC: event.currentTarget.value as FourC })}
        data={['', ...termIds(TERMS.fourCs)].map((value) => ({
          value,
          label: value === '' ? words.choose : TERMS.fourCs[value as FourC],
        }))}
        error={fieldError(error, 'fourC')}
      />
      <NativeSelect
        label={words.today.severity}
        required
        withAsterisk={false}
        value={draft.severity}
        onChange={(event) => change({ severity: event.currentTarget.value })}
        data={[
          { value: '', label: words.choose },
          ...Object.entries(TERMS.severities).map(([value, label]) => ({ value, label })),
        ]}
        error={fieldError(error, 'severity')}
      />
      <Textarea
        label={words.today.summary}
        description={words.today.summaryHint}
        required
        withAsterisk={false}
        minLength={3}
        maxLength={LONGEST}
        rows={3}
        value={draft.summary}
        onChange={(event) => change({ summary: event.currentTarget.value })}
        error={fieldError(error, 'summary')}
      />
    </>
  );
}

function decisionOf({ decision, fourC, severity, summary, why }: Draft): Triage {
  if (decision === 'false-positive') return { decision, why: why.trim() };
  return { decision, fourC: fourC as FourC, severity: Number(severity), summary: summary.trim() };
}
