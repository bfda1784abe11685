import { Alert, Button, Group, Modal, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/http';
import { problemText } from '../../i18n/problem';

const REGIONS = ['CN', 'HK', 'TW', 'MO', 'SG', 'MY', 'JP', 'KR', 'US', 'CA', 'GB', 'IE', 'DE', 'FR', 'ES', 'IT', 'NL', 'AU', 'NZ', 'IN', 'BR', 'MX'];

export function regions(language: string) {
  const names = new Intl.DisplayNames(language, { type: 'region' });
  return REGIONS.map((value) => ({ value, label: `${value} · ${names.of(value) ?? ''}` }));
}

export const isStale = (e: unknown): boolean => e instanceof ApiError && e.code === 'stale';

interface ProblemProps {
  error: unknown;
  /** What is there now, when somebody else changed it. */
  now?: ReactNode;
}

/** Why a change was refused. When somebody else was faster, it says so and offers what is there now; what was typed stays. */
export function ChangeProblem({ error, now }: ProblemProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  if (!error) return null;
  if (!isStale(error)) return <Alert color="red" p="xs" role="alert" data-testid="change-problem">{problemText(error)}</Alert>;
  return (
    <Alert color="yellow" p="xs" role="alert" title={t('lists.conflict')} data-testid="conflict">
      <Text size="sm">{now ?? t('lists.conflictHint')}</Text>
      <Button size="compact-sm" variant="default" mt={6} onClick={() => void client.invalidateQueries({ predicate: (q) => q.queryKey[0] !== 'me' })}>
        {t('lists.reload')}
      </Button>
    </Alert>
  );
}

interface FormProps {
  title: string;
  hint?: string;
  action: string;
  danger?: boolean;
  busy: boolean;
  disabled?: boolean;
  size?: string;
  testid: string;
  onClose: () => void;
  onSubmit: () => void;
  children?: ReactNode;
}

/** A dialog with a form, its buttons and the enter key. */
export function FormDialog({ title, hint, action, danger, busy, disabled, size, testid, onClose, onSubmit, children }: FormProps) {
  const { t } = useTranslation();
  return (
    <Modal opened onClose={onClose} title={title} size={size} data-testid={testid}>
      <form noValidate onSubmit={(e) => {
        e.preventDefault();
        if (!busy && !disabled) onSubmit();
      }}>
        {hint && <Text size="sm" c="dimmed" mb="sm">{hint}</Text>}
        <div style={{ display: 'grid', gap: 12 }}>{children}</div>
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={onClose}>{t('act.cancel')}</Button>
          <Button type="submit" color={danger ? 'red' : undefined} loading={busy} disabled={disabled} data-testid="dialog-ok">{action}</Button>
        </Group>
      </form>
    </Modal>
  );
}
