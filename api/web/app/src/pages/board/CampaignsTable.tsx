import { Table, VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { BoardCampaign } from '../../api/types';
import { codeName } from '../../i18n';
import { useFormats } from '../../lib/format';
import { StatusButtons } from '../../ui/StatusButtons';
import { Empty, Panel, Scroll, StatusPill, TargetBar } from '../../ui/ui';
import css from './board.module.css';
import { VerdictPill } from './Judged';
import { SteerButton } from './SteerDialog';
import { abandonVerdict, waitingVerdict, type Thresholds } from './thresholds';

function Row({ c, thresholds }: { c: BoardCampaign; thresholds: Thresholds }) {
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
      <Table.Td ta="right" className="num" style={{ whiteSpace: 'nowrap' }}><VerdictPill verdict={waitingVerdict(thresholds, c.waiting)} /> {f.number(c.waiting)}</Table.Td>
      <Table.Td maw={176} c="dimmed"><div className="truncate" title={c.limit && codeName('limit', c.limit)}>{c.limit ? codeName('limit', c.limit) : ''}</div></Table.Td>
      <Table.Td miw={112}><VerdictPill verdict={abandonVerdict(thresholds, c)} testid="abandon-verdict" />{c.live > 0 ? <TargetBar share={c.abandon_rate} target={c.abandon_target} /> : <span aria-label={t('board.abandonRate')}>–</span>}</Table.Td>
      <Table.Td><div className={css.acts}><SteerButton id={c.id} name={c.name} /><StatusButtons id={c.id} name={c.name} status={c.status} /></div></Table.Td>
    </Table.Tr>
  );
}

const rank = { running: 0, draining: 1, paused: 2, stopped: 3 };

export function CampaignsTable({ campaigns, thresholds }: { campaigns: BoardCampaign[]; thresholds: Thresholds }) {
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
            <Table.Tbody>{sorted.map((c) => <Row key={c.id} c={c} thresholds={thresholds} />)}</Table.Tbody>
          </Table>
        </Scroll>
      )}
    </Panel>
  );
}
