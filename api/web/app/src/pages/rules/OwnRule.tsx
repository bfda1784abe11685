import { ActionIcon, Checkbox, Chip, Group, NumberInput, Select, TagsInput, Text, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Ground, Rule } from '../../api/law';
import { WEEKDAYS } from '../../api/types';
import { codeName } from '../../i18n';
import { tidyTime } from '../campaigns/draft';
import { LIFTABLE_KINDS, oneSpan, OWN_KINDS, retype, weekFrom, type OwnKind } from './custom';
import css from './rules.module.css';
import { weekText } from './words';

interface Props {
  rule: Rule;
  rules: Rule[];
  onChange: (r: Rule) => void;
  onRemove: () => void;
}

type PartProps = Pick<Props, 'rule' | 'onChange'>;

function Hours({ rule, onChange }: PartProps) {
  const { t } = useTranslation();
  const span = oneSpan(rule.hours);
  if (!span) return <Text size="sm">{weekText(t, rule.hours ?? {})}</Text>;
  const set = (days: string[], from: string, to: string) => onChange({ ...rule, hours: weekFrom(days, from, to) });
  return (
    <>
      <Chip.Group multiple value={span.days} onChange={(days) => days.length > 0 && set(days, span.from, span.to)}>
        <Group gap={4} role="group" aria-label={t('law.everyDay')}>{WEEKDAYS.map((d) => <Chip key={d} size="xs" value={d}>{t(`day.${d}`)}</Chip>)}</Group>
      </Chip.Group>
      <div className={css.pair}>
        <TextInput size="xs" label={t('law.from')} maxLength={5} value={span.from} onChange={(e) => set(span.days, e.currentTarget.value, span.to)} onBlur={(e) => set(span.days, tidyTime(e.currentTarget.value), span.to)} />
        <TextInput size="xs" label={t('law.to')} maxLength={5} value={span.to} onChange={(e) => set(span.days, span.from, e.currentTarget.value)} onBlur={(e) => set(span.days, span.from, tidyTime(e.currentTarget.value))} />
      </div>
    </>
  );
}

function Cap({ rule, onChange }: PartProps) {
  const { t } = useTranslation();
  return (
    <div className={css.pair}>
      <NumberInput size="xs" label={t('law.max')} min={1} max={1000} allowDecimal={false} value={rule.max} onChange={(v) => onChange({ ...rule, max: Number(v) })} />
      <NumberInput size="xs" label={t('law.window')} min={1 / 24} max={366} decimalScale={2} suffix={` ${t('ui.days')}`} value={(rule.window_seconds ?? 0) / 86_400} onChange={(v) => onChange({ ...rule, window_seconds: Math.round(Number(v) * 86_400) })} />
      <Select size="xs" label={t('law.scope')} allowDeselect={false} value={rule.scope || 'number'} onChange={(v) => onChange({ ...rule, scope: v as Rule['scope'] })}
        data={[{ value: 'number', label: t('law.perNumber') }, { value: 'person', label: t('law.perPerson') }]} />
    </div>
  );
}

function Pause({ rule, onChange }: PartProps) {
  const { t } = useTranslation();
  const days = rule.ever ? 0 : (rule.days ?? Math.round((rule.window_seconds ?? 0) / 86_400));
  const event = (value: 'refusal' | 'conversation' | 'abandoned') => ({ value, label: t(`rules.event.${value}`) });
  return (
    <div className={css.pair}>
      <Select size="xs" label={t('law.after')} allowDeselect={false} value={rule.after || 'refusal'} onChange={(v) => onChange({ ...rule, after: v as Rule['after'] })} data={[event('refusal'), event('conversation'), event('abandoned')]} />
      <NumberInput size="xs" label={t('law.pauseDays')} min={0} max={3660} allowDecimal={false} suffix={days ? ` ${t('ui.days')}` : ` = ${t('law.ever')}`} value={days}
        onChange={(v) => onChange({ ...rule, window_seconds: undefined, ...(Number(v) > 0 ? { days: Number(v), ever: undefined } : { days: undefined, ever: true }) })} />
    </div>
  );
}

function Registry({ rule, onChange }: PartProps) {
  const { t } = useTranslation();
  return (
    <div className={css.pair}>
      <TextInput size="xs" label={t('law.region')} maxLength={6} value={rule.region ?? ''} onChange={(e) => onChange({ ...rule, region: e.currentTarget.value.toUpperCase() })} />
      <NumberInput size="xs" label={t('law.maxAge')} min={1} max={3650} allowDecimal={false} suffix={` ${t('ui.days')}`} value={(rule.max_age_seconds ?? 0) / 86_400} onChange={(v) => onChange({ ...rule, max_age_seconds: Number(v) * 86_400 })} />
    </div>
  );
}

// Where the rule comes from, and for whom a person may lift it. Some kinds hold for everybody.
function Grounds({ rule, onChange }: PartProps) {
  const { t } = useTranslation();
  return (
    <>
      <TextInput size="xs" label={`${t('law.source')} (${t('ui.optional')})`} placeholder={t('law.sourceHint')} maxLength={300} value={rule.source} onChange={(e) => onChange({ ...rule, source: e.currentTarget.value })} data-testid="own-rule-source" />
      {LIFTABLE_KINDS.includes(rule.kind) ? (
        <Checkbox.Group label={t('law.lift')} description={t('law.liftHint')} size="xs" value={rule.override ?? []} onChange={(v) => onChange({ ...rule, override: v.length > 0 ? (v as Ground[]) : undefined })}>
          <Group gap="md" mt={6}>{(['consent', 'relationship'] as const).map((g) => <Checkbox key={g} size="xs" value={g} label={t(`law.ground.${g}`)} data-testid={`own-rule-${g}`} />)}</Group>
        </Checkbox.Group>
      ) : <Text size="xs" c="dimmed">{t('law.liftNever')}</Text>}
    </>
  );
}

/** One rule that a campaign makes for itself. */
export function OwnRule({ rule, rules, onChange, onRemove }: Props) {
  const { t } = useTranslation();
  const known = OWN_KINDS.includes(rule.kind as OwnKind);
  return (
    <div className={css.custom} data-testid="own-rule" data-kind={rule.kind}>
      <div className={css.customHead}>
        <Select size="xs" aria-label={t('law.kind')} allowDeselect={false} value={rule.kind} disabled={!known} data={(known ? OWN_KINDS : [rule.kind]).map((value) => ({ value, label: codeName('ruleKind', value) }))}
          onChange={(v) => v && v !== rule.kind && onChange(retype(rule, v as OwnKind, codeName('ruleKind', v), rules))} />
        <ActionIcon variant="subtle" color="gray" onClick={onRemove} aria-label={`${t('law.removeRule')}: ${rule.title}`}><IconX size={15} /></ActionIcon>
      </div>
      <TextInput size="xs" label={t('law.ruleTitle')} maxLength={200} value={rule.title} onChange={(e) => onChange({ ...rule, title: e.currentTarget.value })} />
      {rule.kind === 'hours' && <Hours rule={rule} onChange={onChange} />}
      {rule.kind === 'cap' && <Cap rule={rule} onChange={onChange} />}
      {rule.kind === 'pause' && <Pause rule={rule} onChange={onChange} />}
      {rule.kind === 'registry' && <Registry rule={rule} onChange={onChange} />}
      <Grounds rule={rule} onChange={onChange} />
      <TagsInput size="xs" label={t('law.where')} placeholder={rule.where?.length ? undefined : t('law.whereHint')} splitChars={[',', ' ', ';']} value={rule.where ?? []}
        onChange={(v) => onChange({ ...rule, where: v.length ? v.map((x) => x.trim().toUpperCase()) : undefined })} />
    </div>
  );
}
