import { Group, VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { heatURL, useHeat, type Ask, type HeatCell } from '../../api/reports';
import { useFormats } from '../../lib/format';
import { Files } from '../../ui/Files';
import { Empty, Load, Panel } from '../../ui/ui';
import css from './reports.module.css';

/** A cell whose rate is known no better than this, half its interval of 95 % as a share of the highest rate, is hatched. */
const LOOSE = 0.35;

function Cell({ c, most, name }: { c: HeatCell; most: number; name: string }) {
  const { t } = useTranslation();
  const f = useFormats();
  if (c.rate === null) return <td data-none title={`${name}: ${t('reports.noCalls')}`} />;
  const heat = most > 0 ? (c.rate / most) * 100 : 0;
  const few = most > 0 && (c.high - c.low) / 2 > LOOSE * most;
  const title = t('reports.cell', { name, rate: f.percent(c.rate), low: f.percent(c.low), high: f.percent(c.high), n: f.number(c.attempts) });
  return (
    <td style={{ '--heat': heat.toFixed(0) } as React.CSSProperties} data-strong={heat > 60 || undefined} data-few={few || undefined} title={title} aria-label={title}>
      <span className="num">{Math.round(c.rate * 1000) / 10}</span><small className="num">{c.attempts >= 10_000 ? `${Math.round(c.attempts / 1000)}k` : c.attempts}</small>
    </td>
  );
}

/** Contact rate by hour and weekday, as callees' own clocks show them. */
export function HeatView({ ask }: { ask: Ask }) {
  const { t, i18n } = useTranslation();
  const f = useFormats();
  const found = useHeat(ask);
  const day = (d: number) => new Intl.DateTimeFormat(i18n.language, { weekday: 'short', timeZone: 'UTC' }).format(Date.UTC(2024, 0, 1 + d)); // a Monday
  return (
    <Panel title={t('reports.heat')} testid="heat" aside={<Group gap={8}><Files url={(format) => heatURL(ask, format)} testid="heat" /></Group>}>
      <Load query={found} rows={9} empty={(h) => h.cells.every((c) => c.attempts === 0) && h.unknown === 0} whenEmpty={<Empty title={t('reports.empty')} hint={t('reports.emptyHint')} />}>
        {(h) => {
          const known = h.cells.filter((c) => c.attempts >= 20);
          const most = Math.max(...(known.length ? known : h.cells).map((c) => c.rate ?? 0), 0);
          return (
            <>
              <div className={css.heat} tabIndex={0} role="region" aria-label={t('reports.heat')}>
                <table>
                  <thead><tr><th scope="col"><VisuallyHidden>{t('reports.weekday')}</VisuallyHidden></th>{Array.from({ length: 24 }, (_, i) => <th key={i} scope="col">{String(i).padStart(2, '0')}</th>)}</tr></thead>
                  <tbody>{Array.from({ length: 7 }, (_, d) => <tr key={d}><th scope="row">{day(d)}</th>{h.cells.slice(d * 24, d * 24 + 24).map((c, i) => <Cell key={i} c={c} most={most} name={`${day(d)} ${String(i).padStart(2, '0')}:00`} />)}</tr>)}</tbody>
                </table>
              </div>
              <div className={css.legend}>
                <span>{t('reports.heatHint')}</span>
                <span><i className={css.swatch} />{t('reports.sure')}</span>
                <span><i className={css.swatch} data-few />{t('reports.unsure')}</span>
                {h.unknown > 0 && <span>{t('reports.unknownHour', { n: f.number(h.unknown) })}</span>}
              </div>
            </>
          );
        }}
      </Load>
    </Panel>
  );
}
