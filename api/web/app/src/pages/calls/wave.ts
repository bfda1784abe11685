import type { PlayMark } from './api';

/** The loudest samples of both sides in so many equal stretches, each 0 to 1. */
export function stretches(peaks: string | null, count: number): [number, number][] {
  const raw = peaks ? atob(peaks) : '';
  const pairs = Math.floor(raw.length / 2);
  const out: [number, number][] = [];
  for (let i = 0; i < count && pairs > 0; i++) {
    const from = Math.floor((i * pairs) / count);
    const to = Math.max(from + 1, Math.floor(((i + 1) * pairs) / count));
    let a = 0;
    let b = 0;
    for (let j = from; j < to && j < pairs; j++) {
      a = Math.max(a, raw.charCodeAt(2 * j));
      b = Math.max(b, raw.charCodeAt(2 * j + 1));
    }
    out.push([a / 255, b / 255]);
  }
  return out;
}

/** Stretches of time that were kept out, in milliseconds. */
export function pauses(marks: PlayMark[], duration: number): [number, number][] {
  const out: [number, number][] = [];
  let since = -1;
  for (const m of marks) {
    if ((m.kind === 'paused' || m.kind === 'stopped' || m.kind === 'unannounced') && since < 0) since = m.ms;
    if ((m.kind === 'resumed' || m.kind === 'started') && since >= 0) {
      out.push([since, m.ms]);
      since = -1;
    }
  }
  if (since >= 0 && since < duration) out.push([since, duration]);
  return out;
}

/** A recording on demand has nothing before it was asked for. */
export function firstStart(marks: PlayMark[]): number {
  const i = marks.findIndex((m) => m.kind === 'started' || m.kind === 'stopped');
  return i >= 0 && marks[i]!.kind === 'started' && !marks.slice(0, i).some((m) => m.kind === 'paused') ? marks[i]!.ms : 0;
}
