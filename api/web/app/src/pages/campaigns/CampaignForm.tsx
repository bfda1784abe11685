import { Button, MultiSelect, NumberInput, SegmentedControl, Select, Switch, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/http';
import { useLists, useSaveCampaign, useScripts, useTrunks } from '../../api/queries';
import { MODES, WEEKDAYS, type Campaign, type CampaignDraft, type Weekday } from '../../api/types';
import { codeName } from '../../i18n';
import { fieldText } from '../../i18n/problem';
import { applyProblem, showFirstError } from '../../lib/form';
import { useUnsaved } from '../../lib/unsaved';
import { toastOK, toastText } from '../../ui/toast';
import { Panel } from '../../ui/ui';
import { RuleFields } from '../rules/RuleFields';
import { AlertFields } from './AlertFields';
import { CallerFields } from './CallerFields';
import css from './campaigns.module.css';
import { DeskFields } from './DeskFields';
import { errorAt, shownOptional } from './deskform';
import { check, NO_SCRIPT } from './draft';
import { HoursEditor } from './HoursEditor';
import { LimitRows } from './LimitRows';
import { OrderFields } from './OrderFields';
import { PacingFields } from './PacingFields';
import { RecordFields } from './RecordFields';
import { TransferTargets } from './TransferTargets';
import { RecycleTable, type Form } from './parts';
import { ResultsTable } from './Results';

function Section({ title, hint, wide, children }: { title: string; hint?: string; wide?: boolean; children: ReactNode }) {
  return (
    <Panel title={title} aside={hint && <Text size="xs" c="dimmed">{hint}</Text>} className={wide ? css.wide : undefined}>
      <div className={css.body}>{children}</div>
    </Panel>
  );
}

function Callers({ form }: { form: Form }) {
  const { caller_ids, caller_choice, ...rest } = form.values.settings;
  return (
    <CallerFields numbers={caller_ids ?? []} choice={caller_choice ?? 'contact'} error={errorAt(form.errors, 'settings.caller_ids') as ReactNode}
      change={(numbers, choice) => form.setFieldValue('settings', { ...rest, ...(numbers.length ? { caller_ids: numbers } : {}), ...(numbers.length && choice !== 'contact' ? { caller_choice: choice } : {}) })} />
  );
}

function Basics({ form }: { form: Form }) {
  const { t } = useTranslation();
  const lists = useLists();
  const trunks = useTrunks();
  return (
    <Section title={t('campaigns.basics')}>
      <TextInput label={t('ui.name')} maxLength={120} {...form.getInputProps('name')} data-testid="campaign-name" />
      <MultiSelect label={t('campaigns.list')} searchable data={(lists.data ?? []).map((l) => ({ value: l.id, label: l.name }))}
        description={lists.data?.length === 0 ? t('campaigns.noLists') : undefined} {...form.getInputProps('list_ids')} data-testid="campaign-lists" />
      <div className={css.pair}>
        <Select label={t('campaigns.trunk')} allowDeselect={false} data={(trunks.data ?? []).map((tr) => ({ value: tr.id, label: tr.name }))}
          description={trunks.data?.length === 0 ? t('campaigns.noTrunk') : undefined} {...form.getInputProps('trunk_id')} data-testid="campaign-trunk" />
        <TextInput label={t('campaigns.callerID')} inputMode="tel" {...form.getInputProps('settings.caller_id')} data-testid="campaign-caller-id" />
      </div>
      <Text size="xs" c="dimmed" mt={-6}>{t('campaigns.callerIDHint')}</Text>
      <Callers form={form} />
    </Section>
  );
}

const modeHints = {
  preview: 'campaigns.modePreview', progressive: 'campaigns.modeProgressive', power: 'campaigns.modePower', predictive: 'campaigns.modePredictive',
} as const;

function Dialing({ form }: { form: Form }) {
  const { t } = useTranslation();
  const s = form.values.settings;
  return (
    <Section title={t('campaigns.dialing')}>
      <div>
        <SegmentedControl fullWidth size="sm" aria-label={t('campaigns.mode')} {...form.getInputProps('settings.mode')}
          data={MODES.map((value) => ({ value, label: codeName('mode', value) }))} data-testid="campaign-mode" />
        <Text size="xs" c="dimmed" mt={4}>{t(modeHints[s.mode])}</Text>
      </div>
      <div className={css.pair}>
        <NumberInput label={t('campaigns.ratio')} min={1} max={10} step={0.1} decimalScale={2} disabled={s.mode !== 'power'} {...form.getInputProps('settings.ratio')} data-testid="campaign-ratio" />
        <NumberInput label={t('campaigns.target')} min={0} max={10} step={0.5} decimalScale={2} suffix={` ${t('ui.percent')}`} value={Math.round(s.abandon_target * 1e6) / 1e4}
          onChange={(v) => form.setFieldValue('settings.abandon_target', Number(v) / 100)} error={form.errors['settings.abandon_target']} data-testid="campaign-target" />
        <NumberInput label={t('campaigns.ringTimeout')} min={15} max={120} suffix={` ${t('ui.seconds')}`} {...form.getInputProps('settings.ring_timeout')} data-testid="campaign-ring" />
        <NumberInput label={t('campaigns.answerWait')} min={0} max={2} suffix={` ${t('ui.seconds')}`} {...form.getInputProps('settings.answer_wait')} />
      </div>
      <TextInput label={t('campaigns.message')} {...form.getInputProps('settings.message')} />
      <Select label={t('campaigns.amd')} description={t('campaigns.amdHint')} allowDeselect={false}
        data={(['off', 'beside', 'before'] as const).map((value) => ({ value, label: codeName('amd', value) }))} {...form.getInputProps('settings.amd')} data-testid="campaign-amd" />
      <PacingFields form={form} />
      <AlertFields form={form} />
    </Section>
  );
}

function Talk({ form }: { form: Form }) {
  const { t } = useTranslation();
  const scripts = useScripts();
  const { script_id, script_version } = form.values.settings;
  const known = scripts.data ?? [];
  // The campaign keeps the version that it was saved with until a script is chosen anew.
  const label = (id: string, name: string, version: number) =>
    `${name} (${t('campaigns.version', { n: id === script_id && script_version ? script_version : version })})`;
  const options = [{ value: NO_SCRIPT, label: t('campaigns.noScript') }, ...known.map((s) => ({ value: s.id, label: label(s.id, s.name, s.version) }))];
  const choose = (id: string | null) => {
    form.setFieldValue('settings.script_id', id ?? NO_SCRIPT);
    form.setFieldValue('settings.script_version', known.find((s) => s.id === id)?.version ?? 0);
  };
  return (
    <Section title={t('campaigns.talk')}>
      <Select label={t('campaigns.script')} allowDeselect={false} data={options} value={script_id || NO_SCRIPT} onChange={choose}
        error={form.errors['settings.script_id'] ?? form.errors['settings.script_version']} data-testid="campaign-script" />
      <RecordFields form={form} />
      <Switch label={t('watch.setting')} description={t('watch.settingHint')} checked={!!form.values.settings.silent_watch}
        onChange={(e) => form.setFieldValue('settings.silent_watch', e.currentTarget.checked)} data-testid="campaign-silent-watch" />
      <TransferTargets form={form} />
    </Section>
  );
}

function Rules({ form }: { form: Form }) {
  const { t } = useTranslation();
  const cap = form.values.settings.cap;
  return (
    <Section title={t('campaigns.rules')}>
      <div className={css.pair}>
        <NumberInput label={t('campaigns.maxAttempts')} min={1} max={50} allowDecimal={false} {...form.getInputProps('settings.max_attempts')} data-testid="campaign-max-attempts" />
        <NumberInput label={t('campaigns.capMax')} min={0} max={1000} allowDecimal={false} {...form.getInputProps('settings.cap.max')} data-testid="campaign-cap" />
        <NumberInput label={t('campaigns.capWindow')} min={0} suffix={` ${t('ui.hours')}`} decimalScale={2} disabled={cap.max === 0} value={cap.window_seconds / 3600}
          onChange={(v) => form.setFieldValue('settings.cap.window_seconds', Math.round(Number(v) * 3600))} error={form.errors['settings.cap.window_seconds']} />
      </div>
      <Text size="xs" c="dimmed" mt={-6}>{t('campaigns.capHint')}</Text>
      <LimitRows form={form} />
      <Text size="sm" fw={600}>{t('campaigns.recycle')}</Text>
      <RecycleTable form={form} />
    </Section>
  );
}

export type FormState = 'clean' | 'dirty' | 'saving';

interface Props {
  id: string;
  initial: CampaignDraft & Partial<Campaign>;
  /** The newest revision that the person knows of: saving goes over it. */
  known?: number;
  onState?: (state: FormState) => void;
  onSaved: (c: Campaign) => void;
}

const valuesOf = (c: Props['initial']): CampaignDraft => ({ name: c.name, trunk_id: c.trunk_id, list_ids: c.list_ids ?? [], settings: c.settings, revision: c.revision });

/** Every setting of one campaign. What the server refuses is shown at the field it names. */
export function CampaignForm({ id, initial, known, onState, onSaved }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const save = useSaveCampaign(id);
  const form = useForm<CampaignDraft>({
    initialValues: valuesOf(initial),
    validate: (values) => Object.fromEntries(Object.entries(check(values)).map(([path, code]) => [path, fieldText(code)])),
  });
  const dirty = form.isDirty();
  const { dialog, release } = useUnsaved(dirty);
  const state = save.isPending ? 'saving' : dirty ? 'dirty' : 'clean';
  useEffect(() => onState?.(state), [state, onState]);
  const submit = form.onSubmit(
    async (values) => {
      try {
        const saved = await save.mutateAsync({ ...values, revision: known ?? values.revision, name: values.name.trim() });
        toastOK(t('campaigns.saved'));
        form.setInitialValues(valuesOf(saved));
        form.setValues(valuesOf(saved));
        release();
        onSaved(saved);
      } catch (e) {
        applyProblem(form, e, shownOptional);
        // Somebody else was faster: what he saved is to be seen.
        if (e instanceof ApiError && e.status === 409) void client.invalidateQueries({ queryKey: ['campaigns', id] });
      }
    },
    () => {
      toastText(t('campaigns.check'));
      showFirstError();
    },
  );
  const hourErrors = Object.fromEntries(WEEKDAYS.map((d) => [d, Object.entries(form.errors).find(([k]) => k.startsWith(`settings.hours.${d}`))?.[1]])) as Partial<Record<Weekday, string>>;
  return (
    <form onSubmit={submit} noValidate className={css.form} aria-label={initial.name || t('campaigns.create')} data-testid="campaign-form" data-form={state}>
      <div className={css.column}>
        <Basics form={form} />
        <Section title={t('steer.order')}><OrderFields id={id} form={form} /></Section>
        <Dialing form={form} />
        <Talk form={form} />
        <Section title={t('deskform.title')} hint={t('deskform.hint')}><DeskFields form={form} /></Section>
      </div>
      <div className={css.column}>
        <Section title={t('campaigns.hours')} hint={t('campaigns.hoursHint')}>
          <HoursEditor value={form.values.settings.hours} errors={hourErrors} onChange={(w) => form.setFieldValue('settings.hours', w)} />
          {form.errors['settings.hours'] && <div className={css.error} role="alert">{form.errors['settings.hours']}</div>}
        </Section>
        <Section title={t('law.section')} hint={t('law.hint')}><RuleFields form={form} /></Section>
        <Rules form={form} />
      </div>
      <Section title={t('campaigns.results')} wide><ResultsTable form={form} /></Section>
      {dialog}
      <div className={css.saveBar}>
        <Text size="sm" c="dimmed">{dirty ? t('campaigns.unsaved') : ''}</Text>
        <Button type="submit" ml="auto" loading={save.isPending} data-testid="campaign-save">{t('campaigns.save')}</Button>
      </div>
    </form>
  );
}
