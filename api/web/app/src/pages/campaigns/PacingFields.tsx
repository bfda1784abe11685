import { Accordion, Checkbox, Input, MultiSelect, NumberInput, SegmentedControl, Select, Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { PacingSettings } from '../../api/types';
import { codeName } from '../../i18n';
import css from './campaigns.module.css';
import type { Form } from './parts';

/** Sets one of the optional settings; what is as by default is left out. */
function setter(form: Form) {
  return <K extends keyof PacingSettings>(key: K, value: PacingSettings[K], usual?: PacingSettings[K]) =>
    form.setFieldValue('settings', (prev) => ({ ...prev, [key]: value === usual ? undefined : value }));
}

function zones(): string[] {
  return Intl.supportedValuesOf?.('timeZone') ?? [];
}

function Law({ form }: { form: Form }) {
  const { t } = useTranslation();
  const s = form.values.settings;
  const set = setter(form);
  const all = useMemo(zones, []);
  const caution = s.caution ?? 'window';
  const windowError = Object.entries(form.errors).find(([k]) => k.startsWith('settings.windows'))?.[1];
  return (
    <>
      <div>
        <Input.Label labelElement="div" size="sm" mb={2}>{t('campaigns.caution')}</Input.Label>
        <SegmentedControl fullWidth size="sm" aria-label={t('campaigns.caution')} value={caution} onChange={(v) => set('caution', v as 'window' | 'strict', 'window')}
          data={(['window', 'strict'] as const).map((value) => ({ value, label: codeName('caution', value) }))} data-testid="campaign-caution" />
        <Text size="xs" c="dimmed" mt={4}>{t(caution === 'strict' ? 'campaigns.cautionStrict' : 'campaigns.cautionWindow')}</Text>
      </div>
      <div className={css.pair}>
        <MultiSelect label={t('campaigns.windows')} data={(['day', '30d', 'month'] as const).map((value) => ({ value, label: codeName('window', value) }))}
          value={s.windows ?? []} placeholder={s.windows?.length ? undefined : codeName('window', 'day')} error={windowError}
          onChange={(v) => set('windows', v.length ? (v as PacingSettings['windows']) : undefined)} data-testid="campaign-windows" />
        <Select label={t('campaigns.zone')} data={all} searchable clearable limit={60} placeholder="UTC" {...form.getInputProps('settings.zone')} value={s.zone ?? null}
          onChange={(v) => set('zone', v ?? undefined)} data-testid="campaign-zone" />
      </div>
    </>
  );
}

function Aims({ form }: { form: Form }) {
  const { t } = useTranslation();
  const s = form.values.settings;
  const set = setter(form);
  const aim = s.aim ?? 'abandonment';
  const choose = (v: string) => {
    set('aim', v as PacingSettings['aim'], 'abandonment');
    set('aim_value', v === 'occupancy' ? 0.85 : v === 'wait' ? 10 : undefined);
  };
  return (
    <div>
      <Input.Label labelElement="div" size="sm" mb={2}>{t('campaigns.aim')}</Input.Label>
      <SegmentedControl fullWidth size="sm" aria-label={t('campaigns.aim')} value={aim} onChange={choose}
        data={(['abandonment', 'occupancy', 'wait'] as const).map((value) => ({ value, label: codeName('aim', value) }))} data-testid="campaign-aim" />
      <Text size="xs" c="dimmed" mt={4}>{t(aim === 'occupancy' ? 'campaigns.aimOccupancy' : aim === 'wait' ? 'campaigns.aimWait' : 'campaigns.aimAbandonment')}</Text>
      {aim === 'occupancy' && (
        <NumberInput mt={8} label={t('campaigns.aimValueOccupancy')} min={1} max={100} suffix={` ${t('ui.percent')}`} value={Math.round((s.aim_value ?? 0) * 1000) / 10}
          onChange={(v) => set('aim_value', Number(v) / 100)} error={form.errors['settings.aim_value']} data-testid="campaign-aim-value" />
      )}
      {aim === 'wait' && (
        <NumberInput mt={8} label={t('campaigns.aimValueWait')} min={0} max={3600} suffix={` ${t('ui.seconds')}`} value={s.aim_value ?? 0}
          onChange={(v) => set('aim_value', Number(v))} error={form.errors['settings.aim_value']} data-testid="campaign-aim-value" />
      )}
    </div>
  );
}

/** Choices of a campaign that dials more calls than it has ready agents. None is needed. */
export function PacingFields({ form }: { form: Form }) {
  const { t } = useTranslation();
  const s = form.values.settings;
  const set = setter(form);
  const over = s.mode === 'power' || s.mode === 'predictive';
  const wrong = Object.keys(form.errors).some((k) => /^settings\.(caution|windows|zone|aim|aim_value|max_occupancy|max_lines|weight)/.test(k));
  return (
    <Accordion variant="contained" chevronPosition="left" {...(wrong ? { value: 'pacing', onChange: () => undefined } : {})}>
      <Accordion.Item value="pacing">
        <Accordion.Control data-testid="campaign-pacing"><Text size="sm" fw={600}>{t('campaigns.pacing')}</Text><Text size="xs" c="dimmed">{t('campaigns.pacingHint')}</Text></Accordion.Control>
        <Accordion.Panel>
          <div className={css.column}>
            {over && <Law form={form} />}
            {s.mode === 'predictive' && <Aims form={form} />}
            <div className={css.pair}>
              {over && (
                <NumberInput label={t('campaigns.maxOccupancy')} placeholder={t('ui.none')} min={0} max={100} suffix={` ${t('ui.percent')}`} value={s.max_occupancy ? Math.round(s.max_occupancy * 1000) / 10 : ''}
                  onChange={(v) => set('max_occupancy', Number(v) / 100, 0)} error={form.errors['settings.max_occupancy']} data-testid="campaign-max-occupancy" />
              )}
              <NumberInput label={t('campaigns.maxLines')} placeholder={t('campaigns.maxLinesNone')} min={0} max={10_000} allowDecimal={false} value={s.max_lines || ''}
                onChange={(v) => set('max_lines', Number(v), 0)} error={form.errors['settings.max_lines']} data-testid="campaign-max-lines" />
              <NumberInput label={t('campaigns.weight')} placeholder="1" min={0} max={100} decimalScale={2} value={s.weight || ''}
                onChange={(v) => set('weight', Number(v), 0)} error={form.errors['settings.weight']} data-testid="campaign-weight" />
            </div>
            <Text size="xs" c="dimmed" mt={-6}>{t('campaigns.weightHint')}</Text>
            {s.mode === 'predictive' && (
              <Checkbox label={t('campaigns.inOrder')} description={t('campaigns.inOrderHint')} checked={s.in_order ?? false}
                onChange={(e) => set('in_order', e.currentTarget.checked, false)} data-testid="campaign-in-order" />
            )}
          </div>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
