import { Checkbox, NumberInput, Text } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import type { CampaignDraft } from '../../api/types';
import { codeName } from '../../i18n';
import css from './campaigns.module.css';
import { RECYCLED } from './draft';

export type Form = UseFormReturnType<CampaignDraft>;

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
