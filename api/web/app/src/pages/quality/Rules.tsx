import { ActionIcon, Button, Checkbox, Group, NumberInput, SegmentedControl, Select, Switch, Table, TagsInput, TextInput, Tooltip, VisuallyHidden } from '@mantine/core';
import { IconDice5, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCampaigns } from '../../api/queries';
import { useCards, useDeleteRule, useRules, useSaveRule, type Rule } from '../../api/quality';
import { clockText, useFormats } from '../../lib/format';
import { Confirm } from '../../ui/confirm';
import { toastProblem } from '../../ui/toast';
import { Empty, Load, Panel, Scroll, StatePill } from '../../ui/ui';
import { useTeams, useUserNames } from '../campaigns/api';
import { ChangeProblem, FormDialog } from '../lists/parts';
import css from './quality.module.css';

function RuleDialog({ rule, onClose }: { rule: Rule | null; onClose: () => void }) {
  const { t } = useTranslation();
  const cards = (useCards().data ?? []).filter((c) => (c.version > 0 && !c.retired) || c.id === rule?.card_id);
  const campaigns = useCampaigns().data ?? [];
  const teams = useTeams().data ?? [];
  const agents = (useUserNames().data ?? []).filter((u) => u.role === 'agent' && !u.disabled);
  const save = useSaveRule();
  const [v, setV] = useState({
    name: rule?.name ?? '', card_id: rule?.card_id ?? '', enabled: rule?.enabled ?? true, campaign_id: rule?.campaign_id ?? '', team_id: rule?.team_id ?? '', agent_id: rule?.agent_id ?? '',
    mode: rule?.mode ?? ('weekly' as Rule['mode']), percent: rule?.share ? Math.round(rule.share * 1000) / 10 : 5, per_week: rule?.per_week || 2, dispositions: rule?.dispositions ?? [],
    least: (rule?.least_ms ?? 0) / 1000, most: (rule?.most_ms ?? 0) / 1000, early: rule?.early ?? false, due_days: rule?.due_days ?? 7,
  });
  const set = (c: Partial<typeof v>) => setV({ ...v, ...c });
  const card = v.card_id || (cards.length === 1 ? cards[0]!.id : '');
  const known = campaigns.filter((c) => !v.campaign_id || c.id === v.campaign_id).flatMap((c) => c.settings?.dispositions ?? []).map((d) => d.code);
  const send = () => save.mutate({
    id: rule?.id ?? '', revision: rule?.revision ?? 0,
    text: {
      name: v.name.trim(), card_id: card, enabled: v.enabled, mode: v.mode, ...(v.mode === 'share' ? { share: v.percent / 100 } : { per_week: v.per_week }), ...(v.campaign_id ? { campaign_id: v.campaign_id } : {}),
      ...(v.team_id ? { team_id: v.team_id } : {}), ...(v.agent_id ? { agent_id: v.agent_id } : {}), dispositions: v.dispositions, least_ms: v.least * 1000, most_ms: v.most * 1000, early: v.early, due_days: v.due_days,
    },
  }, { onSuccess: onClose });
  const named = (all: { id: string; name: string }[]) => all.map((x) => ({ value: x.id, label: x.name }));
  return (
    <FormDialog title={t(rule ? 'quality.changeRule' : 'quality.newRule')} action={t('quality.save')} size="lg" busy={save.isPending} disabled={!v.name.trim() || !card} testid="rule-dialog" onClose={onClose} onSubmit={send}>
      <Group grow align="flex-start">
        <TextInput label={t('ui.name')} maxLength={120} required data-autofocus value={v.name} onChange={(e) => set({ name: e.currentTarget.value })} data-testid="rule-name" />
        <Select label={t('quality.card')} required allowDeselect={false} value={card || null} onChange={(x) => set({ card_id: x ?? '' })} data={named(cards)} data-testid="rule-card" />
      </Group>
      <Group align="flex-end" gap="md">
        <SegmentedControl aria-label={t('quality.howMany')} value={v.mode} onChange={(x) => set({ mode: x as Rule['mode'] })} data={[{ value: 'weekly', label: t('quality.weekly') }, { value: 'share', label: t('quality.share') }]} data-testid="rule-mode" />
        {v.mode === 'share'
          ? <NumberInput w={120} aria-label={t('quality.share')} min={0.1} max={100} decimalScale={1} suffix=" %" value={v.percent} onChange={(x) => set({ percent: Number(x) || 0.1 })} data-testid="rule-share" />
          : <NumberInput w={120} aria-label={t('quality.weekly')} min={1} max={100} allowDecimal={false} value={v.per_week} onChange={(x) => set({ per_week: Number(x) || 1 })} data-testid="rule-weekly" />}
        <span className={css.soft}>{t(v.mode === 'share' ? 'quality.shareHint' : 'quality.weeklyHint')}</span>
      </Group>
      <Group grow align="flex-start">
        <Select label={t('quality.campaign')} clearable searchable placeholder={t('quality.any')} value={v.campaign_id || null} onChange={(x) => set({ campaign_id: x ?? '' })} data={named(campaigns)} data-testid="rule-campaign" />
        <Select label={t('quality.team')} clearable searchable placeholder={t('quality.any')} value={v.team_id || null} onChange={(x) => set({ team_id: x ?? '' })} data={named(teams)} data-testid="rule-team" />
        <Select label={t('quality.agent')} clearable searchable placeholder={t('quality.any')} value={v.agent_id || null} onChange={(x) => set({ agent_id: x ?? '' })} data={named(agents)} data-testid="rule-agent" />
      </Group>
      <TagsInput label={t('quality.results')} placeholder={v.dispositions.length ? undefined : t('quality.any')} maxTags={50} value={v.dispositions} onChange={(x) => set({ dispositions: x })} data={[...new Set(known)]} data-testid="rule-results" />
      <Group grow align="flex-start">
        <NumberInput label={t('quality.least')} min={0} max={86400} allowDecimal={false} suffix=" s" value={v.least} onChange={(x) => set({ least: Number(x) || 0 })} />
        <NumberInput label={t('quality.most')} description={t('quality.mostHint')} min={0} max={86400} allowDecimal={false} suffix=" s" value={v.most} onChange={(x) => set({ most: Number(x) || 0 })} inputWrapperOrder={['label', 'input', 'description', 'error']} />
        <NumberInput label={t('quality.dueDays')} min={1} max={90} allowDecimal={false} value={v.due_days} onChange={(x) => set({ due_days: Number(x) || 1 })} />
      </Group>
      <Checkbox label={t('quality.early')} checked={v.early} onChange={(e) => set({ early: e.currentTarget.checked })} />
      <Switch label={t('quality.enabled')} checked={v.enabled} onChange={(e) => set({ enabled: e.currentTarget.checked })} data-testid="rule-enabled" />
      <ChangeProblem error={save.error} />
    </FormDialog>
  );
}

/** What a rule draws from, in words. */
function useWords() {
  const { t } = useTranslation();
  const campaigns = useCampaigns().data ?? [];
  const teams = useTeams().data ?? [];
  const users = useUserNames().data ?? [];
  const name = (all: { id: string; name: string }[], id: string | null) => (id ? (all.find((x) => x.id === id)?.name ?? '…') : '');
  return (r: Rule) => [
    name(campaigns, r.campaign_id), name(teams, r.team_id), name(users, r.agent_id), r.dispositions.join(', '), r.early ? t('quality.earlyShort') : '',
    r.least_ms > 0 ? `≥ ${clockText(r.least_ms / 1000)}` : '', r.most_ms > 0 ? `≤ ${clockText(r.most_ms / 1000)}` : '',
  ].filter(Boolean).join(' · ') || t('quality.everything');
}

export function Rules() {
  const { t } = useTranslation();
  const f = useFormats();
  const rules = useRules();
  const words = useWords();
  const remove = useDeleteRule();
  const [edited, setEdited] = useState<Rule | 'new' | null>(null);
  const [removing, setRemoving] = useState<Rule | null>(null);
  const create = <Button size="compact-sm" variant="light" leftSection={<IconPlus size={14} />} onClick={() => setEdited('new')} data-testid="rule-new">{t('quality.newRule')}</Button>;
  return (
    <Panel title={t('quality.rules')} aside={create} className={css.below} testid="rules">
      <Load query={rules} rows={3} empty={(x) => x.length === 0} whenEmpty={<Empty icon={<IconDice5 size={36} stroke={1.4} />} title={t('quality.noRules')} hint={t('quality.noRulesHint')} />}>
        {(all) => (
          <Scroll>
            <Table className={css.table}>
              <Table.Thead><Table.Tr><Table.Th>{t('ui.name')}</Table.Th><Table.Th>{t('quality.draws')}</Table.Th><Table.Th>{t('quality.of')}</Table.Th><Table.Th>{t('quality.card')}</Table.Th><Table.Th ta="right">{t('quality.drawn')}</Table.Th><Table.Th ta="right">{t('quality.open')}</Table.Th><Table.Th><VisuallyHidden>{t('board.actions')}</VisuallyHidden></Table.Th></Table.Tr></Table.Thead>
              <Table.Tbody>
                {all.map((r) => (
                  <Table.Tr key={r.id} data-testid="rule-row">
                    <Table.Td className={css.cut} title={r.name}>{r.name}{!r.enabled && <>&ensp;<StatePill state="plain">{t('quality.off')}</StatePill></>}</Table.Td>
                    <Table.Td>{r.mode === 'share' ? t('quality.drawsShare', { share: f.percent(r.share) }) : t('quality.drawsWeekly', { n: r.per_week })}</Table.Td>
                    <Table.Td className={css.cut} title={words(r)}>{words(r)}</Table.Td>
                    <Table.Td className={css.cut} title={r.card}>{r.card}</Table.Td>
                    <Table.Td ta="right" className="num">{f.number(r.drawn)}</Table.Td>
                    <Table.Td ta="right" className="num">{f.number(r.open)}</Table.Td>
                    <Table.Td ta="right">
                      <Group gap={4} wrap="nowrap" justify="flex-end">
                        <Tooltip label={t('quality.changeRule')}><ActionIcon size="sm" variant="subtle" color="gray" onClick={() => setEdited(r)} aria-label={`${t('quality.changeRule')}: ${r.name}`} data-testid="rule-edit"><IconPencil size={15} /></ActionIcon></Tooltip>
                        <ActionIcon size="sm" variant="subtle" color="red" onClick={() => setRemoving(r)} aria-label={`${t('act.remove')}: ${r.name}`} data-testid="rule-remove"><IconTrash size={15} /></ActionIcon>
                      </Group>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Scroll>
        )}
      </Load>
      {edited && <RuleDialog rule={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
      <Confirm opened={removing !== null} danger title={t('quality.removeRule', { name: removing?.name ?? '' })} hint={t('quality.removeRuleHint')} action={t('act.remove')} busy={remove.isPending} onClose={() => setRemoving(null)}
        onConfirm={() => removing && remove.mutate(removing.id, { onError: toastProblem, onSettled: () => setRemoving(null) })} />
    </Panel>
  );
}
