import { Button, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Lawful } from '../../api/callbacks';
import { useFormats } from '../../lib/format';
import { wholeMinute } from '../../lib/zone';

interface Props {
  law: Lawful | undefined;
  asking: boolean;
  zone: string;
  onUse: (at: Date) => void;
}

/** What the rules say of the chosen time, with a way to the next lawful one. */
export function LawfulNote({ law, asking, zone, onUse }: Props) {
  const { t, i18n } = useTranslation();
  const f = useFormats();
  const next = law?.next ? wholeMinute(law.next) : null;
  const when = next ? `${f.day(next.getTime(), zone)} ${f.time(next.getTime(), zone)}` : '';
  return (
    <div role="status" aria-live="polite" data-testid="lawful" data-ok={law?.ok}>
      {asking && <Text size="xs" c="dimmed">{t('agenda.asking')}</Text>}
      {law?.ok && <Text size="xs" style={{ color: 'var(--s-ready)' }}>{t('agenda.lawful')}</Text>}
      {law && !law.ok && (
        <>
          <Text size="xs" style={{ color: 'var(--s-notready)' }}>{t('agenda.unlawful', { reason: i18n.language === 'zh-CN' ? law.reason_zh : law.reason })}</Text>
          {next && <Button size="compact-xs" variant="light" mt={4} onClick={() => onUse(next)} data-testid="lawful-next">{t('agenda.useNext', { when })}</Button>}
          {!next && <Text size="xs">{t('agenda.never')}</Text>}
        </>
      )}
    </div>
  );
}
