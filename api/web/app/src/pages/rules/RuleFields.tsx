import { ActionIcon, Anchor, Button, Checkbox, MultiSelect, NumberInput, Select, Text, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { ACTIVITIES, type RegistryDemand, type Rule } from '../../api/law';
import { usePacks } from '../../api/lawQueries';
import { useLists } from '../../api/queries';
import { codeName } from '../../i18n';
import { inTongue } from '../../lib/bilingual';
import type { Form } from '../campaigns/parts';
import { newRule, packsFor } from './custom';
import { OwnRule } from './OwnRule';
import css from './rules.module.css';

/** The first error below a path of the settings. */
function errorBelow(form: Form, path: string) {
  return Object.entries(form.errors).find(([k]) => k === path || k.startsWith(path + '.'))?.[1];
}

function Packs({ form }: { form: Form }) {
  const { t } = useTranslation();
  const packs = usePacks();
  const lists = useLists();
  const chosen = form.values.settings.packs;
  const auto = !chosen;
  const regions = (lists.data ?? []).filter((l) => form.values.list_ids.includes(l.id)).map((l) => l.region);
  const usual = packsFor(regions, packs.data ?? []);
  const [first] = useState(chosen); // what it goes back to
  const none = chosen?.length === 0;
  const lawful = usual.length > 0 ? usual : undefined; // undefined: the server says what it can find
  const without = (yes: boolean) => {
    form.setFieldValue('settings.packs', yes ? [] : first?.length === 0 ? lawful : first);
    form.setFieldValue('settings.no_packs', yes || undefined);
  };
  const named = (id: string) => {
    const p = packs.data?.find((x) => x.id === id);
    return p ? inTongue(p.title, p.title_zh) : id;
  };
  return (
    <div>
      <MultiSelect label={t('law.packs')} searchable clearable value={chosen ?? []} placeholder={auto ? t('law.packsAuto') : undefined}
        data={(packs.data ?? []).map((p) => ({ value: p.id, label: inTongue(p.title, p.title_zh) }))} error={errorBelow(form, 'settings.packs')}
        disabled={none} onChange={(v) => form.setFieldValue('settings.packs', v.length > 0 ? v : lawful)} data-testid="campaign-packs" />
      {auto && usual.length > 0 && <Text size="xs" c="dimmed" mt={4}>{usual.map(named).join(', ')}</Text>}
      <Checkbox mt={6} size="xs" label={t('law.packsNone')} checked={none} onChange={(e) => without(e.currentTarget.checked)} data-testid="campaign-no-packs" />
      <Anchor component={Link} href="/rules" size="xs">{t('rules.page')}</Anchor>
    </div>
  );
}

function Demands({ form }: { form: Form }) {
  const { t } = useTranslation();
  const rows = form.values.settings.registries ?? [];
  const put = (next: RegistryDemand[]) => form.setFieldValue('settings.registries', next.length ? next : undefined);
  const set = (i: number, change: Partial<RegistryDemand>) => put(rows.map((r, j) => (i === j ? { ...r, ...change } : r)));
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>{t('law.registries')}</Text>
      {rows.map((r, i) => (
        <div key={i} className={css.demand} data-testid="registry-demand">
          <TextInput size="xs" aria-label={`${t('law.region')} ${i + 1}`} placeholder={t('registry.regionHint')} maxLength={6} value={r.region} error={form.errors[`settings.registries.${i}.region`]} onChange={(e) => set(i, { region: e.currentTarget.value.toUpperCase() })} />
          <NumberInput size="xs" aria-label={`${t('law.maxAge')} ${i + 1}`} min={1} max={3650} allowDecimal={false} prefix={`${t('law.maxAge')} `} suffix={` ${t('ui.days')}`} value={r.max_age_days} error={form.errors[`settings.registries.${i}.max_age_days`]} onChange={(v) => set(i, { max_age_days: Number(v) })} />
          <ActionIcon variant="subtle" color="gray" onClick={() => put(rows.filter((_, j) => j !== i))} aria-label={`${t('act.remove')}: ${r.region}`}><IconX size={14} /></ActionIcon>
        </div>
      ))}
      <Button size="compact-sm" variant="light" mt={6} leftSection={<IconPlus size={14} />} onClick={() => put([...rows, { region: 'US', max_age_days: 31 }])} data-testid="add-demand">{t('law.addRegistry')}</Button>
    </div>
  );
}

function OwnRules({ form }: { form: Form }) {
  const { t } = useTranslation();
  const rules = form.values.settings.custom_rules ?? [];
  const put = (next: Rule[]) => form.setFieldValue('settings.custom_rules', next.length ? next : undefined);
  const error = errorBelow(form, 'settings.custom_rules');
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>{t('law.own')}</Text>
      <div className={css.body}>
        {rules.map((r, i) => <OwnRule key={i} rule={r} rules={rules} onChange={(n) => put(rules.map((x, j) => (i === j ? n : x)))} onRemove={() => put(rules.filter((_, j) => j !== i))} />)}
      </div>
      {error && <Text size="xs" c="red" role="alert" mt={4}>{error}</Text>}
      <Button size="compact-sm" variant="light" mt={8} leftSection={<IconPlus size={14} />} onClick={() => put([...rules, newRule('cap', codeName('ruleKind', 'cap'), rules)])} data-testid="add-own-rule">{t('law.addRule')}</Button>
    </div>
  );
}

/** The law that a campaign is under: the packs, what its calls are for, and what it asks more than they do. */
export function RuleFields({ form }: { form: Form }) {
  const { t } = useTranslation();
  const s = form.values.settings;
  return (
    <>
      <Packs form={form} />
      <div className={css.pair}>
        <Select label={t('law.activity')} allowDeselect={false} value={s.activity || 'sales'} data={ACTIVITIES.map((value) => ({ value, label: codeName('activity', value) }))} error={form.errors['settings.activity']}
          onChange={(v) => form.setFieldValue('settings.activity', v === 'sales' ? undefined : (v as typeof s.activity))} data-testid="campaign-activity" />
        <TextInput label={t('law.purpose')} placeholder={t('ui.none')} maxLength={40} value={s.purpose ?? ''} error={form.errors['settings.purpose']}
          onChange={(e) => form.setFieldValue('settings.purpose', e.currentTarget.value.trim() || undefined)} data-testid="campaign-purpose" />
      </div>
      <Text size="xs" c="dimmed" mt={-6}>{t('law.purposeHint')}</Text>
      <Demands form={form} />
      <OwnRules form={form} />
    </>
  );
}
