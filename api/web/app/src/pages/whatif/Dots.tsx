import { Fragment } from 'react';
import type { Value } from '../../api/types';
import css from './whatif.module.css';

interface Props {
  title: string;
  rows: { key: string; name: string; value: Value; strong?: boolean }[];
  text: (v: number) => string;
  /** The scale begins at 0 and ends here, or where values lie beyond. */
  most: number;
  mark?: number;
  markName?: string;
}

/** A dot for each mean on a common scale, with its confidence interval as a bar. */
export function Dots({ title, rows, text, most, mark, markName }: Props) {
  const hi = Math.max(most, 1e-6, ...rows.map((r) => r.value.mean + r.value.half));
  const at = (v: number) => `${Math.min(100, Math.max(0, (v / hi) * 100))}%`;
  return (
    <figure className={css.dots}>
      <figcaption>{title}{mark !== undefined && <span className={css.markName}><i />{markName} {text(mark)}</span>}</figcaption>
      <div className={css.dotRows}>
        {rows.map((r) => (
          <Fragment key={r.key}>
            <span className="truncate" data-strong={r.strong || undefined}>{r.name}</span>
            <span className={css.scale} role="img" aria-label={`${r.name}: ${text(r.value.mean)} ± ${text(r.value.half)}`} title={`${text(r.value.mean)} ± ${text(r.value.half)}`}>
              {mark !== undefined && <span className={css.mark} style={{ left: at(mark) }} />}
              <span className={css.stem} data-strong={r.strong || undefined} style={{ left: at(r.value.mean - r.value.half), right: `calc(100% - ${at(r.value.mean + r.value.half)})` }} />
              <span className={css.dot} data-strong={r.strong || undefined} style={{ left: at(r.value.mean) }} />
            </span>
            <b className="num" data-strong={r.strong || undefined}>{text(r.value.mean)}</b>
          </Fragment>
        ))}
      </div>
    </figure>
  );
}
