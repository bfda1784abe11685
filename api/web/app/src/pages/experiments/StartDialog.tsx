import { ActionIcon, Button, Checkbox, Group, NumberInput, Select, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStartExperiment, type Outcome, type Treatment } from '../../api/experiments';
import { useScripts } from '../../api/queries';
import { WEEKDAYS, type Week } from '../../api/types';
import { toastOK } from '../../ui/toast';
import { ChangeProblem, FormDialog } from '../lists/parts';
import css from './experiments.module.css';

interface Draft {
  name: string;
  weight: number;
  holdOut: boolean;
  script: string | null;
  caller: string;
  from: string;
  to: string;
  preview: boolean;
}

const fresh = (name: string): Draft => ({ name, weight: 1, holdOut: false, script: null, caller: '', from: '', to: '', preview: false });

/** What the server is sent of an arm: only what differs from the campaign. */
export function treatmentOf(d: Draft, version: (script: string) => number): Treatment {
  const base = { name: d.name.trim(), weight: d.weight };
  if (d.holdOut) return { ...base, hold_out: true };
  const hours: Week = {};
  if (d.from && d.to) for (const day of WEEKDAYS) hours[day] = [[d.from, d.to]];
  return {
    ...base, ...(d.script ? { script_id: d.script, script_version: version(d.script) } : {}), ...(d.caller.trim() ? { caller_id: d.caller.trim() } : {}),
    ...(d.from && d.to ? { hours } : {}), ...(d.preview ? { preview: true } : {}),
  };
}

function Arm({ d, i, only, outcome, scripts, change, remove }: { d: Draft; i: number; only: boolean; outcome: Outcome; scripts: { value: string; label: string }[]; change: (c: Partial<Draft>) => void; remove: () => void }) {
  const { t } = useTranslation();
  return (
    <fieldset className={css.arm} data-testid="arm">
      <legend>{i === 0 ? t('experiments.control') : t('experiments.armN', { n: i })}</legend>
      <Group gap={8} align="end" wrap="nowrap">
        <TextInput label={t('experiments.name')} maxLength={60} value={d.name} onChange={(e) => change({ name: e.currentTarget.value })} style={{ flex: 1 }} />
        <NumberInput label={t('experiments.weight')} w={90} min={1} max={100} allowDecimal={false} value={d.weight} onChange={(v) => change({ weight: Math.max(1, Number(v) || 1) })} />
        <ActionIcon variant="subtle" color="gray" mb={4} disabled={only || i === 0} onClick={remove} aria-label={`${t('act.remove')}: ${d.name}`}><IconTrash size={15} /></ActionIcon>
      </Group>
      {i === 0 && outcome === 'conversion' && <Checkbox mt={8} label={t('experiments.holdOutHint')} checked={d.holdOut} onChange={(e) => change({ holdOut: e.currentTarget.checked })} data-testid="hold-out" />}
      {!d.holdOut && (
        <Group gap={8} mt={8} align="end" grow>
          <Select size="xs" label={t('experiments.script')} clearable searchable placeholder={t('experiments.asIs')} value={d.script} onChange={(script) => change({ script })} data={scripts} />
          <TextInput size="xs" label={t('experiments.caller')} placeholder={t('experiments.asIs')} value={d.caller} onChange={(e) => change({ caller: e.currentTarget.value })} />
          <TextInput size="xs" type="time" label={t('experiments.from')} value={d.from} onChange={(e) => change({ from: e.currentTarget.value })} />
          <TextInput size="xs" type="time" label={t('experiments.to')} value={d.to} onChange={(e) => change({ to: e.currentTarget.value })} />
          <Checkbox size="xs" mb={6} label={t('experiments.preview')} checked={d.preview} onChange={(e) => change({ preview: e.currentTarget.checked })} />
        </Group>
      )}
    </fieldset>
  );
}

/** Says what is compared and draws the contacts of a paused campaign. */
export function StartDialog({ campaigns, onClose }: { campaigns: { id: string; name: string }[]; onClose: () => void }) {
  const { t } = useTranslation();
  const scripts = useScripts().data ?? [];
  const start = useStartExperiment();
  const [name, setName] = useState('');
  const [campaign, setCampaign] = useState<string | null>(null);
  const [outcome, setOutcome] = useState<Outcome>('success');
  const [strata, setStrata] = useState('list');
  const [field, setField] = useState('');
  const [planned, setPlanned] = useState(2000);
  const [arms, setArms] = useState<Draft[]>([fresh('A'), fresh('B')]);
  const version = (id: string) => scripts.find((s) => s.id === id)?.version ?? 1;
  const change = (i: number, c: Partial<Draft>) => setArms((now) => now.map((a, k) => (k === i ? { ...a, ...c } : a)));
  const submit = () => start.mutate({ name: name.trim(), campaign_id: campaign!, outcome, planned, strata: strata === 'field' ? `field.${field.trim()}` : strata, arms: arms.map((a) => treatmentOf({ ...a, holdOut: a.holdOut && outcome === 'conversion' }, version)) }, {
    onSuccess: () => {
      toastOK(t('experiments.started'));
      onClose();
    },
  });
  const ready = name.trim() !== '' && !!campaign && arms.every((a) => a.name.trim()) && (strata !== 'field' || field.trim() !== '');
  return (
    <FormDialog title={t('experiments.create')} hint={t('experiments.createHint')} action={t('experiments.start')} busy={start.isPending} disabled={!ready} size="xl" testid="start-experiment" onClose={onClose} onSubmit={submit}>
      <Group grow align="flex-start">
        <TextInput label={t('experiments.name')} maxLength={120} value={name} onChange={(e) => setName(e.currentTarget.value)} data-autofocus data-testid="experiment-name" />
        <Select label={t('sales.campaign')} searchable value={campaign} onChange={setCampaign} data={campaigns.map((c) => ({ value: c.id, label: c.name }))} data-testid="experiment-campaign" />
      </Group>
      <Group grow align="flex-start">
        <Select label={t('experiments.compared')} allowDeselect={false} value={outcome} onChange={(v) => setOutcome((v ?? 'success') as Outcome)} data={(['success', 'contact', 'conversion'] as const).map((value) => ({ value, label: t(`experiments.outcome.${value}`) }))} data-testid="experiment-outcome" />
        <NumberInput label={t('experiments.planned')} min={200} max={10_000_000} step={100} thousandSeparator="," allowDecimal={false} value={planned} onChange={(v) => setPlanned(Number(v) || 200)} />
        <Select label={t('experiments.strata')} allowDeselect={false} value={strata} onChange={(v) => setStrata(v ?? '')} data={[{ value: '', label: t('experiments.nothing') }, { value: 'list', label: t('experiments.byList') }, { value: 'zone', label: t('experiments.byZone') }, { value: 'field', label: t('experiments.byField') }]} />
        {strata === 'field' && <TextInput label={t('experiments.byField')} maxLength={60} value={field} onChange={(e) => setField(e.currentTarget.value)} />}
      </Group>
      {arms.map((d, i) => (
        <Arm key={i} d={d} i={i} only={arms.length < 3} outcome={outcome} scripts={scripts.map((s) => ({ value: s.id, label: s.name }))} change={(c) => change(i, c)} remove={() => setArms((now) => now.filter((_, k) => k !== i))} />
      ))}
      <span><Button size="compact-xs" variant="subtle" leftSection={<IconPlus size={13} />} disabled={arms.length >= 10} onClick={() => setArms((now) => [...now, fresh(String.fromCharCode(65 + now.length))])}>{t('experiments.addArm')}</Button></span>
      <ChangeProblem error={start.error} />
    </FormDialog>
  );
}
