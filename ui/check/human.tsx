import { Button, Radio, Stack, Text, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Attestations, CheckFindings, CheckRecord, CheckRun } from '#contract/checks.ts';
import { Section } from '#ui/shell/section.tsx';
import { useApi } from '#ui/shell/server.ts';
import { useSession } from '#ui/shell/session.ts';
import { fieldError, Trouble } from '#ui/shell/trouble.tsx';
import { SignInForm } from '#ui/sign-in/form.tsx';
import { TERMS, termIds } from '#ui/terms.ts';
import { words } from '#ui/words.ts';
import { type ActionDraft, Actions, emptyAction } from './actions.tsx';

interface HumanProps {
  readonly run: CheckRun;
  readonly findings: CheckFindings;
  readonly onSigned: (record: CheckRecord) => void;
}

/** The part that no machine can answer: three taps, what will be done, and a signature. */
export function HumanPart({ run, findings, onSigned }: HumanProps) {
  const api = useApi();
  const session = useSession();
  const [answers, setAnswers] = useState<Partial<Attestations>>({});
  const speaks = findings.outcome !== 'pass' || speaksAgainst(answers);
  const [actions, setActions] = useState<readonly ActionDraft[]>(() => (speaks ? [emptyAction()] : []));
  const [notes, setNotes] = useState('');
  const [missing, setMissing] = useState<string>();
  const sign = useMutation({
    mutationFn: (attestations: Attestations) =>
      api.signCheck({
        run: run.id,
        attestations,
        actions: actions.map(({ what, owner, due }) => ({ what: what.trim(), owner: owner.trim(), due })),
        notes: notes.trim(),
      }),
    onSuccess: onSigned,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanting = firstMissing(answers, speaks && actions.length === 0);
    setMissing(wanting);
    if (wanting === undefined && complete(answers)) sign.mutate(answers);
  };
  const signedIn = session.data !== undefined && session.data !== null;
  return (
    <>
      <form id="human" onSubmit={submit}>
        <Stack gap="lg">
          <Section title={words.check.humanTitle} hint={words.check.humanLead}>
            {termIds(TERMS.questions).map((question) => (
              <Question
                key={question}
                question={question}
                answer={answers[question]}
                onAnswer={(answer) => setAnswers((before) => ({ ...before, [question]: answer }))}
              />
            ))}
          </Section>
          <Section
            title={words.check.actionsTitle}
            hint={speaks ? words.check.actionsNeeded : words.check.actionsFree}
          >
            <Actions actions={actions} change={setActions} error={sign.error} />
            <Textarea
              label={words.check.notes}
              maxLength={1000}
              rows={2}
              value={notes}
              onChange={(event) => setNotes(event.currentTarget.value)}
              error={fieldError(sign.error, 'notes')}
            />
          </Section>
        </Stack>
      </form>
      <Section title={words.check.signTitle}>
        {signedIn ? (
          <Stack gap="sm" align="flex-start">
            <Text>{words.signedInAs(session.data?.person.name ?? '')}</Text>
            <Text role="alert" c="var(--gh-bad)" fw={600}>
              {missing}
            </Text>
            <Trouble error={sign.error} />
            <Button type="submit" form="human" loading={sign.isPending}>
              {words.check.sign}
            </Button>
          </Stack>
        ) : (
          <Stack gap="sm">
            <Text>{words.check.signedOut}</Text>
            <SignInForm />
          </Stack>
        )}
      </Section>
    </>
  );
}

/** The same answers for which the box wants an action. */
function speaksAgainst(answers: Partial<Attestations>): boolean {
  return (
    answers.blockPageShown === 'no' || answers.signOfBypass === 'yes' || answers.wrongBlockReported === 'yes'
  );
}

function firstMissing(answers: Partial<Attestations>, actionMissing: boolean): string | undefined {
  if (!complete(answers)) return words.check.answerAll;
  return actionMissing ? words.check.actionFirst : undefined;
}

function complete(answers: Partial<Attestations>): answers is Attestations {
  return termIds(TERMS.questions).every((question) => answers[question] !== undefined);
}

interface QuestionProps {
  readonly question: keyof Attestations;
  readonly answer: string | undefined;
  readonly onAnswer: (answer: string) => void;
}

function Question({ question, answer, onAnswer }: QuestionProps) {
  return (
    <Radio.Group
      label={TERMS.questions[question]}
      description={question === 'blockPageShown' ? words.check.blockPageHint : undefined}
      value={answer ?? null}
      onChange={onAnswer}
    >
      <Stack gap="xs" mt={6}>
        {Object.entries(TERMS.answers[question]).map(([value, label]) => (
          <Radio key={value} value={value} label={label} />
        ))}
      </Stack>
    </Radio.Group>
  );
}
