import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText } from '../../lib/format';
import type { PlayMark, Wave } from './api';
import css from './calls.module.css';
import { firstStart, pauses, stretches } from './wave';

interface Props {
  wave: Wave | undefined;
  at: number; // seconds
  duration: number;
  onSeek: (seconds: number) => void;
}

function draw(canvas: HTMLCanvasElement, wave: Wave | undefined, share: number): void {
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  const scale = window.devicePixelRatio || 1;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const c = canvas.getContext('2d');
  if (!c || width === 0) return;
  c.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const [callee, agent, rest] = ['--wave-callee', '--wave-agent', '--wave-rest'].map((n) => style.getPropertyValue(n));
  const bars = Math.floor(width / 3);
  const middle = height / 2;
  const all = stretches(wave?.peaks ?? null, bars);
  c.fillStyle = rest!;
  c.fillRect(0, middle - 0.5, width, 1);
  all.forEach(([up, down], i) => {
    const played = i / bars <= share;
    c.fillStyle = played ? callee! : rest!;
    c.fillRect(i * 3, middle - 1 - up * (middle - 3), 2, up * (middle - 3));
    c.fillStyle = played ? agent! : rest!;
    c.fillRect(i * 3, middle + 1, 2, down * (middle - 3));
  });
}

const TICKS = ['step', 'answer', 'disposition', 'announced', 'unannounced'];

/** The sound of both sides over time, with what happened in the call. Callee above, agent below. */
export function Waveform({ wave, at, duration, onSeek }: Props) {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const share = duration > 0 ? at / duration : 0;
  useEffect(() => {
    const el = canvas.current;
    if (!el) return;
    const paint = () => draw(el, wave, share);
    paint();
    const watch = new ResizeObserver(paint);
    watch.observe(el);
    return () => watch.disconnect();
  }, [wave, share]);
  const marks = wave?.marks ?? [];
  const place = (ms: number) => `${Math.min(100, Math.max(0, (ms / 10 / Math.max(duration, 0.001))))}%`;
  const told = (m: PlayMark) => `${clockText(m.ms / 1000)} ${t(`tape.mark.${m.kind}`)}${m.text && TICKS.includes(m.kind) ? `: ${m.text}` : ''}`;
  const quiet = pauses(marks, duration * 1000);
  const first = firstStart(marks);
  if (first > 0) quiet.unshift([0, first]);
  return (
    <div className={css.wave} onClick={(e) => {
      const box = e.currentTarget.getBoundingClientRect();
      onSeek(((e.clientX - box.left) / box.width) * duration);
    }} data-testid="wave">
      <canvas ref={canvas} aria-hidden />
      {quiet.map(([from, to], i) => (
        <span key={i} className={css.quiet} style={{ left: place(from), width: `calc(${place(to)} - ${place(from)})` }} title={t('tape.mark.quiet')} data-testid="wave-quiet" />
      ))}
      {marks.filter((m) => TICKS.includes(m.kind)).map((m, i) => (
        <button key={i} type="button" className={css.mark} data-kind={m.kind} style={{ left: place(m.ms) }} title={told(m)} aria-label={told(m)} data-testid="wave-mark"
          onClick={(e) => { e.stopPropagation(); onSeek(m.ms / 1000); }} />
      ))}
      <span className={css.head} style={{ left: `${share * 100}%` }} aria-hidden />
    </div>
  );
}
