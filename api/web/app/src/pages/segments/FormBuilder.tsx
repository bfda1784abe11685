import { ActionIcon, Button, MultiSelect, NumberInput, SegmentedControl, Select, TagsInput, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { codeName } from '../../i18n';
import type { FilterField, FilterProblem } from './api';
import { choicesOf, newRow, rowOfPath, valuesOf, withOp, type FilterValue, type Form, type Row } from './form';
import { choiceLabel, fieldLabel, opLabel, useProblemText } from './words';
import css from './segments.module.css';

const PERIODS = ['today', 'yesterday', 'tomorrow', 'this week', 'last week', 'next week', 'this month', 'last month', 'next month', 'this year', 'last year', 'next year'];
const UNITS = ['hours', 'days', 'weeks', 'months', 'years'];
const keyOf = (f: { name: string; custom: boolean }) => (f.custom ? 'c ' : 'b ') + f.name;

interface ValueProps {
  field: FilterField;
  value: FilterValue;
  onChange: (v: FilterValue) => void;
  label: string;
}

// A day, or a span of time before or after now.
function DateValue({ value, onChange, label }: ValueProps) {
  const { t } = useTranslation();
  const choose = (kind: string | null) => {
    if (kind === 'ago' || kind === 'ahead') onChange({ kind, n: value.n || 7, unit: value.unit || 'days' });
    else if (kind === 'period') onChange({ kind, text: 'today' });
    else onChange({ kind: 'date', text: '' });
  };
  return (
    <>
      <Select size="xs" w={130} allowDeselect={false} aria-label={t('segments.valueKind')} value={value.kind === 'time' ? 'date' : value.kind} onChange={choose}
        data={[{ value: 'ago', label: t('segments.ago') }, { value: 'ahead', label: t('segments.ahead') }, { value: 'period', label: t('segments.period') }, { value: 'date', label: t('segments.date') }]} />
      {(value.kind === 'ago' || value.kind === 'ahead') && (
        <>
          <NumberInput size="xs" w={76} min={1} max={10000} aria-label={label} value={value.n ?? ''} onChange={(n) => onChange({ ...value, n: Number(n) || 0 })} />
          <Select size="xs" w={100} allowDeselect={false} aria-label={t('segments.unit')} value={value.unit ?? 'days'} onChange={(unit) => onChange({ ...value, unit: unit ?? 'days' })}
            data={(value.unit && !UNITS.includes(value.unit) ? [value.unit, ...UNITS] : UNITS).map((u) => ({ value: u, label: codeName('filterUnit', u) }))} />
        </>
      )}
      {value.kind === 'period' && (
        <Select size="xs" w={150} allowDeselect={false} aria-label={label} value={value.text ?? 'today'} onChange={(text) => onChange({ kind: 'period', text: text ?? 'today' })}
          data={(value.text && !PERIODS.includes(value.text) ? [value.text, ...PERIODS] : PERIODS).map((p) => ({ value: p, label: codeName('filterPeriod', p.replace(' ', '_')) }))} />
      )}
      {value.kind === 'date' && <TextInput size="xs" type="date" aria-label={label} value={value.text ?? ''} onChange={(e) => onChange({ kind: 'date', text: e.currentTarget.value })} />}
      {value.kind === 'time' && <TextInput size="xs" w={150} aria-label={label} value={value.text ?? ''} onChange={(e) => onChange({ kind: 'time', text: e.currentTarget.value })} />}
    </>
  );
}

function Value({ field, value, onChange, label }: ValueProps) {
  const { t } = useTranslation();
  if (field.type === 'date' || field.type === 'moment') return <DateValue field={field} value={value} onChange={onChange} label={label} />;
  if (field.type === 'bool') {
    return (
      <SegmentedControl size="xs" aria-label={label} value={value.text ?? 'true'} onChange={(text) => onChange({ kind: 'bool', text })}
        data={[{ value: 'true', label: t('segments.yes') }, { value: 'false', label: t('segments.no') }]} />
    );
  }
  if (field.type === 'choice' && field.choices && field.choices.length > 0) {
    return (
      <Select size="xs" searchable aria-label={label} value={value.text || null} onChange={(text) => onChange({ kind: 'text', text: text ?? '' })}
        data={field.choices.map((c) => ({ value: c, label: choiceLabel(field.name, c) }))} />
    );
  }
  const number = field.type === 'number' || field.type === 'money';
  return (
    <TextInput size="xs" aria-label={label} inputMode={number ? 'decimal' : undefined} value={value.text ?? ''} data-testid="condition-value"
      onChange={(e) => onChange({ kind: number ? 'number' : 'text', text: e.currentTarget.value })} />
  );
}

function Values({ row, field, onChange }: { row: Row; field: FilterField; onChange: (v: FilterValue[]) => void }) {
  const { t } = useTranslation();
  const label = t('segments.value');
  const need = valuesOf(row.op);
  if (need === 0) return <div className={css.values} />;
  if (need === 'many') {
    const kind = field.type === 'number' || field.type === 'money' ? 'number' as const : 'text' as const;
    const set = (all: string[]) => onChange(all.map((text) => ({ kind, text })));
    const now = row.values.map((v) => v.text ?? '');
    return (
      <div className={css.values}>
        {field.type === 'choice' && field.choices?.length
          ? <MultiSelect size="xs" w="100%" searchable aria-label={label} value={now} onChange={set} data={field.choices.map((c) => ({ value: c, label: choiceLabel(field.name, c) }))} />
          : <TagsInput size="xs" w="100%" aria-label={label} placeholder={now.length === 0 ? t('segments.enterEach') : ''} value={now} onChange={set} acceptValueOnBlur splitChars={[',', '，', ';', '；']} />}
      </div>
    );
  }
  return (
    <div className={css.values}>
      {row.values.map((v, i) => (
        <span key={i} style={{ display: 'contents' }}>
          {i > 0 && <span className={css.soft}>{t('segments.and')}</span>}
          <Value field={field} value={v} label={label} onChange={(x) => onChange(row.values.map((old, k) => (k === i ? x : old)))} />
        </span>
      ))}
    </div>
  );
}

interface Props {
  form: Form;
  fields: FilterField[];
  onChange: (f: Form) => void;
  problem?: FilterProblem;
}

/** Conditions as rows: field, operator, value. */
export function FormBuilder({ form, fields, onChange, problem }: Props) {
  const { t } = useTranslation();
  const words = useProblemText();
  const bad = problem ? rowOfPath(problem.path, form.rows.length) : -1;
  const setRow = (i: number, r: Row) => onChange({ ...form, rows: form.rows.map((old, k) => (k === i ? r : old)) });
  const groups = [
    { group: t('segments.groupContact'), items: fields.filter((f) => !f.custom && !f.history) },
    { group: t('segments.groupHistory'), items: fields.filter((f) => f.history && !f.answer) },
    { group: t('segments.groupAnswers'), items: fields.filter((f) => f.answer) },
    { group: t('segments.groupFields'), items: fields.filter((f) => f.custom) },
  ].filter((g) => g.items.length > 0).map((g) => ({ group: g.group, items: g.items.map((f) => ({ value: keyOf(f), label: fieldLabel(f.name, f.custom) })) }));
  return (
    <div className={css.rows} data-testid="form-builder">
      {form.rows.length > 1 && (
        <div className={css.join}>
          <span>{t('segments.joinBy')}</span>
          <SegmentedControl size="xs" value={form.join} onChange={(join) => onChange({ ...form, join: join as 'and' | 'or' })} aria-label={t('segments.joinBy')}
            data={[{ value: 'and', label: t('segments.all') }, { value: 'or', label: t('segments.any') }]} />
        </div>
      )}
      {form.rows.length === 0 && <span className={css.soft}>{t('segments.everyone')}</span>}
      {form.rows.map((r, i) => {
        const field = fields.find((f) => f.name === r.field && f.custom === r.custom) ?? { name: r.field, type: 'text' as const, custom: r.custom, history: false, ops: [r.op] };
        return (
          <div key={i} className={css.row} data-bad={i === bad || undefined} data-testid="condition">
            <Select size="xs" searchable allowDeselect={false} aria-label={t('segments.field')} value={keyOf(field)} data={groups}
              onChange={(v) => {
                const f = fields.find((x) => keyOf(x) === v);
                if (f && keyOf(f) !== keyOf(field)) setRow(i, newRow(f));
              }} />
            <Select size="xs" allowDeselect={false} aria-label={t('segments.operator')} value={(r.not ? 'not ' : '') + r.op}
              onChange={(v) => v && setRow(i, withOp(r, v.replace(/^not /, ''), v.startsWith('not '), field.type))}
              data={choicesOf(field).map((c) => ({ value: (c.not ? 'not ' : '') + c.op, label: opLabel(c.op, c.not, field.type) }))} />
            <Values row={r} field={field} onChange={(values) => setRow(i, { ...r, values })} />
            <ActionIcon variant="subtle" color="gray" aria-label={t('segments.removeCondition', { n: i + 1 })} onClick={() => onChange({ ...form, rows: form.rows.filter((_, k) => k !== i) })}>
              <IconTrash size={16} />
            </ActionIcon>
            {i === bad && problem && <div className={css.rowError} role="alert">{words(problem)}</div>}
          </div>
        );
      })}
      {bad < 0 && problem && <div className={css.rowError} role="alert">{words(problem)}</div>}
      <Button size="xs" variant="light" leftSection={<IconPlus size={14} />} style={{ justifySelf: 'start' }} disabled={fields.length === 0} data-testid="add-condition"
        onClick={() => fields[0] && onChange({ ...form, rows: [...form.rows, newRow(fields[0])] })}>{t('segments.addCondition')}</Button>
    </div>
  );
}
