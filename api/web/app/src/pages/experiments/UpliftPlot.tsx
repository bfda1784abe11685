import { useTranslation } from 'react-i18next';
import { place, reachOf, type ExperimentResult } from '../../api/experiments';
import css from './experiments.module.css';

/** Each arm's uplift against the control: the dot, the interval of one look (thick), and the one that holds at every look (thin). */
export function UpliftPlot({ x }: { x: ExperimentResult }) {
  const { t, i18n } = useTranslation();
  const compared = x.results.filter((r) => r.uplift);
  const reach = reachOf(x.results);
  const points = (v: number) => new Intl.NumberFormat(i18n.language, { maximumFractionDigits: reach < 0.05 ? 2 : 1, signDisplay: 'exceptZero' }).format(v * 100);
  const ticks = [-reach, -reach / 2, 0, reach / 2, reach];
  const span = (from: number, to: number) => ({ x: `${place(from, reach)}%`, width: `${Math.max(0.2, place(to, reach) - place(from, reach))}%` });
  return (
    <figure className={css.plot} data-testid="uplift">
      <figcaption>{t('experiments.uplift', { outcome: t(`experiments.outcome.${x.outcome}`), control: x.arms[0]?.name ?? '' })}</figcaption>
      {compared.map((r) => {
        const u = r.uplift!;
        const words = t('experiments.points', { diff: points(u.diff), low: points(u.low), high: points(u.high) });
        return (
          <div key={r.arm} className={css.line} data-verdict={u.verdict}>
            <span className={css.name} title={x.arms[r.arm]!.name}>{x.arms[r.arm]!.name}</span>
            <svg className={css.bar} role="img" aria-label={`${x.arms[r.arm]!.name}: ${words}`}>
              <line x1="50%" x2="50%" y1="0" y2="100%" className={css.zero} />
              {u.verdict !== 'too_early' && <rect {...span(u.sure_low, u.sure_high)} y="13" height="2" className={css.sure} />}
              <rect {...span(u.low, u.high)} y="10" height="8" rx="3" className={css.once} />
              <circle cx={`${place(u.diff, reach)}%`} cy="14" r="5" className={css.dot} />
            </svg>
            <span className={`${css.words} num`}>{words}</span>
          </div>
        );
      })}
      <div className={css.line} aria-hidden>
        <span className={css.name} />
        <div className={css.axis}>{ticks.map((v) => <span key={v} className="num">{points(v)}</span>)}</div>
        <span className={css.words}>{t('experiments.unit')}</span>
      </div>
      <div className={css.legend}><i className={css.keyOnce} />{t('experiments.once')} <i className={css.keySure} />{t('experiments.sure')}</div>
    </figure>
  );
}
