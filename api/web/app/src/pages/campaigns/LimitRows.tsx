import { ActionIcon, Button, NumberInput, Select, Text } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Limit } from '../../api/types';
import css from './campaigns.module.css';
import type { Form } from './parts';
import { spanOf, withSpan, type Span } from './steer';

interface RowProps {
  form: Form;
  limit: Limit;
  i: number;
  set: (l: Limit) => void;
  remove: () => void;
}

function Row({ form, limit, i, set, remove }: RowProps) {
  const { t } = useTranslation();
  const { span, n } = spanOf(limit);
  const name = (part: string) => `${t('steer.limit')} ${i + 1}: ${part}`;
  return (
    <div className={css.limit} data-testid="limit-row">
      <NumberInput size="xs" min={1} max={100} allowDecimal={false} suffix={` ${t('ui.times')}`} value={limit.max} onChange={(v) => set({ ...limit, max: Number(v) })} error={form.errors[`settings.limits.${i}.max`]}
        aria-label={name(t('law.max'))} data-testid="limit-max" />
      <Select size="xs" allowDeselect={false} value={limit.per} onChange={(v) => set({ ...limit, per: v as Limit['per'] })} aria-label={name(t('law.scope'))} error={form.errors[`settings.limits.${i}.per`]}
        data={[{ value: 'contact', label: t('steer.perContact') }, { value: 'number', label: t('steer.perNumber') }]} data-testid="limit-per" />
      <Select size="xs" allowDeselect={false} value={span} onChange={(v) => set(withSpan(limit, v as Span, span === 'day' ? 1 : n))} aria-label={name(t('law.window'))}
        data={[{ value: 'day', label: t('steer.perDay') }, { value: 'days', label: t('steer.inDays') }, { value: 'hours', label: t('steer.inHours') }]} data-testid="limit-span" />
      {span === 'day' ? <span /> : (
        <NumberInput size="xs" min={span === 'hours' ? 0.01 : 1} max={span === 'hours' ? 8760 : 365} decimalScale={2} allowDecimal={span === 'hours'} suffix={` ${t(span === 'hours' ? 'ui.hours' : 'ui.days')}`} value={n}
          onChange={(v) => Number(v) > 0 && set(withSpan(limit, span, Number(v)))} error={form.errors[`settings.limits.${i}.window_seconds`]} aria-label={name(t(span === 'hours' ? 'steer.inHours' : 'steer.inDays'))} data-testid="limit-n" />
      )}
      <ActionIcon size="sm" mt={4} variant="subtle" color="gray" onClick={remove} aria-label={`${t('act.remove')}: ${t('steer.limit')} ${i + 1}`} data-testid="limit-remove"><IconX size={14} /></ActionIcon>
    </div>
  );
}

const MOST = 10;

/** How often a contact or a number is tried in a day or any rolling window; all of the limits hold at once. */
export function LimitRows({ form }: { form: Form }) {
  const { t } = useTranslation();
  const limits = form.values.settings.limits ?? [];
  const put = (next: Limit[]) => form.setFieldValue('settings.limits', next.length ? next : undefined);
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>{t('steer.limits')}</Text>
      {limits.map((l, i) => (
        <Row key={i} form={form} limit={l} i={i} set={(x) => put(limits.map((y, j) => (i === j ? x : y)))} remove={() => put(limits.filter((_, j) => j !== i))} />
      ))}
      <Button size="compact-sm" variant="light" mt={4} disabled={limits.length >= MOST} leftSection={<IconPlus size={14} />} onClick={() => put([...limits, { per: 'contact', max: 2 }])} data-testid="add-limit">{t('steer.addLimit')}</Button>
      <Text size="xs" c="dimmed" mt={6}>{t('steer.limitsHint')}</Text>
    </div>
  );
}
