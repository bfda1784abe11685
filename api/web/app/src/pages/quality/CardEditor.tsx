import { ActionIcon, Button, Checkbox, Group, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Card, Question, Section } from '../../api/quality';
import css from './quality.module.css';
import { newQuestionID, questionsOf } from './score';

function moved<T>(all: T[], i: number, by: number): T[] {
  const next = [...all];
  [next[i], next[i + by]] = [next[i + by]!, next[i]!];
  return next;
}

interface OrderProps {
  name: string;
  i: number;
  n: number;
  least: number;
  move: (by: number) => void;
  remove: () => void;
}

function Order({ name, i, n, least, move, remove }: OrderProps) {
  const { t } = useTranslation();
  return (
    <span className={css.order}>
      <ActionIcon size="sm" variant="subtle" color="gray" disabled={i === 0} onClick={() => move(-1)} aria-label={`${t('quality.up')}: ${name}`}><IconArrowUp size={15} /></ActionIcon>
      <ActionIcon size="sm" variant="subtle" color="gray" disabled={i === n - 1} onClick={() => move(1)} aria-label={`${t('quality.down')}: ${name}`}><IconArrowDown size={15} /></ActionIcon>
      <ActionIcon size="sm" variant="subtle" color="red" disabled={n <= least} onClick={remove} aria-label={`${t('act.remove')}: ${name}`}><IconTrash size={15} /></ActionIcon>
    </span>
  );
}

function QuestionRow({ q, n, set, order }: { q: Question; n: number; set: (q: Question) => void; order: Omit<OrderProps, 'name'> }) {
  const { t } = useTranslation();
  const name = q.text || `${n}`;
  const kind = (k: string | null) => set(k === 'points' ? { ...q, kind: 'points', best: q.best || 5, want: '' } : { ...q, kind: 'yesno', best: 0, want: k === 'no' ? 'no' : 'yes' });
  return (
    <li className={css.edit} data-testid="edit-question">
      <Group gap={8} align="flex-end" wrap="nowrap">
        <TextInput size="xs" style={{ flex: 1 }} label={t('quality.question', { n })} maxLength={300} value={q.text} onChange={(e) => set({ ...q, text: e.currentTarget.value })} data-testid="question-text" />
        <Order name={name} {...order} />
      </Group>
      <Group gap={10} align="flex-end">
        <Select size="xs" w={170} allowDeselect={false} label={t('quality.kind')} value={q.kind === 'points' ? 'points' : q.want === 'no' ? 'no' : 'yes'} onChange={kind}
          data={[{ value: 'yes', label: t('quality.kindYes') }, { value: 'no', label: t('quality.kindNo') }, { value: 'points', label: t('quality.kindPoints') }]} data-testid="question-kind" />
        <NumberInput size="xs" w={90} label={t('quality.best')} min={1} max={100} allowDecimal={false} disabled={q.kind !== 'points'} value={q.kind === 'points' ? (q.best ?? 5) : ''} onChange={(x) => set({ ...q, best: Number(x) || 1 })} data-testid="question-best" />
        <NumberInput size="xs" w={90} label={t('quality.weight')} min={0} max={1000} value={q.weight} onChange={(x) => set({ ...q, weight: Number(x) || 0 })} data-testid="question-weight" />
        <Checkbox size="xs" pb={7} label={t('quality.mayNA')} checked={!!q.na} onChange={(e) => set({ ...q, na: e.currentTarget.checked })} />
        <Checkbox size="xs" pb={7} label={t('quality.isFatal')} checked={!!q.fatal} onChange={(e) => set({ ...q, fatal: e.currentTarget.checked })} data-testid="question-fatal" />
      </Group>
      <Textarea size="xs" autosize minRows={1} maxRows={5} maxLength={1000} aria-label={`${t('quality.hint')}: ${name}`} placeholder={t('quality.hint')} value={q.hint ?? ''} onChange={(e) => set({ ...q, hint: e.currentTarget.value })} />
    </li>
  );
}

/** Sections and questions of a card. A question keeps its id in all versions, so that it can be followed over them. */
export function CardEditor({ card, set }: { card: Card; set: (c: Card) => void }) {
  const { t, i18n } = useTranslation();
  const sections = card.sections;
  const put = (i: number, s: Section) => set({ ...card, sections: sections.map((x, k) => (k === i ? s : x)) });
  const full = questionsOf(card).length >= 100;
  const fresh = (): Question => ({ id: newQuestionID(card), text: '', kind: 'yesno', want: 'yes', weight: 10 });
  const weights = questionsOf(card).reduce((n, q) => n + q.weight, 0);
  let n = 0;
  return (
    <div className={css.editor}>
      {sections.map((s, i) => (
        <section key={i} className={css.section} data-testid="edit-section">
          <Group gap={8} align="flex-end" wrap="nowrap">
            <TextInput size="sm" style={{ flex: 1 }} label={t('quality.section', { n: i + 1 })} maxLength={120} value={s.title} onChange={(e) => put(i, { ...s, title: e.currentTarget.value })} data-testid="section-title" />
            <Order name={s.title || `${i + 1}`} i={i} n={sections.length} least={1} move={(by) => set({ ...card, sections: moved(sections, i, by) })} remove={() => set({ ...card, sections: sections.filter((_, k) => k !== i) })} />
          </Group>
          <ul>
            {s.questions.map((q, k) => {
              n++;
              return <QuestionRow key={q.id} q={q} n={n} set={(x) => put(i, { ...s, questions: s.questions.map((y, m) => (m === k ? x : y)) })}
                order={{ i: k, n: s.questions.length, least: 1, move: (by) => put(i, { ...s, questions: moved(s.questions, k, by) }), remove: () => put(i, { ...s, questions: s.questions.filter((_, m) => m !== k) }) }} />;
            })}
          </ul>
          <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} />} disabled={full} onClick={() => put(i, { ...s, questions: [...s.questions, fresh()] })} data-testid="add-question">{t('quality.addQuestion')}</Button>
        </section>
      ))}
      <Group justify="space-between">
        <Button size="compact-sm" variant="light" leftSection={<IconPlus size={14} />} disabled={full || sections.length >= 20} onClick={() => set({ ...card, sections: [...sections, { title: '', questions: [fresh()] }] })} data-testid="add-section">{t('quality.addSection')}</Button>
        <span className={css.soft}>{t('quality.weights', { sum: new Intl.NumberFormat(i18n.language).format(weights) })}</span>
      </Group>
    </div>
  );
}
