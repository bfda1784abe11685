import { useTranslation } from 'react-i18next';
import type { Watcher } from '../../api/watch';
import { modeIcons } from '../board/watch';
import css from './watchers.module.css';

/** Supervisors who hear the agent now; nothing when there are none, or when the campaign does not tell. */
export function Watchers({ all }: { all: Watcher[] | null | undefined }) {
  const { t } = useTranslation();
  return (
    <div className={css.all} role="status" data-testid="watchers">
      {all?.map((w) => {
        const Icon = modeIcons[w.mode];
        const text = t(`watch.desk.${w.mode}`, { name: w.name });
        return <span key={w.name + w.since} className={css.one} data-mode={w.mode} title={text}><Icon size={15} aria-hidden /><span className="truncate">{text}</span></span>;
      })}
    </div>
  );
}
