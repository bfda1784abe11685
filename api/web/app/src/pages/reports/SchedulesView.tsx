import { Button, Checkbox, Modal, MultiSelect, Select, Table, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCampaignNames } from '../../api/queries';
import { GROUPS, useDropSchedule, usePutSchedule, useSchedules, type Plan, type Schedule, type ScheduleDraft } from '../../api/reports';
import { useWebhooks } from '../../api/room';
import { useFormats } from '../../lib/format';
import { Confirm } from '../../ui/confirm';
import { toastOK, toastProblem } from '../../ui/toast';
import { Empty, Load, Panel, Scroll, StatePill } from '../../ui/ui';
import css from './reports.module.css';

const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
const PERIODS: Plan['period'][] = ['yesterday', 'last_7_days', 'last_week', 'this_month', 'last_month'];
const pills = { sent: 'good', failed: 'bad', unknown: 'warn', waiting: 'info' } as const;

function fresh(language: string): ScheduleDraft {
  return { name: '', plan: { group: 'campaign', period: 'yesterday', every: 'day', at: '07:00' }, way: 'mail', target: '', format: 'xlsx', language: language.startsWith('zh') ? 'zh-CN' : 'en', zone: own, enabled: true };
}

function Form({ of, onClose }: { of: Schedule | null; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const [d, setD] = useState<ScheduleDraft>(() => of ?? fresh(i18n.language));
  const campaigns = useCampaignNames();
  const hooks = useWebhooks(d.way === 'webhook').data ?? [];
  const save = usePutSchedule();
  const plan = (p: Partial<Plan>) => setD((x) => ({ ...x, plan: { ...x.plan, ...p } }));
  const submit = async () => {
    const { name, way, target, format, language, zone, enabled } = d;
    try {
      await save.mutateAsync({ id: of?.id ?? '', revision: of?.revision ?? 0, draft: { name, plan: d.plan, way, target, format, language, zone, enabled } });
      toastOK(t('reports.schedule.saved'));
      onClose();
    } catch (e) {
      toastProblem(e);
    }
  };
  const one = <T extends string>(label: string, value: T, values: readonly T[], text: (v: T) => string, on: (v: T) => void) => (
    <Select label={label} value={value} allowDeselect={false} data={values.map((v) => ({ value: v, label: text(v) }))} onChange={(v) => v && on(v as T)} />
  );
  return (
    <Modal opened onClose={onClose} title={t(of ? 'reports.schedule.edit' : 'reports.schedule.add')} size="lg">
      <form onSubmit={(e) => { e.preventDefault(); void submit(); }}>
        <div className={css.form}>
          <TextInput data-wide label={t('reports.schedule.name')} value={d.name} maxLength={120} required onChange={(e) => setD({ ...d, name: e.currentTarget.value })} data-testid="schedule-name" />
          {one(t('reports.group'), d.plan.group, GROUPS, (g) => t(`reports.by.${g}`), (group) => plan({ group }))}
          {one(t('reports.period'), d.plan.period, PERIODS, (p) => t(`reports.schedule.period.${p}`), (period) => plan({ period }))}
          {one(t('reports.schedule.every'), d.plan.every, ['day', 'week', 'month'] as const, (e) => t(`reports.schedule.each.${e}`), (every) => plan({ every, weekday: every === 'week' ? 1 : undefined }))}
          <TextInput label={t('reports.schedule.at')} type="time" value={d.plan.at} required onChange={(e) => plan({ at: e.currentTarget.value })} />
          {d.plan.every === 'week' && one(t('reports.schedule.weekday'), String(d.plan.weekday ?? 1), ['1', '2', '3', '4', '5', '6', '7'] as const, (v) => new Intl.DateTimeFormat(i18n.language, { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2024, 0, Number(v))), (v) => plan({ weekday: Number(v) }))}
          <Select label={t('reports.zone')} searchable value={d.zone} data={[...new Set(['UTC', own, ...Intl.supportedValuesOf('timeZone')])]} limit={60} onChange={(zone) => zone && setD({ ...d, zone })} />
          {one(t('reports.schedule.way'), d.way, ['mail', 'webhook'] as const, (w) => t(`reports.schedule.ways.${w}`), (way) => setD({ ...d, way, target: '' }))}
          {d.way === 'webhook' && hooks.length > 0
            ? <Select label={t('reports.schedule.target.webhook')} searchable required value={d.target || null} data={[...new Set([...hooks.map((h) => h.name), ...(d.target ? [d.target] : [])])]} onChange={(target) => setD({ ...d, target: target ?? '' })} data-testid="schedule-target" />
            : <TextInput label={t(`reports.schedule.target.${d.way}`)} value={d.target} required maxLength={1000} onChange={(e) => setD({ ...d, target: e.currentTarget.value })} data-testid="schedule-target" />}
          {one(t('reports.schedule.format'), d.format, ['xlsx', 'csv'] as const, (v) => v.toUpperCase(), (format) => setD({ ...d, format }))}
          {one(t('reports.schedule.language'), d.language, ['en', 'zh-CN'] as const, (v) => (v === 'en' ? 'English' : '简体中文'), (language) => setD({ ...d, language }))}
          <MultiSelect data-wide searchable clearable label={t('reports.campaigns')} placeholder={d.plan.campaign_ids?.length ? undefined : t('reports.all')} value={d.plan.campaign_ids ?? []} onChange={(campaign_ids) => plan({ campaign_ids })} data={(campaigns.data ?? []).map((c) => ({ value: c.id, label: c.name }))} />
          <Checkbox data-wide label={t('reports.schedule.enabled')} checked={d.enabled} onChange={(e) => setD({ ...d, enabled: e.currentTarget.checked })} />
          <div data-wide className={css.actions}><Button variant="default" onClick={onClose}>{t('act.cancel')}</Button><Button type="submit" loading={save.isPending} data-testid="schedule-save">{t('reports.schedule.save')}</Button></div>
        </div>
      </form>
    </Modal>
  );
}

function Rows({ all, edit, drop }: { all: Schedule[]; edit: (s: Schedule) => void; drop: (s: Schedule) => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  return (
    <Scroll>
      <Table data-testid="schedules">
        <Table.Thead><Table.Tr><Table.Th>{t('reports.schedule.name')}</Table.Th><Table.Th>{t('reports.schedule.what')}</Table.Th><Table.Th>{t('reports.schedule.to')}</Table.Th><Table.Th>{t('reports.schedule.next')}</Table.Th><Table.Th>{t('reports.schedule.last')}</Table.Th><Table.Th /></Table.Tr></Table.Thead>
        <Table.Tbody>
          {all.map((s) => (
            <Table.Tr key={s.id}>
              <Table.Td><div className="truncate" style={{ maxWidth: 260 }} title={s.name}>{s.name}</div></Table.Td>
              <Table.Td>{t(`reports.by.${s.plan.group}`)} · {t(`reports.schedule.period.${s.plan.period}`)}</Table.Td>
              <Table.Td><div className="truncate" style={{ maxWidth: 240 }} title={s.target}>{t(`reports.schedule.ways.${s.way}`)}: {s.target}</div></Table.Td>
              <Table.Td className="num">{s.enabled ? `${f.dateTime(s.due_at)}` : t('reports.schedule.off')}</Table.Td>
              <Table.Td>{s.last ? <><StatePill state={pills[s.last.state]}>{t(`reports.schedule.state.${s.last.state}`)}</StatePill>{s.last.error && <div className={css.note} style={{ maxWidth: 320, overflowWrap: 'anywhere' }}>{s.last.error}</div>}</> : '–'}</Table.Td>
              <Table.Td><div className={css.actions}><Button size="compact-xs" variant="default" onClick={() => edit(s)}>{t('reports.schedule.change')}</Button><Button size="compact-xs" variant="default" color="red" onClick={() => drop(s)}>{t('act.remove')}</Button></div></Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}

/** Reports that are sent at set times, and what became of the last one. */
export function SchedulesView() {
  const { t } = useTranslation();
  const found = useSchedules();
  const remove = useDropSchedule();
  const [edited, setEdited] = useState<Schedule | null | undefined>();
  const [gone, setGone] = useState<Schedule | null>(null);
  const add = <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => setEdited(null)} data-testid="schedule-add">{t('reports.schedule.add')}</Button>;
  const drop = async () => {
    try {
      await remove.mutateAsync(gone!.id);
      setGone(null);
    } catch (e) {
      toastProblem(e);
    }
  };
  return (
    <Panel title={t('reports.tab.schedules')} aside={add}>
      <Load query={found} empty={(all) => all.length === 0} whenEmpty={<Empty title={t('reports.schedule.empty')} hint={t('reports.schedule.emptyHint')} />}>
        {(all) => <Rows all={all} edit={setEdited} drop={setGone} />}
      </Load>
      {edited !== undefined && <Form of={edited} onClose={() => setEdited(undefined)} />}
      <Confirm opened={gone !== null} title={t('reports.schedule.dropAsk', { name: gone?.name ?? '' })} hint={t('reports.schedule.dropHint')} action={t('act.remove')} danger busy={remove.isPending} onConfirm={() => void drop()} onClose={() => setGone(null)} />
    </Panel>
  );
}
