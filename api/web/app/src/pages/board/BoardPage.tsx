import { VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { BoardAgent, BoardCampaign } from '../../api/types';
import { useFormats } from '../../lib/format';
import { useStableNames } from '../../lib/stable';
import { useItems, useLoaded, useTopic } from '../../stream/context';
import { RowsSkeleton } from '../../ui/ui';
import { AgentsTable } from './AgentsTable';
import css from './board.module.css';
import { useBoardCampaigns } from './campaigns';
import { CallsTable } from './CallsTable';
import { CampaignsTable } from './CampaignsTable';
import { HelpPanel } from './help';
import { ListenProvider, ListenBar } from './listen';
import { sums, type Sums } from './sums';
import { TrafficChart } from './TrafficChart';

function Tile({ label, value, sub, state, id }: { label: string; value: string; sub?: string; state?: string; id: string }) {
  return (
    <div className={css.tile} data-state={state} data-testid={`tile-${id}`}>
      <div className={css.tileLabel} title={label}>{label}</div>
      <div className={`${css.tileValue} num`} data-testid={`tile-${id}-value`}>{value}</div>
      {sub && <div className={css.tileSub}>{sub}</div>}
    </div>
  );
}

function Tiles({ s }: { s: Sums }) {
  const { t } = useTranslation();
  const f = useFormats();
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

function Top() {
  const campaigns = useItems<BoardCampaign>('board', 'campaign/').map(([, c]) => c);
  const agents = useItems<BoardAgent>('board', 'agent/').map(([, a]) => a);
  const all = useBoardCampaigns(campaigns);
  return (
    <>
      <Tiles s={sums(campaigns, agents)} />
      <div className={css.top}>
        <CampaignsTable campaigns={all} />
        <TrafficChart campaigns={campaigns} />
      </div>
    </>
  );
}

function Bottom() {
  const names = useStableNames(useItems<BoardCampaign>('board', 'campaign/').map(([, c]) => [c.id, c.name] as const));
  return <div className={css.bottom}><AgentsTable names={names} /><CallsTable /></div>;
}

export default function BoardPage() {
  const { t } = useTranslation();
  useTopic('board');
  if (!useLoaded('board')) return <main id="main"><RowsSkeleton rows={10} /></main>;
  return (
    <ListenProvider>
      <main className={css.board} id="main" aria-label={t('board.title')}>
        <VisuallyHidden><h1>{t('board.title')}</h1></VisuallyHidden>
        <ListenBar />
        <HelpPanel />
        <Top />
        <Bottom />
      </main>
    </ListenProvider>
  );
}
