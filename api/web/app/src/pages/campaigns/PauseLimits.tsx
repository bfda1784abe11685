import { ActionIcon, Button, Checkbox, NumberInput, Select, Text } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PAUSE_REASONS } from '../../api/deskSettings';
import { codeName } from '../../i18n';
import css from './campaigns.module.css';
import { errorAt } from './deskform';
import { setter } from './deskSetter';
import type { Form } from './parts';

/** How long an agent may pause in a day, by reason. */
export function PauseLimits({ form }: { form: Form }) {
  const { t } = useTranslation();
  const set = setter(form);
  const limits = form.values.settings.pause_limits ?? {};
  const reasons = Object.keys(limits);
  // Reasons that a server was told of besides the usual ones are in the settings only.
  const free = PAUSE_REASONS.filter((r) => !(r in limits));
  const put = (pairs: [string, number][]) => set('pause_limits', Object.fromEntries(pairs));
  return (
    <>
      <div>
        {reasons.map((reason, i) => (
          <div key={reason} className={css.pause} data-testid="pause-row">
            <Select size="xs" allowDeselect={false} value={reason} data={[reason, ...free].map((value) => ({ value, label: codeName('notReady', value) }))} aria-label={`${t('deskform.reason')} ${i + 1}`}
              onChange={(v) => v && put(reasons.map((r) => [r === reason ? v : r, limits[r]!]))} data-testid="pause-reason" />
            <NumberInput size="xs" min={0} max={1440} decimalScale={2} suffix={` ${t('ui.minutes')}`} value={limits[reason]! / 60} onChange={(v) => put(reasons.map((r) => [r, r === reason ? Math.round(Number(v) * 60) : limits[r]!]))}
              aria-label={`${codeName('notReady', reason)}: ${t('deskform.perDay')}`} error={errorAt(form.errors, `settings.pause_limits.${reason}`) as ReactNode} data-testid="pause-minutes" />
            <ActionIcon size="sm" mt={4} variant="subtle" color="gray" onClick={() => put(reasons.filter((r) => r !== reason).map((r) => [r, limits[r]!]))} aria-label={`${t('act.remove')}: ${codeName('notReady', reason)}`}><IconX size={14} /></ActionIcon>
          </div>
        ))}
        <Button size="compact-sm" variant="light" mt={4} disabled={free.length === 0} leftSection={<IconPlus size={14} />} onClick={() => put([...reasons.map((r): [string, number] => [r, limits[r]!]), [free[0]!, 1800]])} data-testid="add-pause">{t('deskform.addPause')}</Button>
        <Text size="xs" c="dimmed" mt={6}>{t('deskform.pauseHint')}</Text>
      </div>
      <Checkbox label={t('deskform.block')} checked={!!form.values.settings.pause_block} disabled={reasons.length === 0} onChange={(e) => set('pause_block', e.currentTarget.checked)} data-testid="desk-pause_block" />
    </>
  );
}
