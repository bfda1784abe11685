import { ActionIcon, Button, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCallbacks, type AgreedCallback } from '../../api/callbacks';
import { useCampaignNames } from '../../api/queries';
import { clock } from '../../lib/clock';
import { useMinute } from '../../lib/minute';
import { useUser } from '../../lib/session';
import { toWall } from '../../lib/zone';
import { Load, Page, Panel } from '../../ui/ui';
import { useUserNames } from '../campaigns/api';
import { Calendar, Entry } from './Calendar';
import css from './callbacks.module.css';
import { daysOf, shift, spanOf, type Clock, type View } from './calendar';
import { MoveDialog } from './MoveDialog';

const own = Intl.DateTimeFormat().resolvedOptions().timeZone;

interface Filter {
  campaign: string;
  agent: string;
  /** Of an agent: his own, those for anyone in his campaign, or both (""). */
  whose: '' | 'mine' | 'shared';
}

function asked(f: Filter, me: string) {
  return { campaign_id: f.campaign, agent_id: f.whose === 'mine' ? me : f.agent, shared: f.whose === 'shared' ? 'true' : '' };
}

function Filters({ filter, set }: { filter: Filter; set: (f: Filter) => void }) {
  const { t } = useTranslation();
  const staff = useUser().role !== 'agent';
  const campaigns = useCampaignNames();
  const agents = useUserNames(staff);
  return (
    <>
      <Select size="xs" clearable searchable placeholder={t('agenda.allCampaigns')} aria-label={t('agenda.campaign')} value={filter.campaign || null} onChange={(v) => set({ ...filter, campaign: v ?? '' })}
        data={(campaigns.data ?? []).map((c) => ({ value: c.id, label: c.name }))} />
      {!staff && (
        <Select size="xs" allowDeselect={false} aria-label={t('agenda.whose')} value={filter.whose || 'both'} onChange={(v) => set({ ...filter, whose: v === 'both' ? '' : v as Filter['whose'] })}
          data={[{ value: 'both', label: t('agenda.mineAndShared') }, { value: 'mine', label: t('agenda.mineOnly') }, { value: 'shared', label: t('agenda.sharedOnly') }]} data-testid="callbacks-whose" />
      )}
      {staff && (
        <Select size="xs" clearable searchable placeholder={t('agenda.allAgents')} aria-label={t('agenda.agent')} value={filter.agent || null} onChange={(v) => set({ ...filter, agent: v ?? '' })}
          data={(agents.data ?? []).filter((u) => u.role === 'agent').map((u) => ({ value: u.id, label: u.name }))} data-testid="callbacks-agent" />
      )}
    </>
  );
}

function Overdue({ filter, open }: { filter: Filter; open: (k: AgreedCallback) => void }) {
  const { t } = useTranslation();
  const me = useUser();
  const minute = useMinute();
  const late = useCallbacks({ state: 'open', to: new Date(minute * 60_000).toISOString(), ...asked(filter, me.id) });
  if (!late.data?.length) return null;
  return (
    <>
      <Panel title={t('agenda.overdue', { count: late.data.length })} testid="overdue">
        <div className={css.overdue}>{late.data.map((k) => <Entry key={k.id} callback={k} which="callee" own={own} agents={me.role !== 'agent' || filter.whose === ''} open={open} />)}</div>
      </Panel>
      <div className={css.gap} />
    </>
  );
}

/** Agreed callbacks as a calendar: an agent's own and those for anyone in his campaign, and for supervisors everybody's. */
export default function CallbacksPage() {
  const { t } = useTranslation();
  const me = useUser();
  const [view, setView] = useState<View>(() => (window.innerWidth < 700 ? 'day' : 'week'));
  const [which, setWhich] = useState<Clock>('mine');
  const [date, setDate] = useState(() => toWall(clock.now(), own).slice(0, 10));
  const [filter, setFilter] = useState<Filter>({ campaign: '', agent: '', whose: '' });
  const [opened, setOpened] = useState<AgreedCallback | null>(null);
  const days = daysOf(date, view);
  const found = useCallbacks({ ...spanOf(days), ...asked(filter, me.id) });
  const step = (n: number) => setDate((d) => shift(d, n * (view === 'day' ? 1 : 7)));
  return (
    <Page title={t('agenda.title')}>
      <div className={css.bar}>
        <ActionIcon variant="default" size="lg" aria-label={t('act.previous')} onClick={() => step(-1)} data-testid="calendar-back"><IconChevronLeft size={18} /></ActionIcon>
        <Button size="xs" variant="default" onClick={() => setDate(toWall(clock.now(), own).slice(0, 10))}>{t('agenda.today')}</Button>
        <ActionIcon variant="default" size="lg" aria-label={t('act.next')} onClick={() => step(1)} data-testid="calendar-next"><IconChevronRight size={18} /></ActionIcon>
        <TextInput size="xs" type="date" aria-label={t('agenda.date')} value={date} onChange={(e) => e.currentTarget.value && setDate(e.currentTarget.value)} />
        <SegmentedControl size="xs" aria-label={t('agenda.view')} data-testid="calendar-view" value={view} onChange={(v) => setView(v as View)} data={[{ value: 'day', label: t('agenda.day') }, { value: 'week', label: t('agenda.week') }]} />
        <SegmentedControl size="xs" aria-label={t('agenda.clock')} value={which} onChange={(v) => setWhich(v as Clock)}
          data={[{ value: 'mine', label: t('agenda.mine', { zone: own }) }, { value: 'callee', label: t('agenda.callee') }]} />
        <Filters filter={filter} set={setFilter} />
      </div>
      <Overdue filter={filter} open={setOpened} />
      <Panel>
        <Load query={found}>{(all) => <Calendar all={all} days={days} which={which} own={own} agents={me.role !== 'agent' || filter.whose === ''} open={setOpened} step={step} />}</Load>
      </Panel>
      {opened && <MoveDialog key={opened.id} callback={opened} own={own} onClose={() => setOpened(null)} />}
    </Page>
  );
}
