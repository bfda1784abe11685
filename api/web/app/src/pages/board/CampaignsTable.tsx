import { Table, VisuallyHidden } from '@mantine/core';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { BoardPlan } from '../../api/room';
import type { BoardCampaign } from '../../api/types';
import { codeName } from '../../i18n';
import { useFormats } from '../../lib/format';
import { useHand, useHeldOrder } from '../../lib/hand';
import { byText } from '../../lib/order';
import { useFresh } from '../../stream/context';
import { StatusButtons } from '../../ui/StatusButtons';
import { Empty, Panel, Scroll, StatusPill, TargetBar } from '../../ui/ui';
import css from './board.module.css';
import { withPlans } from './campaigns';
import { VerdictPill } from './Judged';
import { SteerButton } from './SteerDialog';
import { abandonVerdict, waitingVerdict, type Thresholds } from './thresholds';

// Buttons cost more to draw than numbers, and stay as they are.
const Actions = memo(function Actions({ id, name, status }: Pick<BoardCampaign, 'id' | 'name' | 'status'>) {
  return <div className={css.acts}><SteerButton id={id} name={name} /><StatusButtons id={id} name={name} status={status} /></div>;
});

const same = (a: { c: BoardCampaign; thresholds: Thresholds }, b: { c: BoardCampaign; thresholds: Thresholds }) =>
  a.thresholds === b.thresholds && (Object.keys(a.c) as (keyof BoardCampaign)[]).every((k) => k === 'server_time' || a.c[k] === b.c[k]);

const Row = memo(function Row({ c, thresholds }: { c: BoardCampaign; thresholds: Thresholds }) {
  useTranslation(); // its words change with the language
  const f = useFormats();
  return (
    <Table.Tr data-testid="campaign-row" data-campaign={c.id} data-status={c.status}>
      <Table.Td title={c.name}><Link href={`/campaigns/${c.id}`}>{c.name}</Link></Table.Td>
      <Table.Td><StatusPill status={c.status} /></Table.Td>
      <Table.Td title={codeName('mode', c.mode)}>{codeName('mode', c.mode)}</Table.Td>
      <Table.Td ta="right" className="num">{f.number(c.ready)}</Table.Td>
      <Table.Td ta="right" className="num">{f.number(c.talking)}</Table.Td>
      <Table.Td ta="right" className="num">{f.number(c.dialing)}</Table.Td>
      <Table.Td ta="right" className="num"><VerdictPill verdict={waitingVerdict(thresholds, c.waiting)} /> {f.number(c.waiting)}</Table.Td>
      <Table.Td c="dimmed" title={c.limit && codeName('limit', c.limit)}>{c.limit ? codeName('limit', c.limit) : ''}</Table.Td>
      <Table.Td>
        <div className={css.rate}>
          {c.live > 0 ? <TargetBar share={c.abandon_rate} target={c.abandon_target} /> : <span>–</span>}
          <VerdictPill verdict={abandonVerdict(thresholds, c)} testid="abandon-verdict" />
        </div>
      </Table.Td>
      <Table.Td><Actions id={c.id} name={c.name} status={c.status} /></Table.Td>
    </Table.Tr>
  );
}, same);

const rank = { running: 0, draining: 1, paused: 2, stopped: 3 };

/** Running campaigns first. While a hand is at the rows they stay where they are, whoever starts or pauses one. */
export function CampaignsTable({ thresholds }: { thresholds: Thresholds }) {
  const { t } = useTranslation();
  const live = useFresh<BoardCampaign>('board', 'campaign/').map(([, c]) => c);
  const plans = useFresh<BoardPlan>('board', 'plan/').map(([, p]) => p);
  const hand = useHand();
  const by = new Map(withPlans(live, plans).map((c) => [c.id, c]));
  const ranked = [...by.values()].sort((a, b) => (rank[a.status] ?? 9) - (rank[b.status] ?? 9) || byText(a.name, b.name)).map((c) => c.id);
  const sorted = useHeldOrder(ranked, hand.held, '').flatMap((id) => by.get(id) ?? []);
  return (
    <Panel title={t('board.campaigns')} testid="campaigns">
      {sorted.length === 0 ? <Empty title={t('board.noCampaigns')} /> : (
        <div {...hand.on}><Scroll>
          <Table layout="fixed" horizontalSpacing={7} verticalSpacing={4} className={css.campaigns}>
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
        </Scroll></div>
      )}
    </Panel>
  );
}
