import { Button, Input, NumberInput, SegmentedControl, Select } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import type { Campaign } from '../../api/types';
import { codeName } from '../../i18n';
import { fieldText } from '../../i18n/problem';
import { useFormats } from '../../lib/format';
import { check, TRIED, type Draft } from './question';
import css from './whatif.module.css';

interface Props {
  campaign: Campaign;
  initial: Draft;
  busy: boolean;
  onAsk: (d: Draft) => void;
}

export function AskForm({ campaign, initial, busy, onAsk }: Props) {
  const { t } = useTranslation();
  const f = useFormats();
  const form = useForm<Draft>({
    initialValues: initial,
    validate: (d) => Object.fromEntries(Object.entries(check(d)).map(([k, code]) => [k, fieldText(code)])),
  });
  const hours = Array.from({ length: 25 }, (_, h) => ({ value: String(h), label: `${String(h).padStart(2, '0')}:00` }));
  const d = form.values;
  const agents = form.getInputProps('agents');
  const asNow = t('whatif.asNow');
  return (
    <form className={css.form} onSubmit={form.onSubmit(onAsk)} noValidate aria-label={t('whatif.title')} data-testid="whatif-form">
      <div>
        <Input.Label labelElement="div" size="sm" mb={2}>{t('campaigns.mode')}</Input.Label>
        <SegmentedControl fullWidth size="sm" aria-label={t('campaigns.mode')} {...form.getInputProps('mode')}
          data={TRIED.map((value) => ({ value, label: codeName('mode', value) }))} data-testid="whatif-mode" />
      </div>
      <div className={css.pair}>
        <NumberInput label={t('whatif.agents')} placeholder={asNow} min={1} max={500} allowDecimal={false} {...agents} data-testid="whatif-agents" />
        <NumberInput label={t('whatif.target')} placeholder={`${asNow}: ${f.percent(campaign.settings.abandon_target)}`} min={0} max={10} step={0.5} decimalScale={2} suffix=" %"
          {...form.getInputProps('target')} data-testid="whatif-target" />
      </div>
      <div className={css.pair}>
        <Select label={t('whatif.from')} placeholder={asNow} clearable data={hours.slice(0, 24)} {...form.getInputProps('from')} data-testid="whatif-from" />
        <Select label={t('whatif.until')} placeholder={asNow} clearable data={hours.slice(1)} {...form.getInputProps('until')} data-testid="whatif-until" />
      </div>
      <div className={css.pair}>
        {d.mode === 'power' && <NumberInput label={t('campaigns.ratio')} min={1} max={10} step={0.1} decimalScale={2} {...form.getInputProps('ratio')} data-testid="whatif-ratio" />}
        <NumberInput label={t('whatif.most')} placeholder={t('whatif.mostAuto')} min={1} max={500} allowDecimal={false} {...form.getInputProps('most')} data-testid="whatif-most" />
      </div>
      <Button type="submit" loading={busy} data-testid="whatif-ask">{t('whatif.ask')}</Button>
    </form>
  );
}
