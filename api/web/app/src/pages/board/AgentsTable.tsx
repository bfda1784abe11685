import { Select, TextInput, VisuallyHidden } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { memo, useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AGENT_STATES, type AgentState, type BoardAgent } from '../../api/types';
import { codeName } from '../../i18n';
import { clock } from '../../lib/clock';
import { useStableList } from '../../lib/stable';
import { useItem, useItems } from '../../stream/context';
import { Empty, Panel, StatePill, Timer } from '../../ui/ui';
import css from './board.module.css';
import { AgentName } from './help';
import { JudgedPill } from './Judged';
import { agentVerdict } from './thresholds';
import type { AgentOrder, View } from './views';
import { WatchActions } from './watch';

const weight: Record<AgentState, number> = { Talking: 0, Reserved: 1, WrapUp: 2, Ready: 3, Preview: 4, NotReady: 5, Offline: 6 };

export function arrange(agents: [string, BoardAgent][], q: string, view: View, now: number): string[] {
  const { state, campaign, order, thresholds } = view;
  const needle = q.trim().toLowerCase();
  const shown = agents.filter(([, a]) =>
    (!state || a.state === state) && (!campaign || a.campaign_id === campaign) && (!needle || a.name.toLowerCase().includes(needle)) && a.state !== 'Offline');
  const bad = (a: BoardAgent) => ({ bad: 2, warn: 1, none: 0 })[agentVerdict(thresholds, a, now)?.level ?? 'none'];
  const byName = (a: BoardAgent, b: BoardAgent) => a.name.localeCompare(b.name);
  shown.sort(([, a], [, b]) => {
    if (order === 'name') return byName(a, b);
    if (order === 'time') return a.since.localeCompare(b.since) || byName(a, b);
    if (order === 'worst') return bad(b) - bad(a) || a.since.localeCompare(b.since) || byName(a, b);
    return weight[a.state] - weight[b.state] || byName(a, b);
  });
  return shown.map(([key]) => key);
}

// One row hears only of its own key, so that a change of one agent leaves the other 499 rows alone.
const AgentRow = memo(function AgentRow({ itemKey, names, view }: { itemKey: string; names: Map<string, string>; view: View }) {
  const a = useItem<BoardAgent>('board', itemKey);
  const { thresholds, columns } = view;
  const judge = useCallback((now: number) => (a ? agentVerdict(thresholds, a, now) : null), [thresholds, a]);
  if (!a) return null;
  const campaign = names.get(a.campaign_id) ?? '';
  return (
    <div className={`${css.row} ${css.agentRow}`} data-columns={columns.length} role="row" data-testid="agent-row" data-agent={a.id} data-agent-state={a.state}>
      <div role="cell"><AgentName id={a.id} name={a.name} /></div>
      <div role="cell" className={css.stateCell}>
        <StatePill state={a.state}>{codeName('agentState', a.state)}</StatePill>
        <JudgedPill judge={judge} testid="agent-verdict" />
        {a.reason && <span className={`${css.reason} truncate`} title={codeName('notReady', a.reason)}>{codeName('notReady', a.reason)}</span>}
      </div>
      <div role="cell" className={css.time}><Timer at={a.since} /></div>
      {columns.includes('campaign') && <div role="cell" title={campaign}>{campaign}</div>}
      {columns.includes('contact') && <div role="cell" title={a.contact_name}>{a.contact_name}</div>}
      <div role="cell"><WatchActions agent={a} /></div>
    </div>
  );
});

const Rows = memo(function Rows({ keys, names, view }: { keys: string[]; names: Map<string, string>; view: View }) {
  const { t } = useTranslation();
  return (
    <div className={css.grid} role="table" aria-label={t('board.agents')}>
      <div className={`${css.row} ${css.agentRow} ${css.rowHead}`} data-columns={view.columns.length} role="row">
        <div role="columnheader">{t('board.agent')}</div>
        <div role="columnheader">{t('board.state')}</div>
        <div role="columnheader" className={css.time}>{t('board.time')}</div>
        {view.columns.includes('campaign') && <div role="columnheader">{t('board.campaign')}</div>}
        {view.columns.includes('contact') && <div role="columnheader">{t('board.contact')}</div>}
        <div role="columnheader"><VisuallyHidden>{t('board.actions')}</VisuallyHidden></div>
      </div>
      {keys.map((key) => <AgentRow key={key} itemKey={key} names={names} view={view} />)}
    </div>
  );
});

interface ControlsProps {
  q: string;
  setQ: (q: string) => void;
  state: string | null;
  setState: (s: string | null) => void;
  order: AgentOrder;
  setOrder: (o: AgentOrder) => void;
}

const Controls = memo(function Controls({ q, setQ, state, setState, order, setOrder }: ControlsProps) {
  const { t } = useTranslation();
  const states = AGENT_STATES.filter((s) => s !== 'Offline' && s !== 'Preview');
  return (
    <>
      <TextInput size="xs" w={150} placeholder={t('board.search')} aria-label={t('board.search')} value={q}
        leftSection={<IconSearch size={14} />} onChange={(e) => setQ(e.currentTarget.value)} data-testid="agent-search" />
      <Select size="xs" w={120} clearable placeholder={t('board.all')} aria-label={t('board.state')} value={state} onChange={setState}
        data={states.map((value) => ({ value, label: codeName('agentState', value) }))} />
      <Select size="xs" w={110} allowDeselect={false} aria-label={t('board.sort')} value={order} onChange={(v) => setOrder((v ?? 'state') as AgentOrder)}
        data={[{ value: 'state', label: t('board.byState') }, { value: 'name', label: t('board.byName') }, { value: 'time', label: t('board.byTime') }, { value: 'worst', label: t('room.view.worst') }]} />
    </>
  );
});

/** Agents at work. The list hears once a second who is there; each row hears of its own agent at once. */
export function AgentsTable({ names, view, change }: { names: Map<string, string>; view: View; change: (v: View) => void }) {
  const { t } = useTranslation();
  const agents = useItems<BoardAgent>('board', 'agent/');
  const [q, setQ] = useState('');
  const keys = useStableList(arrange(agents, q, view, clock.now()));
  const controls = <Controls q={q} setQ={setQ} state={view.state} setState={(state) => change({ ...view, state })} order={view.order} setOrder={(order) => change({ ...view, order })} />;
  return (
    <Panel title={<>{t('board.agents')} <span className="num">{keys.length}</span></>} aside={controls} testid="agents">
      {keys.length === 0
        ? <Empty title={agents.length ? t('board.noMatch') : t('board.noAgents')} />
        : <Rows keys={keys} names={names} view={view} />}
    </Panel>
  );
}
