import { Alert, Button, FileInput, Group, Modal, NumberInput, Progress, Stack, Switch, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { query, upload } from '../../api/http';
import type { Registry, RegistryLoad } from '../../api/law';
import { toastOK } from '../../ui/toast';
import { numbersText } from './loadError';

/** Sends a file whose numbers replace those of a registry; the reading goes on after the dialog is closed. */
export function LoadRegistry({ registry, opened, onClose }: { registry: Registry; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [day, setDay] = useState('');
  const [tolerate, setTolerate] = useState<number | string>(0);
  const [shrink, setShrink] = useState(false);
  const [share, setShare] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (!file) return;
    setError(null);
    setShare(0);
    try {
      await upload<RegistryLoad>(`/registries/${registry.id}/loads` + query({ as_of: day, tolerate: Number(tolerate) || undefined, shrink: shrink ? 'true' : undefined }), file, setShare);
      toastOK(t('registry.accepted'));
      await client.invalidateQueries({ queryKey: ['registries'] });
      setFile(null);
      onClose();
    } catch (problem) {
      setError(problem);
    } finally {
      setShare(null);
    }
  };
  return (
    <Modal opened={opened} onClose={onClose} title={t('registry.loadTitle', { name: registry.name })}>
      <form onSubmit={(e) => void submit(e)} noValidate>
        <Stack gap="sm">
          <FileInput label={t('registry.file')} description={t('registry.fileHint')} placeholder={t('suppress.pick')} value={file} onChange={setFile} accept=".csv,.txt,text/csv,text/plain" data-autofocus data-testid="registry-file" />
          <TextInput type="date" label={`${t('registry.day')} (${t('ui.optional')})`} value={day} onChange={(e) => setDay(e.currentTarget.value)} data-testid="registry-day" />
          <NumberInput label={t('registry.tolerate')} min={0} max={1_000_000} allowDecimal={false} value={tolerate} onChange={setTolerate} />
          <Switch label={t('registry.shrink')} checked={shrink} onChange={(e) => setShrink(e.currentTarget.checked)} />
          {share !== null && <Progress value={share * 100} aria-label={t('registry.uploading')} animated />}
          {error !== null && <Alert color="red" role="alert">{numbersText(error)}</Alert>}
          <Group justify="flex-end"><Button variant="default" onClick={onClose}>{t('act.cancel')}</Button><Button type="submit" disabled={!file} loading={share !== null} data-testid="registry-begin">{t('registry.begin')}</Button></Group>
        </Stack>
      </form>
    </Modal>
  );
}
