import { Accordion, Autocomplete, Checkbox, NumberInput, Select, TagsInput, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { WRAP_UPS, type DeskSettings, type WrapUpMode } from '../../api/deskSettings';
import { codeName } from '../../i18n';
import { labelOf } from '../agent/names';
import { useFields } from '../segments/api';
import css from './campaigns.module.css';
import { CrmField } from './CrmField';
import { errorAt, SECTIONS, sectionsWithErrors, type SectionName } from './deskform';
import { setter } from './deskSetter';
import type { Form } from './parts';
import { PauseLimits } from './PauseLimits';

type Numeric = { [K in keyof DeskSettings]-?: NonNullable<DeskSettings[K]> extends number ? K : never }[keyof DeskSettings];

interface NumProps {
  form: Form;
  name: Numeric;
  label: string;
  /** What holds when the field is empty, in the field's unit. */
  usual: number;
  unit?: string;
  /** How many of the server's units one of the field's has. */
  factor?: number;
  max: number;
  hint?: string;
  decimals?: number;
  disabled?: boolean;
}

function Num({ form, name, label, usual, unit, factor = 1, max, hint, decimals = 0, disabled }: NumProps) {
  const value = form.values.settings[name];
  const set = setter(form);
  return (
    <NumberInput label={label} description={hint} placeholder={unit ? `${usual} ${unit}` : String(usual)} min={0} max={max} suffix={unit && ` ${unit}`} decimalScale={decimals} disabled={disabled}
      value={value ? Math.round((value / factor) * 100) / 100 : ''} onChange={(v) => set(name, decimals ? Number(v) * factor : Math.round(Number(v) * factor))}
      error={errorAt(form.errors, `settings.${name}`) as ReactNode} data-testid={`desk-${name}`} />
  );
}

type Yes = { [K in keyof DeskSettings]-?: NonNullable<DeskSettings[K]> extends boolean ? K : never }[keyof DeskSettings];

function Check({ form, name, label, hint, disabled }: { form: Form; name: Yes; label: string; hint?: string; disabled?: boolean }) {
  const set = setter(form);
  return (
    <Checkbox label={label} description={hint} checked={!!form.values.settings[name]} disabled={disabled} onChange={(e) => set(name, e.currentTarget.checked)}
      error={errorAt(form.errors, `settings.${name}`) as ReactNode} data-testid={`desk-${name}`} />
  );
}

function WrapUp({ form }: { form: Form }) {
  const { t } = useTranslation();
  const s = form.values.settings;
  const set = setter(form);
  const mode = s.wrap_up_mode ?? 'required';
  const choose = (v: string | null) => {
    const to = (v ?? 'required') as WrapUpMode;
    set('wrap_up_mode', to === 'required' ? undefined : to);
    if (to !== 'timed_auto') set('wrap_up_auto', undefined);
  };
  const able = s.dispositions.filter((d) => d.effect !== 'callback' && !d.required_fields?.length && d.code);
  return (
    <>
      <Select label={t('deskform.wrapUpMode')} description={t(`deskform.mode.${mode}`)} inputWrapperOrder={['label', 'input', 'description', 'error']} allowDeselect={false} value={mode} onChange={choose}
        data={WRAP_UPS.map((value) => ({ value, label: codeName('wrapUpMode', value) }))} error={errorAt(form.errors, 'settings.wrap_up_mode') as ReactNode} data-testid="desk-wrap_up_mode" />
      <div className={css.pair}>
        <NumberInput label={t('campaigns.wrapUp')} min={5} max={3600} suffix={` ${t('ui.seconds')}`} {...form.getInputProps('settings.wrap_up')} data-testid="campaign-wrapup" />
        {mode === 'timed_auto' && (
          <Select label={t('deskform.auto')} data={able.map((d) => ({ value: d.code, label: labelOf(d) }))} value={s.wrap_up_auto ?? null} onChange={(v) => set('wrap_up_auto', v ?? undefined)}
            error={errorAt(form.errors, 'settings.wrap_up_auto') as ReactNode} data-testid="desk-wrap_up_auto" />
        )}
        <Num form={form} name="wrap_up_more" label={t('deskform.more')} usual={0} max={10} />
        <Num form={form} name="wrap_up_extra" label={t('deskform.extra')} usual={30} unit={t('ui.seconds')} max={900} disabled={!s.wrap_up_more} />
      </div>
    </>
  );
}

function Callbacks({ form }: { form: Form }) {
  const { t } = useTranslation();
  const keep = !!form.values.settings.callback_keep;
  return (
    <>
      <div className={css.pair}>
        <Num form={form} name="callback_wait" label={t('deskform.callbackWait')} usual={30} unit={t('ui.minutes')} factor={60} max={43_200} disabled={keep} />
        <Num form={form} name="callback_remind" label={t('deskform.remind')} usual={15} unit={t('ui.minutes')} factor={60} max={1440} />
      </div>
      <Text size="xs" c="dimmed" mt={-6}>{t('deskform.callbackHint')}</Text>
      <Check form={form} name="callback_keep" label={t('deskform.keep')} hint={t('deskform.keepHint')} />
      <Check form={form} name="follow_ups" label={t('deskform.followUps')} hint={t('deskform.followUpsHint')} />
    </>
  );
}

function useNames(form: Form): string[] {
  return (useFields(form.values.list_ids).data ?? []).filter((f) => f.custom).map((f) => f.name);
}

function Preview({ form }: { form: Form }) {
  const { t } = useTranslation();
  const s = form.values.settings;
  const set = setter(form);
  const names = useNames(form);
  const skips = !!s.preview_skip;
  return (
    <>
      <div className={css.pair}>
        <Num form={form} name="preview_seconds" label={t('deskform.previewSeconds')} usual={120} unit={t('ui.seconds')} max={900} />
        <Autocomplete label={t('deskform.previewField')} data={names} limit={50} maxLength={60} value={s.preview_field ?? ''} onChange={(v) => set('preview_field', v)}
          error={errorAt(form.errors, 'settings.preview_field') as ReactNode} data-testid="desk-preview_field" />
      </div>
      <Text size="xs" c="dimmed" mt={-6}>{t('deskform.previewHint')}</Text>
      <Check form={form} name="preview_skip" label={t('deskform.skip')} />
      {skips && (
        <>
          <TagsInput label={t('deskform.reasons')} description={t('deskform.reasonsHint')} placeholder={t('deskform.tagHint')} maxTags={30} value={s.preview_reasons ?? []} onChange={(v) => set('preview_reasons', v)}
            error={errorAt(form.errors, 'settings.preview_reasons') as ReactNode} data-testid="desk-preview_reasons" />
          <Num form={form} name="preview_skip_after" label={t('deskform.skipAfter')} usual={60} unit={t('ui.minutes')} factor={60} max={525_600} />
        </>
      )}
    </>
  );
}

function Inbound({ form }: { form: Form }) {
  const { t } = useTranslation();
  const off = !form.values.settings.inbound;
  const set = setter(form);
  return (
    <>
      <Checkbox label={t('deskform.inbound')} description={t('deskform.inboundHint')} checked={!off} data-testid="desk-inbound"
        onChange={(e) => {
          set('inbound', e.currentTarget.checked);
          if (!e.currentTarget.checked) set('blend', undefined);
        }} />
      {!off && (
        <div className={css.pair}>
          <Num form={form} name="inbound_wait" label={t('deskform.inboundWait')} usual={120} unit={t('ui.seconds')} max={1800} />
          <Num form={form} name="inbound_queue" label={t('deskform.queue')} usual={20} max={1000} />
          <Num form={form} name="blend" label={t('deskform.blend')} usual={0} unit={t('ui.percent')} factor={0.01} max={100} decimals={1} />
        </div>
      )}
      {!off && <Text size="xs" c="dimmed" mt={-6}>{t('deskform.blendHint')}</Text>}
    </>
  );
}

function Contact({ form }: { form: Form }) {
  const { t } = useTranslation();
  const set = setter(form);
  return (
    <>
      <TagsInput label={t('deskform.editFields')} description={t('deskform.editHint')} placeholder={t('deskform.tagHint')} data={useNames(form)} maxTags={100} value={form.values.settings.edit_fields ?? []} onChange={(v) => set('edit_fields', v)}
        error={errorAt(form.errors, 'settings.edit_fields') as ReactNode} data-testid="desk-edit_fields" />
      <CrmField form={form} names={useNames(form)} />
    </>
  );
}

/** One line that says what is chosen in a section, so that it can stay closed. */
function useSummary(form: Form): Record<SectionName, string> {
  const { t } = useTranslation();
  const s = form.values.settings;
  const seconds = (n: number) => `${n} ${t('ui.seconds')}`;
  const minutes = (n: number) => `${Math.round(n / 6) / 10} ${t('ui.minutes')}`;
  const list = (...parts: (string | false | undefined)[]) => parts.filter(Boolean).join(' · ');
  const pauses = Object.keys(s.pause_limits ?? {}).length;
  return {
    wrapUp: list(codeName('wrapUpMode', s.wrap_up_mode ?? 'required'), seconds(s.wrap_up), !!s.wrap_up_more && t('deskform.sumMore', { n: s.wrap_up_more, extra: seconds(s.wrap_up_extra ?? 30) })),
    callbacks: list(s.callback_keep ? t('deskform.sumKept') : t('deskform.sumWait', { wait: minutes(s.callback_wait ?? 1800) }), t('deskform.sumRemind', { time: minutes(s.callback_remind ?? 900) })),
    preview: list(seconds(s.preview_seconds ?? 120), t(s.preview_skip ? 'deskform.sumSkip' : 'deskform.sumNoSkip'), s.preview_field && t('deskform.sumField', { name: s.preview_field })),
    inbound: s.inbound ? list(t('deskform.sumInbound', { wait: seconds(s.inbound_wait ?? 120), n: s.inbound_queue ?? 20 }), !!s.blend && t('deskform.sumBlend', { share: Math.round(s.blend * 100) })) : t('deskform.sumNotAnswered'),
    pauses: pauses ? list(t('deskform.sumPauses', { n: pauses }), s.pause_block && t('deskform.sumBlocked')) : t('deskform.sumNoLimits'),
    contact: list(t('deskform.sumFields', { n: s.edit_fields?.length ?? 0 }), s.crm_url ? t('deskform.sumCrm') : t('deskform.sumNoCrm')),
  };
}

const PARTS: Record<SectionName, (p: { form: Form }) => ReactNode> = {
  wrapUp: WrapUp, callbacks: Callbacks, preview: Preview, inbound: Inbound, pauses: PauseLimits, contact: Contact,
};

/** The choices of a campaign for its agents' day. None is needed: a closed section says what holds. */
export function DeskFields({ form }: { form: Form }) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState<string[]>([]);
  const wrong = sectionsWithErrors(form.errors);
  const summary = useSummary(form);
  return (
    <Accordion multiple variant="contained" chevronPosition="left" value={[...new Set([...opened, ...wrong])]} onChange={setOpened}>
      {(Object.keys(SECTIONS) as SectionName[]).map((name) => {
        const Part = PARTS[name];
        return (
          <Accordion.Item key={name} value={name}>
            <Accordion.Control data-testid={`desk-section-${name}`}>
              <Text size="sm" fw={600}>{t(`deskform.section.${name}`)}</Text>
              <Text size="xs" c="dimmed" data-testid={`desk-summary-${name}`}>{summary[name]}</Text>
            </Accordion.Control>
            <Accordion.Panel><div className={css.deskBody}><Part form={form} /></div></Accordion.Panel>
          </Accordion.Item>
        );
      })}
    </Accordion>
  );
}
