import { ActionIcon, Button, Checkbox, NumberInput, Select, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconArrowDown, IconArrowUp, IconPlus, IconX } from '@tabler/icons-react';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import type { CampaignDraft, DispositionCode, Effect } from '../../api/types';
import { codeName } from '../../i18n';
import css from './campaigns.module.css';
import { RECYCLED } from './draft';

export type Form = UseFormReturnType<CampaignDraft>;

const EFFECTS: Effect[] = ['finish', 'retry', 'callback', 'dnc'];

export function RecycleTable({ form }: { form: Form }) {
  const { t } = useTranslation();
  const recycle = form.values.settings.recycle;
  return (
    <div>
      <div className={css.recycle}>
        <span className={css.headCell}>{t('campaigns.outcome')}</span>
        <span className={css.headCell}>{t('campaigns.after')}</span>
        <span className={css.headCell}>{t('campaigns.limit')}</span>
        <span className={css.headCell}>{t('steer.nextPhone')}</span>
        {RECYCLED.map((o) => {
          const r = recycle[o] ?? { after: 3600, limit: 0 };
          const set = (change: Partial<typeof r>) => form.setFieldValue('settings.recycle', { ...recycle, [o]: { ...r, ...change } });
          const error = form.errors[`settings.recycle.${o}.after`] ?? form.errors[`settings.recycle.${o}`];
          return (
            <Fragment key={o}>
              <span>{codeName('outcome', o)}</span>
              <NumberInput size="xs" min={0} max={525_600} decimalScale={2} suffix={` ${t('ui.minutes')}`} value={r.after / 60} disabled={r.limit === 0}
                onChange={(v) => set({ after: Math.round(Number(v) * 60) })} error={error}
                aria-label={`${codeName('outcome', o)}: ${t('campaigns.after')}`} data-testid={`recycle-${o}-after`} />
              <NumberInput size="xs" min={0} max={100} allowDecimal={false} suffix={` ${t('ui.times')}`} value={r.limit} onChange={(v) => set({ limit: Number(v) })}
                error={form.errors[`settings.recycle.${o}.limit`]}
                aria-label={`${codeName('outcome', o)}: ${t('campaigns.limit')}`} data-testid={`recycle-${o}-limit`} />
              <span className={css.check}>
                <Checkbox size="xs" checked={r.next_phone ?? false} disabled={r.limit === 0} onChange={(e) => set({ next_phone: e.currentTarget.checked || undefined })}
                  aria-label={`${codeName('outcome', o)}: ${t('steer.nextPhone')}`} data-testid={`recycle-${o}-next`} />
              </span>
            </Fragment>
          );
        })}
      </div>
      <Text size="xs" c="dimmed" mt={8}>{t('campaigns.recycleHint')} {t('steer.nextPhoneHint')}</Text>
    </div>
  );
}

function ResultRow({ form, i, last }: { form: Form; i: number; last: boolean }) {
  const { t } = useTranslation();
  const path = `settings.dispositions.${i}`;
  const move = (to: number) => form.reorderListItem('settings.dispositions', { from: i, to });
  return (
    <div>
      <TextInput size="xs" aria-label={`${t('campaigns.code')} ${i + 1}`} maxLength={40} {...form.getInputProps(`${path}.code`)} data-testid={`result-code-${i}`} />
      <TextInput size="xs" aria-label={`${t('campaigns.label')} ${i + 1}`} maxLength={60} {...form.getInputProps(`${path}.label`)} />
      <TextInput size="xs" aria-label={`${t('campaigns.labelZH')} ${i + 1}`} maxLength={60} {...form.getInputProps(`${path}.label_zh`)} />
      <Select size="xs" aria-label={`${t('campaigns.effect')} ${i + 1}`} allowDeselect={false} comboboxProps={{ width: 'max-content' }}
        data={EFFECTS.map((value) => ({ value, label: codeName('effect', value) }))} {...form.getInputProps(`${path}.effect`)} />
      <span className={css.check}>
        <Checkbox size="xs" aria-label={`${t('campaigns.success')} ${i + 1}`} {...form.getInputProps(`${path}.success`, { type: 'checkbox' })} />
      </span>
      <span style={{ display: 'flex', alignItems: 'center', height: 30 }}>
        <ActionIcon size="sm" variant="subtle" color="gray" disabled={i === 0} onClick={() => move(i - 1)} aria-label={`${t('campaigns.moveUp')} ${i + 1}`}><IconArrowUp size={14} /></ActionIcon>
        <ActionIcon size="sm" variant="subtle" color="gray" disabled={last} onClick={() => move(i + 1)} aria-label={`${t('campaigns.moveDown')} ${i + 1}`}><IconArrowDown size={14} /></ActionIcon>
        <ActionIcon size="sm" variant="subtle" color="gray" onClick={() => form.removeListItem('settings.dispositions', i)} aria-label={`${t('campaigns.removeResult')} ${i + 1}`}><IconX size={14} /></ActionIcon>
      </span>
    </div>
  );
}

export function ResultsTable({ form }: { form: Form }) {
  const { t } = useTranslation();
  const rows = form.values.settings.dispositions;
  const fresh: DispositionCode = { code: '', label: '', label_zh: '', effect: 'finish', success: false };
  return (
    <div>
      <div className={css.results}>
        <div>
          {(['code', 'label', 'labelZH', 'effect', 'success'] as const).map((k) => <span key={k} className={css.headCell}>{t(`campaigns.${k}`)}</span>)}
          <span />
        </div>
        {rows.map((_, i) => <ResultRow key={i} form={form} i={i} last={i === rows.length - 1} />)}
      </div>
      {form.errors['settings.dispositions'] && <div className={css.error} role="alert">{form.errors['settings.dispositions']}</div>}
      <Button size="compact-sm" variant="light" mt={8} leftSection={<IconPlus size={14} />} onClick={() => form.insertListItem('settings.dispositions', fresh)} data-testid="add-result">
        {t('campaigns.addResult')}
      </Button>
    </div>
  );
}
