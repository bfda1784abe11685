import { NumberInput, Select, Switch, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { RECORD_POLICIES, type RecordPolicy } from '../../api/types';
import css from './campaigns.module.css';
import type { Form } from './parts';

/** Which talks are recorded, and what becomes of the recordings. */
export function RecordFields({ form }: { form: Form }) {
  const { t } = useTranslation();
  const s = form.values.settings;
  const policy = s.record_policy || (s.record ? 'always' : 'never');
  const choose = (p: RecordPolicy) => {
    form.setFieldValue('settings.record_policy', p);
    form.setFieldValue('settings.record', p !== 'never');
    if (p === 'percent' && !s.record_percent) form.setFieldValue('settings.record_percent', 10);
  };
  const number = (name: 'record_pause' | 'retention_days', most: number) => ({
    min: 0, max: most, allowDecimal: false, value: s[name] ?? 0, onChange: (v: string | number) => form.setFieldValue(`settings.${name}`, Number(v) || 0),
    error: form.errors[`settings.${name}`],
  });
  return (
    <>
      <div className={css.pair}>
        <Select label={t('tape.policy')} description={policy === 'demand' ? t('tape.demandHint') : t('tape.policyHint')} allowDeselect={false} value={policy} onChange={(v) => choose(v as RecordPolicy)}
          error={form.errors['settings.record_policy']} data={RECORD_POLICIES.map((value) => ({ value, label: t(`tape.policies.${value}`) }))} data-testid="campaign-record" />
        {policy === 'percent' && <NumberInput label={t('tape.percent')} description={t('tape.percentHint')} min={0.1} max={100} decimalScale={1} suffix=" %" value={s.record_percent ?? 0}
          onChange={(v) => form.setFieldValue('settings.record_percent', Number(v) || 0)} error={form.errors['settings.record_percent']} data-testid="campaign-record-percent" />}
      </div>
      {policy !== 'never' && (
        <>
          <TextInput label={t('tape.announce')} description={t('tape.announceHint')} placeholder="dialtide/recorded" maxLength={80} value={s.record_announce ?? ''}
            onChange={(e) => form.setFieldValue('settings.record_announce', e.currentTarget.value.trim())} error={form.errors['settings.record_announce']} data-testid="campaign-record-announce" />
          <div className={css.pair}>
            <NumberInput label={t('tape.pause')} description={t('tape.pauseHint')} suffix={` ${t('ui.seconds')}`} {...number('record_pause', 600)} data-testid="campaign-record-pause" />
            <NumberInput label={t('tape.retention')} description={t('tape.retentionHint')} suffix={` ${t('tape.days')}`} {...number('retention_days', 36_500)} data-testid="campaign-retention" />
          </div>
          <Switch label={t('tape.required')} description={t('tape.requiredHint')} checked={!!s.record_required}
            onChange={(e) => form.setFieldValue('settings.record_required', e.currentTarget.checked)} data-testid="campaign-record-required" />
        </>
      )}
    </>
  );
}
