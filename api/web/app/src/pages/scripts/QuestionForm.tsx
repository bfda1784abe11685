import { NumberInput, Select, Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Question, QuestionType } from '../../api/desk';
import { localText } from '../agent/names';
import { changeQuestion, moved, renameQuestion, retyped } from './edit';
import { Line, RowTools, Texts, useEditing, useFault } from './fields';
import { OptionRows } from './OptionRows';
import css from './scripts.module.css';

const TYPES: QuestionType[] = ['single', 'multiple', 'number', 'money', 'date', 'text', 'rating', 'matrix'];
const chosen = new Set<QuestionType>(['single', 'multiple', 'matrix']);

interface Props { page: number; index: number }

function Bound({ path, label, value, onChange }: { path: string; label: string; value: number | undefined; onChange: (v: number | undefined) => void }) {
  return <NumberInput size="xs" label={label} value={value ?? ''} error={useFault(path)} data-path={path} onChange={(v) => onChange(v === '' || Number.isNaN(Number(v)) ? undefined : Number(v))} />;
}

function Validation({ q, path, set }: { q: Question; path: string; set: (c: Partial<Question>, key?: string) => void }) {
  const { t } = useTranslation();
  const { type } = q;
  const bounded = type === 'number' || type === 'money' || type === 'rating' || type === 'text' || type === 'multiple';
  return (
    <div className={css.bounds}>
      {bounded && (
        <>
          <Bound path={`${path}.min`} label={t(`scripts.least.${type}`)} value={q.min} onChange={(v) => set({ min: v }, `${path}.min`)} />
          <Bound path={`${path}.max`} label={t(`scripts.most.${type}`)} value={q.max} onChange={(v) => set({ max: v }, `${path}.max`)} />
        </>
      )}
      {(type === 'number' || type === 'money') && <Bound path={`${path}.decimals`} label={t('scripts.decimals')} value={q.decimals} onChange={(v) => set({ decimals: v })} />}
      {type === 'money' && <Line path={`${path}.currency`} label={t('scripts.currency')} value={q.currency ?? ''} onChange={(v) => set({ currency: v.toUpperCase() }, `${path}.currency`)} />}
      {type === 'date' && (
        <>
          <Line path={`${path}.from`} label={t('scripts.dateFrom')} placeholder="2026-01-31, today-90" value={q.from ?? ''} onChange={(v) => set({ from: v }, `${path}.from`)} />
          <Line path={`${path}.to`} label={t('scripts.dateTo')} placeholder="today+30" value={q.to ?? ''} onChange={(v) => set({ to: v }, `${path}.to`)} />
        </>
      )}
      {type === 'text' && <Line path={`${path}.pattern`} label={t('scripts.pattern')} mono placeholder="^[0-9]{6}$" value={q.pattern ?? ''} onChange={(v) => set({ pattern: v }, `${path}.pattern`)} />}
    </div>
  );
}

function Choices({ q, path, set }: { q: Question; path: string; set: (c: Partial<Question>, key?: string) => void }) {
  const { t } = useTranslation();
  const { doc } = useEditing();
  const sets = doc.sets ?? [];
  const OWN = ' ';
  return (
    <>
      {(sets.length > 0 || q.set) && (
        <Select size="xs" label={t('scripts.optionsFrom')} allowDeselect={false} value={q.set ?? OWN} error={useFault(`${path}.set`)} data-path={`${path}.set`}
          data={[{ value: OWN, label: t('scripts.ownOptions') }, ...new Set([...sets.map((s) => s.id), ...(q.set ? [q.set] : [])])]}
          onChange={(v) => set(v === OWN ? { set: undefined, options: sets.find((s) => s.id === q.set)?.options ?? [{ value: 'yes', label: {} }] } : { set: v ?? undefined, options: undefined })} />
      )}
      {!q.set && <OptionRows path={`${path}.options`} label={t(q.type === 'matrix' ? 'scripts.columns' : 'scripts.options')} add={t('scripts.addOption')} alone={q.type === 'multiple'} options={q.options ?? []} onChange={(options, key) => set({ options }, key)} />}
      {q.type === 'matrix' && <OptionRows path={`${path}.rows`} label={t('scripts.rows')} add={t('scripts.addRow')} options={q.rows ?? []} onChange={(rows, key) => set({ rows }, key)} />}
    </>
  );
}

/** One question of the page: its words, kind, options, bounds and when it is shown. */
export function QuestionForm({ page, index }: Props) {
  const { t } = useTranslation();
  const { doc, change } = useEditing();
  const list = doc.steps[page]!.questions!;
  const q = list[index]!;
  const path = `steps[${page}].questions[${index}]`;
  const bad = useFault(path);
  const own = useFault(path, true);
  const set = (c: Partial<Question>, key = '') => change((d) => changeQuestion(d, page, index, c), key);
  const replace = (questions: Question[]) => change((d) => ({ ...d, steps: d.steps.map((s, i) => (i === page ? { ...s, questions: questions.length ? questions : undefined } : s)) }));
  const name = localText(q.text) || q.id;
  return (
    <details className={css.question} data-path={path} data-bad={bad ? true : undefined} open={list.length < 4 || undefined} data-testid="question-form">
      <summary><span className="truncate">{name}</span><span className={css.soft}>{t(`scripts.type.${q.type}`)}</span><RowTools name={name} first={index === 0} last={index === list.length - 1} onMove={(by) => replace(moved(list, index, by))} onRemove={() => replace(list.filter((_, i) => i !== index))} /></summary>
      <div className={css.inner}>
        {own && <div role="alert" className={css.fault}>{own}</div>}
        <div className={css.three}>
          <Line path={`${path}.id`} label={t('scripts.questionID')} mono value={q.id} onChange={(id) => change((d) => renameQuestion(d, page, index, id), `${path}.id`)} />
          <Select size="xs" label={t('scripts.kind')} allowDeselect={false} value={q.type} error={useFault(`${path}.type`)} data-path={`${path}.type`} data-testid="question-type"
            data={TYPES.map((value) => ({ value, label: t(`scripts.type.${value}`) }))} onChange={(v) => v && replace(list.map((x, i) => (i === index ? retyped(x, v as QuestionType) : x)))} />
          <Switch size="xs" mt={24} label={t('scripts.required')} checked={!!q.required} onChange={(e) => set({ required: e.currentTarget.checked })} />
        </div>
        <Texts path={`${path}.text`} label={t('scripts.questionText')} value={q.text} onChange={(text, key) => set({ text }, key)} testid="question-text" />
        {chosen.has(q.type) && <Choices q={q} path={path} set={set} />}
        <Validation q={q} path={path} set={set} />
        <Line path={`${path}.when`} label={t('scripts.visibleWhen')} mono placeholder="answers.may == 'yes'" value={q.when ?? ''} onChange={(when) => set({ when }, `${path}.when`)} />
        <Texts path={`${path}.hint`} label={t('scripts.hintFor')} value={q.hint} onChange={(hint, key) => set({ hint }, key)} />
      </div>
    </details>
  );
}
