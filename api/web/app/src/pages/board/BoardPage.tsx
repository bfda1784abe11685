import { VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ReactNode } from 'react';
import type { BoardPlan } from '../../api/room';
import type { BoardAgent, BoardCampaign } from '../../api/types';
import { useFormats } from '../../lib/format';
import { useStableNames } from '../../lib/stable';
import { useFresh, useItems, useLoaded, useTopic } from '../../stream/context';
import { RowsSkeleton } from '../../ui/ui';
import { AgentsTable } from './AgentsTable';
import css from './board.module.css';
import { AlertStrip } from './alerts';
import { CallsTable } from './CallsTable';
import { CampaignsTable } from './CampaignsTable';
import { HelpPanel } from './help';
import { sums } from './sums';
import { ListsTable } from './ListsTable';
import room from './room.module.css';
import { TeamContext, useMembers, useMembersOf, within } from './team';
import { TrafficChart } from './TrafficChart';
import { TrunksTable } from './TrunksTable';
import { useView, ViewMenu } from './ViewMenu';
import type { PanelName, View } from './views';
import { WatchersProvider } from './watching';

function Tile({ label, value, sub, state, id }: { label: string; value: string; sub?: string; state?: string; id: string }) {
  return (
    <div className={css.tile} data-state={state} data-testid={`tile-${id}`}>
      <div className={css.tileLabel} title={label}>{label}</div>
      <div className={`${css.tileValue} num`} data-testid={`tile-${id}-value`}>{value}</div>
      {sub && <div className={css.tileSub}>{sub}</div>}
    </div>
  );
}

function Tiles() {
  const { t } = useTranslation();
  const f = useFormats();
  const live = useFresh<BoardCampaign>('board', 'campaign/').map(([, c]) => c);
  const members = useMembers();
  const agents = useFresh<BoardAgent>('board', 'agent/', 250).map(([, a]) => a).filter((a) => within(members, a.id));
  const s = sums(live, agents);
  const state = s.target === null || s.live === 0 ? undefined : s.share > s.target ? 'bad' : s.share > s.target * 0.8 ? 'warn' : 'good';
  return (
    <section className={css.tiles} aria-label={t('board.title')} data-testid="tiles">
      <Tile id="ready" label={t('board.ready')} value={f.number(s.ready)} />
      <Tile id="talking" label={t('board.talking')} value={f.number(s.talking)} />
      <Tile id="wrapup" label={t('board.wrapUp')} value={f.number(s.wrapUp)} />
      <Tile id="notready" label={t('board.notReady')} value={f.number(s.notReady)} />
      <Tile id="inflight" label={t('board.inFlight')} value={f.number(s.inFlight)} />
      <Tile id="waiting" label={t('board.waiting')} value={f.number(s.waiting)} state={s.waiting > 0 ? 'warn' : undefined} />
      <Tile id="live" label={t('board.live')} value={f.number(s.live)} />
      <Tile id="abandonment" label={t('board.abandonRate')} value={s.live ? f.percent(s.share) : '–'} state={state}
        sub={s.target === null ? undefined : t('board.target', { value: f.percent(s.target) })} />
    </section>
  );
}

// Each part hears of its own rows only: what changes often must not draw the others anew.
function Top({ view, bar }: { view: View; bar: ReactNode }) {
  const has = (p: PanelName) => view.panels.includes(p);
  return (
    <>
      <AlertStrip />
      <div className={room.bar}><HelpPanel />{bar}</div>
      <Tiles />
      {(has('campaigns') || has('traffic')) && (
        <div className={css.top} data-one={!(has('campaigns') && has('traffic')) || undefined}>
          {has('campaigns') && <CampaignsTable thresholds={view.thresholds} />}
          {has('traffic') && <TrafficChart />}
        </div>
      )}
      {(has('trunks') || has('lists')) && (
        <div className={room.supply}>
          {has('trunks') && <TrunksTable thresholds={view.thresholds} />}
          {has('lists') && <ListsTable campaign={view.campaign} />}
        </div>
      )}
    </>
  );
}

function Bottom({ view, change }: { view: View; change: (v: View) => void }) {
  const names = useStableNames(useItems<BoardPlan>('board', 'plan/').map(([, p]) => [p.id, p.name] as const));
  const has = (p: PanelName) => view.panels.includes(p);
  if (!has('agents') && !has('calls')) return null;
  return (
    <div className={css.bottom} data-one={!(has('agents') && has('calls')) || undefined}>
      {has('agents') && <AgentsTable names={names} view={view} change={change} />}
      {has('calls') && <CallsTable />}
    </div>
  );
}

function Board() {
  const views = useView();
  return (
    <TeamContext value={useMembersOf(views.view.team)}>
      <Top view={views.view} bar={<ViewMenu {...views} />} />
      <Bottom view={views.view} change={views.change} />
    </TeamContext>
  );
}

export default function BoardPage() {
  const { t } = useTranslation();
  useTopic('board');
  if (!useLoaded('board')) return <main id="main"><RowsSkeleton rows={10} /></main>;
  return (
    <WatchersProvider>
      <main className={css.board} id="main" aria-label={t('board.title')}>
        <VisuallyHidden><h1>{t('board.title')}</h1></VisuallyHidden>
        <Board />
      </main>
    </WatchersProvider>
  );
}
