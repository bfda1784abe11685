import { Table, VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { BoardCampaign, BoardTrunk } from '../../api/types';
import { codeName } from '../../i18n';
import { useFormats } from '../../lib/format';
import { useItems } from '../../stream/context';
import { StatusButtons } from '../../ui/StatusButtons';
import { Empty, Panel, Scroll, StatePill, StatusPill, TargetBar } from '../../ui/ui';
import css from './board.module.css';

function Row({ c }: { c: BoardCampaign }) {
  const { t } = useTranslation();
  const f = useFormats();
  return (
    <Table.Tr data-testid="campaign-row" data-campaign={c.id} data-status={c.status}>
      <Table.Td maw={170}><div className="truncate" title={c.name}><Link href={`/campaigns/${c.id}`}>{c.name}</Link></div></Table.Td>
      <Table.Td><StatusPill status={c.status} /></Table.Td>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>{codeName('mode', c.mode)}</Table.Td>
      <Table.Td ta="right" className="num">{f.number(c.ready)}</Table.Td>
      <Table.Td ta="right" className="num">{f.number(c.talking)}</Table.Td>
      <Table.Td ta="right" className="num">{f.number(c.dialing)}</Table.Td>
      <Table.Td ta="right" className="num">{f.number(c.waiting)}</Table.Td>
      <Table.Td maw={176} c="dimmed"><div className="truncate" title={c.limit && codeName('limit', c.limit)}>{c.limit ? codeName('limit', c.limit) : ''}</div></Table.Td>
      <Table.Td miw={112}>{c.live > 0 ? <TargetBar share={c.abandon_rate} target={c.abandon_target} /> : <span aria-label={t('board.abandonRate')}>–</span>}</Table.Td>
      <Table.Td><StatusButtons id={c.id} name={c.name} status={c.status} /></Table.Td>
    </Table.Tr>
  );
}

const breakers = { closed: 'up', half_open: 'warn', open: 'down' };

function Trunks() {
  const { t } = useTranslation();
  const f = useFormats();
  const trunks = useItems<BoardTrunk>('board', 'trunk/');
  if (trunks.length === 0) return null;
  return (
    <div className={css.trunks} data-testid="trunks">
      {trunks.map(([key, tr]) => (
        <span key={key}>
          <b>{tr.name}</b>
          <StatePill state={breakers[tr.breaker] ?? 'plain'}>{codeName('breaker', tr.breaker)}</StatePill>
          <span className="num">{t('board.channels')} {f.number(tr.in_use)} / {f.number(tr.max_channels)}</span>
          <span className="num">{t('board.cpsUnit', { n: f.number(tr.cps) })}</span>
        </span>
      ))}
    </div>
  );
}

const rank = { running: 0, draining: 1, paused: 2, stopped: 3 };

export function CampaignsTable({ campaigns }: { campaigns: BoardCampaign[] }) {
  const { t } = useTranslation();
  const sorted = [...campaigns].sort((a, b) => (rank[a.status] ?? 9) - (rank[b.status] ?? 9) || a.name.localeCompare(b.name));
  return (
    <Panel title={t('board.campaigns')} testid="campaigns">
      {sorted.length === 0 ? <Empty title={t('board.noCampaigns')} /> : (
        <Scroll>
          <Table horizontalSpacing={7} verticalSpacing={4} className={css.campaigns}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('board.campaign')}</Table.Th>
                <Table.Th>{t('ui.status')}</Table.Th>
                <Table.Th>{t('board.mode')}</Table.Th>
                <Table.Th ta="right">{t('board.ready')}</Table.Th>
                <Table.Th ta="right">{t('board.talking')}</Table.Th>
                <Table.Th ta="right">{t('board.inFlight')}</Table.Th>
                <Table.Th ta="right">{t('board.waitingShort')}</Table.Th>
                <Table.Th>{t('board.limit')}</Table.Th>
                <Table.Th>{t('board.abandonRate')}</Table.Th>
                <Table.Th><VisuallyHidden>{t('board.actions')}</VisuallyHidden></Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>{sorted.map((c) => <Row key={c.id} c={c} />)}</Table.Tbody>
          </Table>
        </Scroll>
      )}
      <Trunks />
    </Panel>
  );
}
