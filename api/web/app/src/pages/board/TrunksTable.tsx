import { Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { BoardTrunk } from '../../api/room';
import { codeName } from '../../i18n';
import { useFormats } from '../../lib/format';
import { useFresh } from '../../stream/context';
import { Empty, Panel, Scroll, StatePill } from '../../ui/ui';
import css from './room.module.css';
import { sumTrunks, trunkVerdict, type Thresholds } from './thresholds';
import { VerdictPill } from './Judged';

const breakers = { closed: 'up', half_open: 'warn', open: 'down' };

/** Trunks as all processes together use them. */
export function TrunksTable({ thresholds }: { thresholds: Thresholds }) {
  const { t } = useTranslation();
  const f = useFormats();
  const trunks = sumTrunks(useFresh<BoardTrunk>('board', 'trunk/').map(([, r]) => r));
  return (
    <Panel title={t('room.trunks')} testid="trunks">
      {trunks.length === 0 ? <Empty title={t('room.noTrunks')} /> : (
        <Scroll>
          <Table layout="fixed" horizontalSpacing={8} verticalSpacing={5} className={`${css.table} ${css.trunks}`}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('room.trunk')}</Table.Th>
                <Table.Th>{t('room.lines')}</Table.Th>
                <Table.Th ta="right">{t('room.rate')}</Table.Th>
                <Table.Th ta="right">{t('room.failures')}</Table.Th>
                <Table.Th>{t('room.trunkState')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {trunks.map((r) => {
                const verdict = trunkVerdict(thresholds, r);
                return (
                  <Table.Tr key={r.id} data-testid="trunk-row" data-trunk={r.id}>
                    <Table.Td title={r.name}>{r.name}</Table.Td>
                    <Table.Td>
                      <div className={css.lines}>
                        <span className={css.track} aria-hidden><span style={{ width: `${Math.min(100, (100 * r.in_use) / Math.max(1, r.max_channels))}%` }} /></span>
                        <span className="num" data-testid="trunk-lines">{f.number(r.in_use)} / {f.number(r.max_channels)}</span>
                      </div>
                    </Table.Td>
                    <Table.Td ta="right" className="num">{f.number(r.cps_now)} / {f.number(r.cps)}</Table.Td>
                    <Table.Td ta="right" className="num">{r.ended ? f.percent(r.failed / r.ended) : '–'}</Table.Td>
                    <Table.Td>{verdict ? <VerdictPill verdict={verdict} /> : <StatePill state={breakers[r.breaker] ?? 'plain'}>{codeName('breaker', r.breaker)}</StatePill>}</Table.Td>
                  </Table.Tr>
                );
              })}
            </Table.Tbody>
          </Table>
        </Scroll>
      )}
    </Panel>
  );
}
