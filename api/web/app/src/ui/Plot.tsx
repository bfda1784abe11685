import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef, type CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import uPlot from 'uplot';
import { drawMarks } from './marks';
import css from './plot.module.css';

const none: { at: number; text: string }[] = [];

export type Ink = 'main' | 'second' | 'warn' | 'cap' | 'soft';

const inks: Record<'light' | 'dark', Record<Ink | 'grid' | 'text', string>> = {
  light: { main: '#12807e', second: '#1f5fbf', warn: '#8f5a00', cap: '#b3372c', soft: '#8a9a9b', grid: '#e6eceb', text: '#5b6b6c' },
  dark: { main: '#7fc0bd', second: '#7fb2ff', warn: '#efb955', cap: '#ff9385', soft: '#74868a', grid: '#2a373b', text: '#93a2a4' },
};

export interface Line {
  name: string;
  ink: Ink;
  values: (number | null)[];
  /** Half the width of a band around the line; null: there is none at this value. */
  half?: (number | null)[];
  dash?: boolean;
  fill?: boolean;
  step?: boolean;
  /** A dot at each value, for values that are few. */
  points?: boolean;
}

interface Props {
  title: string;
  hint?: string;
  x: number[];
  xRange: [number, number];
  xText: (x: number) => string;
  /** Distances between marks on the x axis that look round. */
  xSteps: number[];
  yText: (y: number) => string;
  /** The value axis reaches at least this far. */
  least?: number;
  /** And no further: what is above is cut off. */
  most?: number;
  /** It begins there; 0 otherwise. */
  from?: number;
  lines: Line[];
  /** Moments that are marked, in the unit of x. */
  marks?: { at: number; text: string }[];
  height?: number;
}

function columns(x: number[], lines: Line[]): uPlot.AlignedData {
  const bands = lines.flatMap((l) => (l.half ? [1, -1].map((sign) => l.values.map((v, i) => (v === null || l.half![i] === null ? null : Math.max(0, v + sign * l.half![i]!)))) : []));
  return [x, ...lines.map((l) => l.values), ...bands];
}

/** A line plot whose legend tells the values under the pointer, else the last ones. */
export function Plot({ title, hint, x, xRange, xText, xSteps, yText, least = 0, most = Infinity, from = 0, lines, marks = none, height = 150 }: Props) {
  const { i18n } = useTranslation();
  const { ref, width } = useElementSize();
  const box = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef({ x, lines, xRange, xText, yText, least, most, from, marks });
  latest.current = { x, lines, xRange, xText, yText, least, most, from, marks };
  const c = inks[useComputedColorScheme('light')];
  const shape = lines.map((l) => `${l.name} ${l.ink} ${!!l.half}`).join();

  const tell = (at: number | null | undefined) => {
    const { lines: now, yText: text } = latest.current;
    legend.current?.querySelectorAll('b').forEach((b, i) => {
      const values = now[i]?.values ?? [];
      const v = at === null || at === undefined ? values.findLast((y) => y !== null) : values[at];
      const shown = v === null || v === undefined ? '–' : text(v);
      if (b.textContent !== shown) b.textContent = shown;
    });
  };

  useEffect(() => {
    if (!box.current || width < 50) return;
    const axis: uPlot.Axis = { stroke: c.text, grid: { stroke: c.grid, width: 1 }, ticks: { show: false }, font: '11px sans-serif' };
    const bands: uPlot.Band[] = [];
    const series: uPlot.Series[] = [{}];
    for (const l of latest.current.lines) {
      series.push({
        stroke: c[l.ink], width: l.dash ? 1.25 : 1.75, dash: l.dash ? [5, 4] : undefined, points: l.points ? { show: true, size: 6, fill: c[l.ink] } : { show: false }, spanGaps: false,
        fill: l.fill ? c[l.ink] + '18' : undefined, paths: l.step ? uPlot.paths.stepped!({ align: 1 }) : undefined,
      });
    }
    for (const l of latest.current.lines) {
      if (!l.half) continue;
      bands.push({ series: [series.length, series.length + 1], fill: c[l.ink] + '26' });
      series.push({ stroke: 'transparent', points: { show: false } }, { stroke: 'transparent', points: { show: false } });
    }
    plot.current = new uPlot({
      width, height, padding: [8, 18, 0, 0], legend: { show: false }, series, bands,
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: () => latest.current.xRange },
        y: { range: (_u, _min, max) => [latest.current.from, Math.min(latest.current.most, Math.max(latest.current.least, (max ?? 0) * 1.08))] },
      },
      axes: [
        { ...axis, size: 24, space: 64, incrs: xSteps, values: (_u, at) => at.map((v) => latest.current.xText(v)) },
        { ...axis, size: 48, space: 34, values: (_u, at) => at.map((v) => latest.current.yText(v)) },
      ],
      hooks: { setCursor: [(u) => tell(u.cursor.idx)], draw: [(u) => drawMarks(u, latest.current.marks, c.text)] },
    }, columns(latest.current.x, latest.current.lines), box.current);
    return () => {
      plot.current?.destroy();
      plot.current = null;
    };
  }, [width, height, c, shape, i18n.language]); // eslint-disable-line react-hooks/exhaustive-deps

  useEffect(() => {
    plot.current?.setData(columns(x, lines));
    tell(plot.current?.cursor.idx);
  });

  return (
    <figure className={css.plot}>
      <figcaption className={css.head}>
        <span className={css.title} title={hint}>{title}</span>
        <div className={css.legend} ref={legend}>
          {lines.map((l) => (
            <span key={l.name} data-dash={l.dash || undefined} style={{ '--c': c[l.ink] } as CSSProperties}><i />{l.name} <b className="num" /></span>
          ))}
        </div>
      </figcaption>
      <div ref={ref} className={css.canvas} style={{ minHeight: height }}>
        <div ref={box} role="img" aria-label={[title, ...marks.map((m) => m.text)].join('. ')} title={marks.slice(-5).map((m) => m.text).join('\n') || undefined} />
      </div>
    </figure>
  );
}
