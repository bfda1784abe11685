import { Button, Group, Modal, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface Props {
  opened: boolean;
  title: string;
  hint?: string;
  action: string;
  danger?: boolean;
  busy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before what cannot be taken back. */
export function Confirm({ opened, title, hint, action, danger, busy, onConfirm, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Modal opened={opened} onClose={onClose} title={title} size="sm" data-testid="confirm">
      {hint && <Text size="sm" c="dimmed" mb="md">{hint}</Text>}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>{t('act.cancel')}</Button>
        <Button color={danger ? 'red' : undefined} loading={busy} onClick={onConfirm} data-autofocus data-testid="confirm-ok">
          {action}
        </Button>
      </Group>
    </Modal>
  );
}
