import { Checkbox, MultiSelect, Select, Tabs, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { GROUPS, type Ask, type Group } from '../../api/reports';
import { useCampaignNames } from '../../api/queries';
import { clock } from '../../lib/clock';
import { useUser } from '../../lib/session';
import { load, save } from '../../lib/storage';
import { toWall } from '../../lib/zone';
import { Page } from '../../ui/ui';
import { HeatView } from './HeatView';
import { LedgerView } from './LedgerView';
import { NumbersView } from './NumbersView';
import { preset, PRESETS, type Preset } from './reports';
import css from './reports.module.css';
import { SchedulesView } from './SchedulesView';

const KEY = 'dialtide.reports';
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
const zones = () => [...new Set(['UTC', own, ...Intl.supportedValuesOf('timeZone')])];

function first(): Ask {
  const kept = load<Partial<Ask>>(KEY);
  const zone = typeof kept?.zone === 'string' && kept.zone ? kept.zone : own;
  const [from, to] = preset('last7', toWall(clock.now(), zone).slice(0, 10));
  return { from, to, zone, group: GROUPS.includes(kept?.group as Group) ? kept!.group! : 'campaign', campaigns: [], compare: kept?.compare === true };
}

/** The same question in another zone. What is today there may be tomorrow here: a period like "today" is taken anew, and none begins in the future. */
function inZone(ask: Ask, zone: string): Ask {
  const dayIn = (z: string) => toWall(clock.now(), z).slice(0, 10);
  const chosen = PRESETS.find((p) => preset(p, dayIn(ask.zone)).join() === [ask.from, ask.to].join());
  const today = dayIn(zone);
  if (chosen) {
    const [from, to] = preset(chosen, today);
    return { ...ask, zone, from, to };
  }
  const upTo = (day: string) => (day > today ? today : day);
  return { ...ask, zone, from: upTo(ask.from), to: upTo(ask.to) };
}

function Bar({ ask, set, tab }: { ask: Ask; set: (a: Ask) => void; tab: string }) {
  const { t } = useTranslation();
  const user = useUser();
  const campaigns = useCampaignNames();
  const names = useMemo(zones, []);
  const groups = GROUPS.filter((g) => g !== 'agent' || user.role !== 'list_manager');
  const today = toWall(clock.now(), ask.zone).slice(0, 10);
  const chosen = PRESETS.find((p) => preset(p, today).join() === [ask.from, ask.to].join());
  const day = (name: 'from' | 'to') => (
    <TextInput size="xs" type="date" label={t(`reports.${name}`)} value={ask[name]} max={today} onChange={(e) => e.currentTarget.value && set({ ...ask, [name]: e.currentTarget.value })} data-testid={`report-${name}`} />
  );
  return (
    <div className={css.bar}>
      {tab !== 'abandonment' && (
        <Select size="xs" w={140} label={t('reports.period')} placeholder={t('reports.ownPeriod')} value={chosen ?? null} allowDeselect={false} data={PRESETS.map((p) => ({ value: p, label: t(`reports.preset.${p}`) }))} data-testid="report-preset"
          onChange={(p) => { if (p) { const [from, to] = preset(p as Preset, today); set({ ...ask, from, to }); } }} />
      )}
      {day('from')}{day('to')}
      <Select size="xs" searchable className={css.grow} label={t('reports.zone')} value={ask.zone} data={names} limit={60} onChange={(zone) => zone && set(inZone(ask, zone))} data-testid="report-zone" />
      {tab === '' && <Select size="xs" w={150} label={t('reports.group')} value={ask.group} allowDeselect={false} data={groups.map((g) => ({ value: g, label: t(`reports.by.${g}`) }))} onChange={(g) => g && set({ ...ask, group: g as Group })} data-testid="report-group" />}
      <MultiSelect size="xs" searchable clearable className={css.grow} label={t('reports.campaigns')} placeholder={ask.campaigns.length ? undefined : t('reports.all')} value={ask.campaigns} maxValues={50} onChange={(v) => set({ ...ask, campaigns: v })}
        data={(campaigns.data ?? []).map((c) => ({ value: c.id, label: c.name }))} data-testid="report-campaigns" />
      {tab === '' && <Checkbox size="xs" pb={7} label={t('reports.compare')} checked={ask.compare} onChange={(e) => set({ ...ask, compare: e.currentTarget.checked })} />}
    </div>
  );
}

/** Numbers of a period, when callees are reached, the abandonment ledger, and reports that are sent. */
export default function ReportsPage({ tab }: { tab: string }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const [ask, setAsk] = useState(first);
  const set = (a: Ask) => {
    save(KEY, { zone: a.zone, group: a.group, compare: a.compare });
    setAsk(a.from > a.to ? { ...a, to: a.from } : a);
  };
  return (
    <Page title={t('reports.title')}>
      <Tabs value={tab || 'numbers'} onChange={(v) => go('/reports' + (v === 'numbers' ? '' : `/${v}`))} mb={10}>
        <Tabs.List>{['numbers', 'heat', 'abandonment', 'schedules'].map((v) => <Tabs.Tab key={v} value={v} data-testid={`reports-${v}`}>{t(`reports.tab.${v}`)}</Tabs.Tab>)}</Tabs.List>
      </Tabs>
      {tab !== 'schedules' && <Bar ask={ask} set={set} tab={tab} />}
      {tab === '' && <NumbersView ask={ask} />}
      {tab === 'heat' && <HeatView ask={ask} />}
      {tab === 'abandonment' && <LedgerView ask={ask} />}
      {tab === 'schedules' && <SchedulesView />}
    </Page>
  );
}
