import { CloseButton, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import css from './calls.module.css';

/** Plays one recording. The server notes it in the audit log before the first byte. */
export function Player({ id, onClose }: { id: string; onClose?: () => void }) {
  const { t } = useTranslation();
  const [failed, setFailed] = useState(false);
  return (
    <section className={css.player} aria-label={t('calls.player')} data-testid="player" data-attempt={id}>
      {failed
        ? <Text c="red" size="sm" role="alert" flex={1}>{t('calls.playFailed')}</Text>
        : <audio controls autoPlay preload="auto" src={`/api/recordings/${id}/audio`} onError={() => setFailed(true)} data-testid="audio" />}
      <Text size="xs" c="dimmed">{t('calls.channelsHint')} {t('calls.audit')}</Text>
      {onClose && <CloseButton onClick={onClose} aria-label={t('act.close')} />}
    </section>
  );
}
