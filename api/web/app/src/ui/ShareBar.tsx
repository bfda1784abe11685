import css from './ui.module.css';

interface Shares {
  loaded: number;
  finished: number;
  in_flight: number;
  excluded: number;
}

/** How far contacts are worked through, as one thin bar: finished, in flight, excluded; the rest is dialable. */
export function ShareBar({ of }: { of: Shares }) {
  const part = (n: number) => ({ width: `${of.loaded ? (n / of.loaded) * 100 : 0}%` });
  return (
    <div className={css.share} aria-hidden>
      <span className={css.shareFinished} style={part(of.finished)} />
      <span className={css.shareInFlight} style={part(of.in_flight)} />
      <span className={css.shareExcluded} style={part(of.excluded)} />
    </div>
  );
}
