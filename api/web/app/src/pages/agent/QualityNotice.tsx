import { IconChecklist } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useWaiting } from '../../api/quality';
import css from './desk.module.css';

/** A score that the agent has not seen, or a coaching: one line, between calls only. */
export function QualityNotice() {
  const { t } = useTranslation();
  const waits = useWaiting().data;
  if (!waits?.score && !waits?.task) return null;
  return (
    <p className={css.quality} role="status" data-testid="quality-waits">
      <IconChecklist size={17} stroke={1.7} aria-hidden />
      <span>{t(`quality.waits.${waits.score && waits.task ? 'both' : waits.score ? 'score' : 'task'}`)} · <Link href="/quality" data-testid="quality-look">{t('quality.waits.look')}</Link></span>
    </p>
  );
}
