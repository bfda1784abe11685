import { SegmentedControl, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChanceReport } from '../../api/law';
import { useChances } from '../../api/lawQueries';
import { useFormats } from '../../lib/format';
import { Plot } from '../../ui/Plot';
import { Empty, Load, Panel } from '../../ui/ui';
import { meaning, pointsOf, skill } from './chances';
import css from './pacing.module.css';

type Span = 'recent' | 'all' | 'dialled';

function Scores({ report, span }: { report: ChanceReport; span: Span }) {
  const { t, i18n } = useTranslation();
  const f = useFormats();
  const s = report[span];
  const p = useMemo(() => pointsOf(s), [s]);
  const brier = useMemo(() => new Intl.NumberFormat(i18n.language, { minimumFractionDigits: 4, maximumFractionDigits: 4 }), [i18n.language]);
  const says = meaning(s);
  const figures = [
    [t('chances.brier'), brier.format(s.brier)], [t('chances.base'), brier.format(s.brier_base)], [t('chances.off'), f.percent(s.calibration_error)],
    [t('chances.rate'), f.percent(s.rate)], [t('chances.calls'), f.number(Math.round(s.count))],
  ] as const;
  const whole = (x: number) => f.percent(x).replace(/[.,]0\s?%/, '%');
  const common = { x: p.given, xRange: [0, Math.min(1, Math.max(0.2, (p.given.at(-1) ?? 0) * 1.1))] as [number, number], xText: whole, xSteps: [0.05, 0.1, 0.2, 0.25, 0.5] };
  return (
    <>
      <p className={css.sentence} data-testid="chances-says" data-meaning={says}>
        {t(`chances.${says}`, { n: f.number(Math.round(s.count)), skill: f.percent(skill(s)), rate: f.percent(s.rate), off: f.percent(s.calibration_error) })}
      </p>
      <dl className={css.scores} title={t('chances.brierHint')}>{figures.map(([k, v]) => <div key={k}><dt>{k}</dt><dd className="num">{v}</dd></div>)}</dl>
      {p.given.length > 0 && (
        <div className={css.plots} data-testid="chances-plot">
          <Plot {...common} title={t('chances.plot')} hint={t('chances.given')} yText={whole} least={common.xRange[1]} most={1} height={200} lines={[
            { name: t('chances.ideal'), ink: 'soft', values: p.ideal, dash: true }, { name: t('chances.came'), ink: 'main', values: p.came, half: p.half, points: true },
          ]} />
          <Plot {...common} title={t('chances.counts')} yText={(v) => f.number(Math.round(v))} least={10} height={200} lines={[{ name: t('chances.count'), ink: 'second', values: p.count, fill: true, points: true }]} />
        </div>
      )}
    </>
  );
}

/** The chances that a campaign dials by, held against what came. */
export function ChancesPanel({ campaign }: { campaign: string }) {
  const { t } = useTranslation();
  const f = useFormats();
  const [span, setSpan] = useState<Span>('recent');
  const query = useChances(campaign);
  return (
    <Panel testid="chances" title={t('chances.title')} aside={query.data && query.data.all.count > 0 && (
      <>
        <Text size="xs" c="dimmed">{t('chances.updated', { time: f.dateTime(query.data.updated_at) })}</Text>
        <SegmentedControl size="xs" value={span} onChange={(v) => setSpan(v as Span)} aria-label={t('chances.title')} data={[{ value: 'recent', label: t('chances.recent') }, { value: 'all', label: t('chances.all') }, { value: 'dialled', label: t('chances.dialled') }]} />
      </>
    )}>
      <Load query={query} empty={(r) => r.all.count === 0} whenEmpty={<Empty title={t('chances.none')} hint={t('chances.noneHint')} />}>
        {(r) => <Scores report={r} span={span} />}
      </Load>
    </Panel>
  );
}
