import { Select, TextInput, VisuallyHidden } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { memo, useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AGENT_STATES, type AgentState, type BoardAgent } from '../../api/types';
import { codeName } from '../../i18n';
import { clock } from '../../lib/clock';
import { useHand, useHeldOrder } from '../../lib/hand';
import { byText, byTime } from '../../lib/order';
import { useStableList } from '../../lib/stable';
import { useItem, useItems } from '../../stream/context';
import { Empty, Panel, StatePill, Timer } from '../../ui/ui';
import { Windowed } from '../../ui/Windowed';
import css from './board.module.css';
import { AgentName } from './help';
import { JudgedPill } from './Judged';
import { useMembers, within } from './team';
import { agentVerdict } from './thresholds';
import type { AgentOrder, View } from './views';
import { WatchActions } from './watch';

const ROW = 37; // pixels, as board.module.css has it

const weight: Record<AgentState, number> = { Talking: 0, Reserved: 1, WrapUp: 2, Ready: 3, Preview: 4, NotReady: 5, Offline: 6 };

export function arrange(agents: [string, BoardAgent][], q: string, view: View, now: number, members: ReadonlySet<string> | null = null): string[] {
  const { state, campaign, order, thresholds } = view;
  const needle = q.trim().toLowerCase();
  const shown = agents.filter(([, a]) =>
    within(members, a.id) && (!state || a.state === state) && (!campaign || a.campaign_id === campaign) && (!needle || a.name.toLowerCase().includes(needle)) && a.state !== 'Offline');
  const rank = (a: BoardAgent) => (order === 'state' ? weight[a.state] : order === 'worst' ? -{ bad: 2, warn: 1, none: 0 }[agentVerdict(thresholds, a, now)?.level ?? 'none'] : 0);
  const timed = order === 'time' || order === 'worst';
  return shown.map(([key, a]) => ({ key, a, rank: rank(a) }))
    .sort((x, y) => x.rank - y.rank || (timed ? byTime(x.a.since, y.a.since) : 0) || byText(x.a.name, y.a.name))
    .map((x) => x.key);
}

// One row hears only of its own key, so that a change of one agent leaves the other 499 rows alone.
const AgentRow = memo(function AgentRow({ itemKey, names, view }: { itemKey: string; names: Map<string, string>; view: View }) {
  useTranslation(); // its words change with the language
  const a = useItem<BoardAgent>('board', itemKey);
  const { thresholds, columns } = view;
  const judge = useCallback((now: number) => (a ? agentVerdict(thresholds, a, now) : null), [thresholds, a]);
  if (!a) return null;
  const campaign = names.get(a.campaign_id) ?? '';
  return (
    <div className={`${css.row} ${css.agentRow}`} data-columns={columns.length} data-testid="agent-row" data-agent={a.id} data-agent-state={a.state}>
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
  const row = useCallback((key: string) => <AgentRow itemKey={key} names={names} view={view} />, [names, view]);
  const head = (
    <div className={`${css.row} ${css.agentRow} ${css.rowHead}`} data-columns={view.columns.length} role="row" aria-rowindex={1}>
      <div role="columnheader">{t('board.agent')}</div>
      <div role="columnheader">{t('board.state')}</div>
      <div role="columnheader" className={css.time}>{t('board.time')}</div>
      {view.columns.includes('campaign') && <div role="columnheader">{t('board.campaign')}</div>}
      {view.columns.includes('contact') && <div role="columnheader">{t('board.contact')}</div>}
      <div role="columnheader"><VisuallyHidden>{t('board.actions')}</VisuallyHidden></div>
    </div>
  );
  return <Windowed keys={keys} height={ROW} label={t('board.agents')} className={css.grid} head={head} row={row} />;
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

/**
 * Agents at work. The list hears once a second who is there; each row hears of its own agent at once. While a hand is at the rows
 * they stay where they are, whatever their agents do.
 */
export function AgentsTable({ names, view, change }: { names: Map<string, string>; view: View; change: (v: View) => void }) {
  const { t } = useTranslation();
  const agents = useItems<BoardAgent>('board', 'agent/');
  const [q, setQ] = useState('');
  const hand = useHand();
  const now = arrange(agents, q, view, clock.now(), useMembers());
  const keys = useStableList(useHeldOrder(now, hand.held, [q, view.state, view.campaign, view.team, view.order].join(' ')));
  const controls = <Controls q={q} setQ={setQ} state={view.state} setState={(state) => change({ ...view, state })} order={view.order} setOrder={(order) => change({ ...view, order })} />;
  return (
    <Panel title={<>{t('board.agents')} <span className="num" data-testid="agents-count">{now.length}</span></>} aside={controls} testid="agents">
      {keys.length === 0
        ? <Empty title={agents.length ? t('board.noMatch') : t('board.noAgents')} />
        : <div {...hand.on}><Rows keys={keys} names={names} view={view} /></div>}
    </Panel>
  );
}
