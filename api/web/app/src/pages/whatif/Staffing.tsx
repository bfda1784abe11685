import { SegmentedControl, Text } from '@mantine/core';
import { useState, type CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import type { Mode, StaffingHour } from '../../api/types';
import { codeName } from '../../i18n';
import { useFormats } from '../../lib/format';
import { Panel, Scroll } from '../../ui/ui';
import { useValues } from './Answer';
import { depth, MEASURES, type Measure } from './question';
import css from './whatif.module.css';

/** What each number of agents would come to, hour by hour. */
export function Staffing({ rows, cap, mode }: { rows: StaffingHour[]; cap: number; mode: Mode }) {
  const { t } = useTranslation();
  const f = useFormats();
  const v = useValues();
  const [measure, setMeasure] = useState<Measure>('connects');
  if (rows.length === 0) return null;
  const write = measure === 'connects' ? v.plain.whole : v.plain.percent;
  const exact = measure === 'connects' ? v.one : v.percent;
  return (
    <Panel title={t('whatif.staffing')} testid="whatif-staffing" aside={(
      <SegmentedControl size="xs" aria-label={t('whatif.staffing')} value={measure} onChange={(x) => setMeasure(x as Measure)} data={MEASURES.map((value) => ({ value, label: t(`whatif.${value}`) }))} />
    )}>
      <Text size="xs" c="dimmed" className={css.staffHint}>{t('whatif.staffingHint', { mode: codeName('mode', mode) })}</Text>
      <Scroll>
        <table className={css.staff}>
          <thead>
            <tr><th rowSpan={2}>{t('whatif.hour')}</th><th rowSpan={2}>{t('whatif.answers')}</th><th colSpan={rows[0]!.cells.length}>{t('whatif.agentsSigned')}</th></tr>
            <tr>{rows[0]!.cells.map((c) => <th key={c.agents} className="num">{f.number(c.agents)}</th>)}</tr>
          </thead>
          <tbody>
            {rows.map((r) => (
              <tr key={r.hour} data-hour={r.hour}>
                <th className="num">{`${String(r.hour).padStart(2, '0')}–${String(r.hour + 1).padStart(2, '0')}`}</th>
                <td className="num">{f.percent(r.answer)}</td>
                {r.cells.map((c) => (
                  <td key={c.agents} className="num" data-measure={measure} data-usual={c.agents === r.usual || undefined} title={exact(c[measure])}
                    style={{ '--d': `${Math.round(depth(rows, measure, c[measure].mean, cap) * 100)}%` } as CSSProperties}>{write(c[measure].mean)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  );
}
