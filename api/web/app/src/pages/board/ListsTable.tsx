import { Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { BoardList, BoardPlan } from '../../api/room';
import { codeName } from '../../i18n';
import { clock } from '../../lib/clock';
import { useFormats } from '../../lib/format';
import { byText } from '../../lib/order';
import { useFresh } from '../../stream/context';
import { Empty, Panel, Scroll, StatePill } from '../../ui/ui';
import css from './room.module.css';
import { listVerdict } from './thresholds';
import { VerdictPill } from './Judged';

function State({ l, running }: { l: BoardList; running: boolean }) {
  const { t } = useTranslation();
  const f = useFormats();
  const verdict = listVerdict(l, running);
  const next = l.next_at && Date.parse(l.next_at) - clock.now() < 86_400_000 ? t('room.next', { time: f.time(Date.parse(l.next_at)) }) : l.next_at ? t('room.next', { time: f.day(Date.parse(l.next_at)) }) : '';
  const why = l.dry === 'waiting' ? [l.why && codeName(l.why in reasons ? 'excluded' : 'outcome', l.why), next].filter(Boolean).join(' · ') : '';
  return (
    <span className={css.state}>
      {verdict ? <VerdictPill verdict={verdict} testid="list-verdict" /> : <StatePill state={l.dry ? 'plain' : 'up'}>{l.dry ? t(`room.level.${l.dry}`) : t('room.callable')}</StatePill>}
      {why && <small className="truncate" title={why}>{why}</small>}
    </span>
  );
}

// What a contact waits for can be an outcome, or a rule.
const reasons: Record<string, true> = { hours: true, cap: true, callback: true, caps: true, consent: true, preview: true, skipped: true };

/** Lists of the campaigns that are not stopped, dry ones of running campaigns first. */
export function ListsTable({ campaign }: { campaign: string | null }) {
  const { t } = useTranslation();
  const f = useFormats();
  const plans = new Map(useFresh<BoardPlan>('board', 'plan/').map(([, p]) => [p.id, p]));
  const rows = useFresh<BoardList>('board', 'list/').map(([, l]) => l).filter((l) => plans.has(l.campaign_id) && (!campaign || l.campaign_id === campaign));
  const running = (l: BoardList) => plans.get(l.campaign_id)?.status === 'running';
  const rank = (l: BoardList) => (running(l) ? (l.dry ? 0 : 1) : 2);
  const name = (l: BoardList) => plans.get(l.campaign_id)?.name ?? '';
  rows.sort((a, b) => rank(a) - rank(b) || byText(name(a), name(b)) || a.position - b.position);
  return (
    <Panel title={<>{t('room.lists')} <span className="num">{rows.length}</span></>} testid="lists">
      {rows.length === 0 ? <Empty title={t('room.noLists')} /> : (
        <div className={css.tall}>
          <Scroll>
            <Table layout="fixed" horizontalSpacing={8} verticalSpacing={5} className={`${css.table} ${css.lists}`}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('room.list')}</Table.Th>
                  <Table.Th>{t('board.campaign')}</Table.Th>
                  <Table.Th ta="right">{t('room.now')}</Table.Th>
                  <Table.Th ta="right">{t('room.later')}</Table.Th>
                  <Table.Th ta="right">{t('room.inFlight')}</Table.Th>
                  <Table.Th ta="right">{t('room.finishedOf')}</Table.Th>
                  <Table.Th>{t('ui.status')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {rows.map((l) => (
                  <Table.Tr key={l.campaign_id + l.list_id} data-testid="list-row" data-list={l.list_id} data-dry={l.dry}>
                    <Table.Td title={l.name}><Link href={`/lists/${l.list_id}`}>{l.name}</Link></Table.Td>
                    <Table.Td title={name(l)}>{name(l)}</Table.Td>
                    <Table.Td ta="right" className="num">{f.number(l.now)}</Table.Td>
                    <Table.Td ta="right" className="num">{f.number(Math.max(0, l.dialable - l.now))}</Table.Td>
                    <Table.Td ta="right" className="num">{f.number(l.in_flight)}</Table.Td>
                    <Table.Td ta="right" className="num" title={`${t('room.excluded')}: ${f.number(l.excluded)}`}>{f.number(l.finished)} / {f.number(l.loaded)}</Table.Td>
                    <Table.Td><State l={l} running={running(l)} /></Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Scroll>
        </div>
      )}
    </Panel>
  );
}
