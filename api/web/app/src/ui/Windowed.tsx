import { memo, useCallback, useEffect, useRef, useState, type FocusEvent, type ReactNode } from 'react';
import css from './ui.module.css';

const ALL = 120; // rows that are drawn whether or not they are in sight: find-in-page finds them
const BEYOND = 8; // rows above and below those in sight, and the step in which they follow

interface Props {
  keys: string[];
  /** Pixels: all rows are equally high. */
  height: number;
  label: string;
  className?: string;
  /** The head, which is a row by itself. */
  head: ReactNode;
  /** What is in the row of a key: must not change from one drawing to the next, or all rows are drawn anew. */
  row: (key: string) => ReactNode;
}

const Place = memo(function Place({ at, height, id, row }: { at: number; height: number; id: string; row: (key: string) => ReactNode }) {
  return <div role="row" aria-rowindex={at + 2} className={css.place} data-row={id} style={{ height, transform: `translateY(${at * height}px)` }}>{row(id)}</div>;
});

/** The rows that are drawn: those in sight, some beside them, and the one that has the focus. */
export function drawn(count: number, top: number, room: number, height: number): [number, number] {
  if (count <= ALL) return [0, count];
  const first = Math.floor(top / height / BEYOND) * BEYOND - BEYOND;
  return [Math.max(0, Math.min(first, count - 1)), Math.min(count, first + Math.ceil(room / height / BEYOND) * BEYOND + 3 * BEYOND)];
}

/**
 * A table that scrolls by itself and draws only the rows in sight when there are many. Readers of the screen hear how many there
 * are and which one they are at; the row with the focus stays when it is scrolled away.
 */
export function Windowed({ keys, height, label, className, head, row }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [[first, end], setRange] = useState<[number, number]>(() => drawn(keys.length, 0, 1200, height));
  const [focused, setFocused] = useState<string | null>(null);
  const count = keys.length;
  const look = useCallback(() => {
    const b = box.current;
    if (!b) return;
    const next = drawn(count, b.scrollTop, b.clientHeight, height);
    setRange((was) => (was[0] === next[0] && was[1] === next[1] ? was : next));
  }, [count, height]);
  useEffect(() => {
    look();
    const resized = new ResizeObserver(look);
    if (box.current) resized.observe(box.current);
    return () => resized.disconnect();
  }, [look]);
  const focus = (e: FocusEvent) => setFocused(e.target.closest<HTMLElement>('[data-row]')?.dataset.row ?? null);
  const shown = keys.slice(first, end).map((key, i) => [key, first + i] as const);
  const at = focused === null ? -1 : keys.indexOf(focused);
  if (at >= 0 && (at < first || at >= end)) shown.push([focused!, at]);
  return (
    <div ref={box} className={className} role="table" aria-label={label} aria-rowcount={count + 1} onScroll={look} onFocus={focus} onBlur={() => setFocused(null)}>
      {head}
      <div role="rowgroup" className={css.places} style={{ height: count * height }}>
        {shown.map(([key, i]) => <Place key={key} id={key} at={i} height={height} row={row} />)}
      </div>
    </div>
  );
}
