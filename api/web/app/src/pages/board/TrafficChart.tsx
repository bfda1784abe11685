import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef, useState, type CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import uPlot from 'uplot';
import type { BoardCampaign } from '../../api/types';
import { clock, onTick } from '../../lib/clock';
import { useFormats } from '../../lib/format';
import { useReader } from '../../stream/context';
import { drawMarks } from '../../ui/marks';
import { Empty, Panel } from '../../ui/ui';
import css from './board.module.css';
import { useMarks } from './marks';
import { STEP, total, Traffic } from './traffic';

const traffic = new Traffic();
const HEIGHT = 164;

function colors(dark: boolean) {
  return dark
    ? { dials: '#7fc0bd', answers: '#7fb2ff', abandoned: '#ff9385', grid: '#2a373b', text: '#93a2a4' }
    : { dials: '#12807e', answers: '#1f5fbf', abandoned: '#b3372c', grid: '#e6eceb', text: '#5b6b6c' };
}

export function TrafficChart() {
  const { t, i18n } = useTranslation();
  const f = useFormats();
  const { ref, width } = useElementSize();
  const plot = useRef<uPlot | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const campaigns = useReader<BoardCampaign>('board', 'campaign/');
  const [filled, setFilled] = useState(traffic.samples.length > 2);
  const marks = useMarks();
  const drawn = useRef(marks);
  drawn.current = marks;
  useEffect(() => plot.current?.redraw(false), [marks]);
  const c = colors(useComputedColorScheme('light') === 'dark');

  useEffect(() => {
    const sample = () => {
      if (traffic.add(total(campaigns(), clock.now()))) {
        setFilled(traffic.samples.length > 2);
        plot.current?.setData(traffic.columns());
      }
    };
    sample();
    return onTick(sample);
  }, [campaigns]);

  useEffect(() => {
    if (!box.current || !filled || width < 50) return;
    const axis: uPlot.Axis = { stroke: c.text, grid: { stroke: c.grid, width: 1 }, ticks: { show: false }, font: '11px sans-serif' };
    const line = (stroke: string): uPlot.Series => ({ stroke, width: 1.75, points: { show: false } });
    plot.current = new uPlot({
      width, height: HEIGHT,
      padding: [8, 6, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { range: () => traffic.range(clock.now()) }, y: { range: (_u, _min, max) => [0, Math.max(5, max * 1.1)] } },
      axes: [
        { ...axis, size: 30, space: 70, values: (_u, at) => at.map((s) => f.time(s * 1000)) },
        { ...axis, size: 36 },
      ],
      hooks: { draw: [(u) => drawMarks(u, drawn.current, c.text)] },
      series: [{}, { ...line(c.dials), fill: c.dials + '18' }, line(c.answers), line(c.abandoned)],
    }, traffic.columns(), box.current);
    return () => {
      plot.current?.destroy();
      plot.current = null;
    };
  }, [width, filled, c.text, i18n.language, f]);  // eslint-disable-line react-hooks/exhaustive-deps

  const legend = (
    <div className={css.legend}>
      {([['dials', c.dials], ['answers', c.answers], ['abandoned', c.abandoned]] as const).map(([key, color]) => (
        <span key={key} style={{ '--c': color } as CSSProperties}><i />{t(`board.${key}`)}</span>
      ))}
    </div>
  );
  return (
    <Panel title={t('board.chart')} aside={legend} testid="traffic">
      <div ref={ref} className={css.chart} data-step={STEP}>
        {!filled && <Empty title="" hint={t('board.noTraffic')} />}
        <div ref={box} role="img" aria-label={[t('board.chart'), ...marks.map((m) => m.text)].join('. ')} title={marks.slice(-5).map((m) => m.text).join('\n') || undefined} data-marks={marks.length} />
      </div>
    </Panel>
  );
}
