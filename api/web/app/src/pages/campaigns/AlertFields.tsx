import { NumberInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AlertSettings } from '../../api/types';
import css from './campaigns.module.css';
import type { Form } from './parts';

/** From when on supervisors are alerted. What is left empty is as usual. */
export function AlertFields({ form }: { form: Form }) {
  const { t } = useTranslation();
  const s = form.values.settings;
  const set = (key: keyof AlertSettings, v: number | string, scale: number) =>
    form.setFieldValue('settings', (prev) => ({ ...prev, [key]: v === '' || Number(v) === 0 ? undefined : Number(v) / scale }));
  return (
    <div className={css.pair}>
      <NumberInput label={t('room.alerts.near')} description={t('room.alerts.nearHint')} placeholder="80" min={1} max={100} allowDecimal={false} suffix={` ${t('ui.percent')}`}
        value={s.alert_near ? Math.round(s.alert_near * 100) : ''} onChange={(v) => set('alert_near', v, 100)} error={form.errors['settings.alert_near']} data-testid="campaign-alert-near" />
      <NumberInput label={t('room.alerts.idleAfter')} description={t('room.alerts.idleHint')} placeholder="300" min={1} max={28_800} allowDecimal={false} suffix={` ${t('ui.seconds')}`}
        value={s.alert_idle || ''} onChange={(v) => set('alert_idle', v, 1)} error={form.errors['settings.alert_idle']} data-testid="campaign-alert-idle" />
    </div>
  );
}
