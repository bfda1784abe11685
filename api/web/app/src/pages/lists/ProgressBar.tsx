import { VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormats } from '../../lib/format';
import { ShareBar } from '../../ui/ShareBar';
import type { ContactCounts } from './api';
import css from './lists.module.css';
import { missing, standing } from './progress';

/** loaded = dialable + in flight + finished + excluded, as a bar and as a sum that can be checked by eye. */
export function ListBar({ of, numbers = true }: { of: ContactCounts; numbers?: boolean }) {
  const { t } = useTranslation();
  const f = useFormats();
  const s = standing(of);
  const lost = missing(s);
  const words = [
    [t('lists.dialable'), s.dialable, 'dialable'], [t('lists.inFlight'), s.in_flight, 'in_flight'],
    [t('lists.finished'), s.finished, 'finished'], [t('lists.excluded'), s.excluded, 'excluded'],
  ] as const;
  const sum = `${t('lists.loaded')} ${f.number(s.loaded)} = ${words.map(([w, n]) => `${w} ${f.number(n)}`).join(' + ')}`;
  return (
    <div className={css.listBar} title={sum}>
      <ShareBar of={s} />
      {numbers ? (
        <div className={`${css.sum} num`}>
          <span>{t('lists.loaded')} <b data-count="loaded">{f.number(s.loaded)}</b></span>
          {words.map(([w, n, key]) => (
            <span key={key}><i className={css.key} data-part={key} aria-hidden />{w} <b data-count={key}>{f.number(n)}</b></span>
          ))}
        </div>
      ) : <VisuallyHidden>{sum}</VisuallyHidden>}
      {lost !== 0 && <div role="alert" className={css.lost}>{t('lists.sumWrong', { n: f.number(lost) })}</div>}
    </div>
  );
}
