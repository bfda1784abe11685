import { ActionIcon, Badge, Button, Checkbox, Collapse, Kbd, Select, TagsInput, Text, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconChevronDown, IconChevronRight, IconPlus, IconX } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { DispositionCode, Effect } from '../../api/types';
import { codeName } from '../../i18n';
import { StatePill } from '../../ui/ui';
import { useFields } from '../segments/api';
import css from './campaigns.module.css';
import { errorAt, FLAGS, implied, meaning, withFlag, type Flag } from './deskform';
import type { Form } from './parts';

const EFFECTS: Effect[] = ['finish', 'retry', 'callback', 'dnc'];

interface RowProps {
  form: Form;
  i: number;
  last: boolean;
  names: string[];
}

/** What a result says of a call and what it asks for, below its row. */
function More({ form, i, names }: RowProps) {
  const { t } = useTranslation();
  const path = `settings.dispositions.${i}` as const;
  const d = form.values.settings.dispositions[i]!;
  const set = (to: DispositionCode) => {
    form.setFieldValue(path, to);
    for (const k of Object.keys(form.errors)) if (/\.(flags|required_fields|follow_up)/.test(k) && k.startsWith(path + '.')) form.clearFieldError(k);
  };
  const flagError = errorAt(form.errors, `${path}.flags`) as ReactNode;
  const toggle = (flag: Flag) => set(withFlag(d, flag, !meaning(d)[flag]));
  return (
    <div className={css.resultMore}>
      <div role="group" aria-label={t('deskform.flags')}>
        <Text size="xs" fw={600} c="dimmed">{t('deskform.flags')}</Text>
        <div className={css.flags}>
          {FLAGS.map((flag) => (
            <Checkbox key={flag} size="xs" label={codeName('flag', flag)} checked={meaning(d)[flag]} disabled={implied(d, flag)} onChange={() => toggle(flag)} data-testid={`result-${flag}-${i}`} />
          ))}
        </div>
        {flagError && <div className={css.error} role="alert">{flagError}</div>}
      </div>
      <TagsInput size="xs" label={t('deskform.required')} placeholder={d.required_fields?.length ? undefined : t('deskform.tagHint')} data={names} maxTags={20} value={d.required_fields ?? []} onChange={(v) => set({ ...d, required_fields: v.length ? v : undefined })}
        error={errorAt(form.errors, `${path}.required_fields`) as ReactNode} data-testid={`result-fields-${i}`} />
      <TextInput size="xs" label={t('deskform.followUp')} placeholder={t('deskform.followUpExample')} maxLength={40} value={d.follow_up ?? ''} onChange={(e) => set({ ...d, follow_up: e.currentTarget.value || undefined })}
        error={errorAt(form.errors, `${path}.follow_up`) as ReactNode} data-testid={`result-follow-${i}`} />
    </div>
  );
}

function Meaning({ d }: { d: DispositionCode }) {
  const { t } = useTranslation();
  const m = meaning(d);
  // The strongest word is enough: whoever said yes was reached.
  const said = m.success ? 'success' : m.refusal ? 'refusal' : m.right_party ? 'right_party' : m.contacted ? 'contacted' : '';
  return (
    <span className={css.meaning}>
      {said && <StatePill state={said === 'success' ? 'good' : said === 'refusal' ? 'bad' : 'plain'}>{codeName('flag', said)}</StatePill>}
      {!!d.required_fields?.length && <Badge size="sm" radius="sm" variant="default">{t('deskform.asksFields', { n: d.required_fields.length })}</Badge>}
      {d.follow_up && <Badge size="sm" radius="sm" variant="default">{t('deskform.asksFollowUp')}</Badge>}
    </span>
  );
}

function ResultRow({ form, i, last, names }: RowProps) {
  const { t } = useTranslation();
  const [chosen, setOpen] = useState(false);
  const path = `settings.dispositions.${i}`;
  const d = form.values.settings.dispositions[i]!;
  const wrong = ['flags', 'required_fields', 'follow_up'].some((k) => errorAt(form.errors, `${path}.${k}`) !== undefined);
  const open = chosen || wrong;
  const move = (to: number) => form.reorderListItem('settings.dispositions', { from: i, to });
  return (
    <>
      <div className={css.resultRow} data-testid="result-row">
        <span className={css.key}>{i < 9 ? <Kbd size="xs">{i + 1}</Kbd> : null}</span>
        <TextInput size="xs" aria-label={`${t('campaigns.code')} ${i + 1}`} maxLength={40} spellCheck={false} {...form.getInputProps(`${path}.code`)} data-testid={`result-code-${i}`} />
        <TextInput size="xs" aria-label={`${t('campaigns.label')} ${i + 1}`} maxLength={60} {...form.getInputProps(`${path}.label`)} data-testid={`result-label-${i}`} />
        <TextInput size="xs" aria-label={`${t('campaigns.labelZH')} ${i + 1}`} maxLength={60} {...form.getInputProps(`${path}.label_zh`)} />
        <Select size="xs" aria-label={`${t('campaigns.effect')} ${i + 1}`} allowDeselect={false} comboboxProps={{ width: 'max-content' }}
          data={EFFECTS.map((value) => ({ value, label: codeName('effect', value) }))} {...form.getInputProps(`${path}.effect`)} data-testid={`result-effect-${i}`} />
        <Meaning d={d} />
        <span className={css.rowActs}>
          <ActionIcon size="sm" variant="subtle" color="gray" aria-expanded={open} onClick={() => setOpen(!open)} aria-label={`${t('deskform.moreOf')} ${i + 1}`} title={t('deskform.moreOf')} data-testid={`result-more-${i}`}>{open ? <IconChevronDown size={15} /> : <IconChevronRight size={15} />}</ActionIcon>
          <ActionIcon size="sm" variant="subtle" color="gray" disabled={i === 0} onClick={() => move(i - 1)} aria-label={`${t('campaigns.moveUp')} ${i + 1}`}><IconArrowUp size={14} /></ActionIcon>
          <ActionIcon size="sm" variant="subtle" color="gray" disabled={last} onClick={() => move(i + 1)} aria-label={`${t('campaigns.moveDown')} ${i + 1}`}><IconArrowDown size={14} /></ActionIcon>
          <ActionIcon size="sm" variant="subtle" color="gray" onClick={() => form.removeListItem('settings.dispositions', i)} aria-label={`${t('campaigns.removeResult')} ${i + 1}`}><IconX size={14} /></ActionIcon>
        </span>
      </div>
      <Collapse expanded={open}>{open && <More form={form} i={i} last={last} names={names} />}</Collapse>
    </>
  );
}

/** The results that agents choose from, in the order of their keys. */
export function ResultsTable({ form }: { form: Form }) {
  const { t } = useTranslation();
  const rows = form.values.settings.dispositions;
  const names = (useFields(form.values.list_ids).data ?? []).filter((f) => f.custom).map((f) => f.name);
  const fresh: DispositionCode = { code: '', label: '', label_zh: '', effect: 'finish', success: false };
  return (
    <div>
      <div className={css.resultsScroll}>
        <div className={css.resultRow}>
          {(['key', 'code', 'label', 'labelZH', 'effect', 'means'] as const).map((k) => <span key={k} className={css.headCell}>{t(`deskform.head.${k}`)}</span>)}
          <span />
        </div>
        {rows.map((_, i) => <ResultRow key={i} form={form} i={i} last={i === rows.length - 1} names={names} />)}
      </div>
      {form.errors['settings.dispositions'] && <div className={css.error} role="alert">{form.errors['settings.dispositions']}</div>}
      <Text size="xs" c="dimmed" mt={6}>{t('deskform.keysHint')}</Text>
      <Button size="compact-sm" variant="light" mt={8} leftSection={<IconPlus size={14} />} onClick={() => form.insertListItem('settings.dispositions', fresh)} data-testid="add-result">
        {t('campaigns.addResult')}
      </Button>
    </div>
  );
}
