import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { PacingStatus } from '../../api/types';
import { clock } from '../../lib/clock';
import { useFormats } from '../../lib/format';
import { Plot, type Line } from '../../ui/Plot';
import { Panel } from '../../ui/ui';
import { useMarks } from '../board/marks';
import css from './pacing.module.css';
import { columnsOf } from './why';

const SPAN = 900;

export function PacingPlots({ p }: { p: PacingStatus }) {
  const { t, i18n } = useTranslation();
  const f = useFormats();
  const c = useMemo(() => columnsOf(p), [p]);
  const short = useMemo(() => new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 }), [i18n.language]);
  const percent = useMemo(() => new Intl.NumberFormat(i18n.language, { style: 'percent', maximumFractionDigits: 1 }), [i18n.language]);
  const end = Math.max(c.at.at(-1) ?? 0, clock.now() / 1000 - 5);
  const marks = useMarks(p.campaign_id);
  const common = { marks, x: c.at, xRange: [end - SPAN, end] as [number, number], xText: (s: number) => f.time(s * 1000), xSteps: [60, 120, 180, 300, 600] };
  const number = (v: number) => short.format(v);
  const share = (v: number) => percent.format(v);
  const line = (name: string, ink: Line['ink'], values: Line['values'], more: Partial<Line> = {}): Line => ({ name, ink, values, ...more });
  const over = p.mode === 'predictive' || p.mode === 'power';
  return (
    <Panel title={t('pacing.last15')}>
      <div className={css.plots} data-testid="pacing-plots">
        <Plot {...common} title={t('pacing.plot.lines')} yText={number} least={4} lines={[
          line(t('pacing.plot.wanted'), 'soft', c.wanted, { dash: true }), line(t('pacing.plot.inFlight'), 'main', c.inFlight, { fill: true }), line(t('pacing.plot.ready'), 'second', c.ready),
        ]} />
        <Plot {...common} title={t('pacing.plot.utilisation')} hint={t('pacing.utilisation15')} yText={share} least={1} lines={[line(t('pacing.plot.utilisationLine'), 'main', c.utilisation, { fill: true })]} />
        <Plot {...common} title={t('pacing.plot.abandonment')} yText={share} least={Math.max(2 * p.target, 0.01)} lines={[
          line(t('pacing.plot.abandonmentLine'), 'second', c.abandonment, { fill: true }), line(t('pacing.plot.cap'), 'cap', c.cap, { dash: true }),
        ]} />
        {over && (
          <>
            <Plot {...common} title={t('pacing.plot.risk')} hint={t('pacing.plot.riskHint')} yText={share} least={0.05} most={Math.max(0.25, 3 * Math.max(0, ...c.allowed))} lines={[
              line(t('pacing.plot.riskLine'), 'main', c.risk), line(t('pacing.plot.allowed'), 'cap', c.allowed, { dash: true }),
            ]} />
            <Plot {...common} title={t('pacing.plot.tokens')} hint={t('pacing.plot.tokensHint')} yText={number} least={4} lines={[
              line(t('pacing.plot.budget'), 'main', c.budget, { fill: true }), line(t('pacing.plot.reserved'), 'warn', c.reserved),
            ]} />
          </>
        )}
        <Plot {...common} title={t('pacing.plot.free')} hint={t('pacing.plot.cameHint')} yText={number} least={3} lines={[
          line(t('pacing.plot.came'), 'soft', c.cameFree), line(t('pacing.plot.forecast'), 'main', c.free),
        ]} />
        <Plot {...common} title={t('pacing.plot.coming')} hint={t('pacing.plot.cameHint')} yText={number} least={3} lines={[
          line(t('pacing.plot.came'), 'soft', c.cameAnswer), line(t('pacing.plot.forecast'), 'main', c.coming),
        ]} />
      </div>
    </Panel>
  );
}
