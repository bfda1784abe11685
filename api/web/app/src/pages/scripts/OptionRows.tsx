import { ActionIcon, Button, Checkbox } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ScriptOption } from '../../api/desk';
import { freeID, patch } from './edit';
import { Line, Texts, useFault } from './fields';
import css from './scripts.module.css';

interface Props {
  path: string;
  label: string;
  add: string;
  options: ScriptOption[];
  onChange: (options: ScriptOption[], key?: string) => void;
  /** Options that exclude the others make sense here. */
  alone?: boolean;
}

/** Choices of a question, columns or rows of a matrix, or those of a shared set. */
export function OptionRows({ path, label, add, options, onChange, alone }: Props) {
  const { t } = useTranslation();
  const own = useFault(path, true);
  const set = (i: number, change: Partial<ScriptOption>, key = '') => onChange(options.map((o, k) => (k === i ? { ...patch(o, change), value: change.value ?? o.value, label: change.label ?? o.label ?? {} } : o)), key);
  return (
    <div className={css.options} data-path={path} tabIndex={-1} role="group" aria-label={label}>
      <div className={css.smallLabel}>{label}</div>
      {own && <div role="alert" className={css.fault}>{own}</div>}
      {options.map((o, i) => (
        <div key={i} className={css.option}>
          <Line bare path={`${path}[${i}].value`} label={`${t('scripts.value')} ${i + 1}`} placeholder={t('scripts.value')} mono w={86} value={o.value} onChange={(v) => set(i, { value: v }, `${path}${i}.value`)} />
          <Texts bare path={`${path}[${i}].label`} label={`${label} ${i + 1}`} value={o.label} onChange={(v, key) => set(i, { label: v ?? {} }, key)} />
          {alone && <Checkbox size="xs" label={t('scripts.alone')} checked={!!o.alone} onChange={(e) => set(i, { alone: e.currentTarget.checked || undefined })} />}
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`${t('act.remove')}: ${o.value}`} onClick={() => onChange(options.filter((_, k) => k !== i))}><IconTrash size={14} /></ActionIcon>
        </div>
      ))}
      <Button size="compact-xs" variant="subtle" leftSection={<IconPlus size={13} />} onClick={() => onChange([...options, { value: freeID(options.map((o) => o.value), `option${options.length + 1}`), label: {} }])}>{add}</Button>
    </div>
  );
}
