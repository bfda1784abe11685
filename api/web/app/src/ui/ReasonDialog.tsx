import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { problemText } from '../i18n/problem';
import { toastOK } from './toast';

interface Props {
  opened: boolean;
  title: string;
  /** What ends, and what follows from it. What is empty is left out. */
  lines: (string | null | undefined)[];
  label: string;
  description?: string;
  /** Most characters of the reason. */
  longest: number;
  action: string;
  /** Said when it is done. */
  done: string;
  onReason: (reason: string) => Promise<unknown>;
  onClose: () => void;
}

/** Asks for a reason before something ends. A refusal is told in the dialog, and what was written stays. */
export function ReasonDialog({ opened, title, lines, label, description, longest, action, done, onReason, onClose }: Props) {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const shown = useRef({ title, lines });
  if (opened) shown.current = { title, lines }; // what it was about stays to be read while the dialog goes away
  useEffect(() => {
    if (!opened) return;
    setReason('');
    setProblem('');
  }, [opened]);
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (!reason.trim()) return;
    setBusy(true);
    try {
      await onReason(reason.trim());
      toastOK(done);
      onClose();
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened={opened} onClose={onClose} title={shown.current.title} size="sm" data-testid="reason-dialog">
      <form onSubmit={(e) => void submit(e)}>
        <Stack gap="sm">
          {shown.current.lines.filter(Boolean).map((line, i) => <Text key={i} size="sm" c={i > 0 ? 'dimmed' : undefined} style={{ overflowWrap: 'anywhere' }}>{line}</Text>)}
          <TextInput label={label} description={description} maxLength={longest} value={reason} onChange={(e) => setReason(e.currentTarget.value)} data-autofocus data-testid="reason-text" />
          {problem && <Alert color="red" p="xs" role="alert">{problem}</Alert>}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('act.cancel')}</Button>
            <Button type="submit" color="red" disabled={!reason.trim()} loading={busy} data-testid="reason-ok">{action}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
