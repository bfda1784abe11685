import { Alert, Button, FileInput, Group, Modal, Progress, Select, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { query, upload } from '../../api/http';
import type { DNCFile } from '../../api/law';
import { useCampaigns } from '../../api/queries';
import { useFormats } from '../../lib/format';
import { BadLines } from './BadLines';
import { numbersText } from './loadError';

/** Puts the numbers of a file on the do-not-call list and tells what became of its lines. */
export function NumbersFile({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const client = useQueryClient();
  const campaigns = useCampaigns();
  const [file, setFile] = useState<File | null>(null);
  const [region, setRegion] = useState('US');
  const [reason, setReason] = useState(t('dnc.reasonDefault'));
  const [campaign, setCampaign] = useState<string | null>(null);
  const [share, setShare] = useState<number | null>(null);
  const [done, setDone] = useState<DNCFile | null>(null);
  const [error, setError] = useState<unknown>(null);
  const close = () => {
    setFile(null);
    setDone(null);
    setError(null);
    onClose();
  };
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (!file) return;
    setError(null);
    setShare(0);
    try {
      setDone(await upload<DNCFile>('/dnc/file' + query({ region: region.trim().toUpperCase(), reason: reason.trim(), campaign_id: campaign ?? '' }), file, setShare));
      await client.invalidateQueries({ queryKey: ['dnc'] });
    } catch (problem) {
      setError(problem);
    } finally {
      setShare(null);
    }
  };
  return (
    <Modal opened={opened} onClose={close} title={t('suppress.fileTitle')} size="lg">
      {done ? (
        <Stack gap="sm">
          <Text data-testid="dnc-file-report">{t('suppress.fileDone', { numbers: f.number(done.numbers), added: f.number(done.added), bad: f.number(done.bad) })}</Text>
          <BadLines lines={done.bad_lines ?? []} />
          <Group justify="flex-end"><Button variant="default" onClick={() => setDone(null)}>{t('suppress.again')}</Button><Button onClick={close}>{t('act.close')}</Button></Group>
        </Stack>
      ) : (
        <form onSubmit={(e) => void submit(e)} noValidate>
          <Stack gap="sm">
            <FileInput label={t('registry.file')} description={t('registry.fileHint').split(/(?<=[.。])/)[0]} placeholder={t('suppress.pick')} value={file} onChange={setFile} accept=".csv,.txt,text/csv,text/plain" data-autofocus data-testid="dnc-file-input" />
            <Group grow align="start">
              <TextInput label={t('suppress.region')} maxLength={6} value={region} onChange={(e) => setRegion(e.currentTarget.value)} />
              <Select label={t('dnc.campaign')} placeholder={t('dnc.everywhere')} clearable searchable value={campaign} onChange={setCampaign} data={(campaigns.data ?? []).map((c) => ({ value: c.id, label: c.name }))} />
            </Group>
            <TextInput label={t('dnc.reason')} maxLength={200} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
            {share !== null && <Progress value={share * 100} aria-label={t('registry.uploading')} animated />}
            {error !== null && <Alert color="red" role="alert">{numbersText(error)}</Alert>}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>{t('act.cancel')}</Button>
              <Button type="submit" disabled={!file} loading={share !== null} data-testid="dnc-file-load">{t('suppress.begin')}</Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
