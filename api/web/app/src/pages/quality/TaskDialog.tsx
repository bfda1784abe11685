import { Select, Textarea, TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAddTask, useFinishTask, type Task } from '../../api/quality';
import { newID } from '../../stream/context';
import { toastOK } from '../../ui/toast';
import { ChangeProblem, FormDialog } from '../lists/parts';

interface Props {
  agent: { id: string; name: string };
  card: string;
  evaluation: string;
  question: string;
  questions: { id: string; text: string }[];
  onClose: () => void;
}

/** "Coach about this": a task with a day. */
export function TaskDialog({ agent, card, evaluation, question, questions, onClose }: Props) {
  const { t } = useTranslation();
  const id = useRef(newID());
  const [about, setAbout] = useState(question);
  const [text, setText] = useState('');
  const [due, setDue] = useState('');
  const add = useAddTask();
  const send = () => add.mutate({
    id: id.current, agent_id: agent.id, text: text.trim(), ...(about ? { card_id: card, question: about } : {}), ...(evaluation ? { evaluation_id: evaluation } : {}), ...(due ? { due_on: `${due}T00:00:00Z` } : {}),
  }, { onSuccess: () => { toastOK(t('quality.taskAdded')); onClose(); } });
  return (
    <FormDialog title={t('quality.coachName', { name: agent.name })} action={t('quality.coach')} busy={add.isPending} disabled={!text.trim()} testid="task-dialog" onClose={onClose} onSubmit={send}>
      <Select label={t('quality.about')} placeholder={t('quality.aboutAll')} clearable searchable value={about || null} onChange={(v) => setAbout(v ?? '')} data={questions.map((q) => ({ value: q.id, label: q.text }))} data-testid="task-question" />
      <Textarea label={t('quality.taskText')} autosize minRows={2} maxRows={8} maxLength={1000} required data-autofocus value={text} onChange={(e) => setText(e.currentTarget.value)} data-testid="task-text" />
      <TextInput type="date" label={t('quality.dueOn')} value={due} onChange={(e) => setDue(e.currentTarget.value)} data-testid="task-due" />
      <ChangeProblem error={add.error} />
    </FormDialog>
  );
}

/** The task is done: what came of it. */
export function DoneDialog({ task, onClose }: { task: Task; onClose: () => void }) {
  const { t } = useTranslation();
  const [outcome, setOutcome] = useState('');
  const finish = useFinishTask();
  const send = () => finish.mutate({ id: task.id, outcome: outcome.trim() }, { onSuccess: onClose });
  return (
    <FormDialog title={t('quality.doneName', { name: task.agent })} hint={task.text} action={t('quality.done')} busy={finish.isPending} testid="done-dialog" onClose={onClose} onSubmit={send}>
      <Textarea label={t('quality.outcome')} autosize minRows={2} maxRows={8} maxLength={1000} data-autofocus value={outcome} onChange={(e) => setOutcome(e.currentTarget.value)} data-testid="task-outcome" />
      <ChangeProblem error={finish.error} />
    </FormDialog>
  );
}
