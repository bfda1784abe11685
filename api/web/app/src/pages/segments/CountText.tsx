import { useTranslation } from 'react-i18next';
import { clock } from '../../lib/clock';
import { useMinute } from '../../lib/minute';
import { useFormats } from '../../lib/format';
import type { Count } from './api';
import css from './segments.module.css';

/** A count with what it is worth: exact or estimated, and how old. */
export function CountText({ count, big }: { count: Count; big?: boolean }) {
  const { t } = useTranslation();
  const f = useFormats();
  useMinute();
  return (
    <span className={css.count} data-testid="count">
      <b className={`num ${big ? css.countBig : ''}`}>{count.exact ? '' : '≈ '}{f.number(count.contacts)}</b>
      {big && <span className={css.soft}>{t('segments.ofAll', { n: f.number(count.of), share: f.percent(count.of > 0 ? count.contacts / count.of : 0) })}</span>}
      <span className={css.soft} title={f.dateTime(count.at)}>
        {!count.exact && `± ${f.number(count.margin)} · `}{f.relative(count.at, clock.now())}
      </span>
    </span>
  );
}
