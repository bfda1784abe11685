import { Alert, Button, FileInput, Group, Modal, Progress, Select, Stack, Table, Text, TextInput } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { query, upload, uploadForText } from '../../api/http';
import type { ConsentFile, RejectedRow } from '../../api/law';
import { codeName } from '../../i18n';
import { fieldText } from '../../i18n/problem';
import { useFormats } from '../../lib/format';
import { saveFile } from '../../lib/save';
import { fileText, rowText } from '../imports/words';
import { regions } from '../lists/parts';
import css from './dnc.module.css';
import { rejectedCSV } from './rejected';
import { endOfDay } from './SuppressForm';

const SHOWN = 200;

// A consent that is wrong is told in the server's own words.
const reasonText = (r: RejectedRow) => (r.reason === 'consent_invalid' ? fieldText(r.value) : codeName('reject', r.reason));

/** A file that was sent, and how it was asked to be read. */
interface Sent {
  file: File;
  asked: string;
}

function Rejected({ done, sent }: { done: ConsentFile; sent: Sent }) {
  const { t } = useTranslation();
  const f = useFormats();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const all = done.rejected <= done.rejects.length;
  const text = () => rejectedCSV(done.header, done.rejects, [t('registry.line'), t('consentFile.column'), t('consentFile.says')], reasonText);
  // The server keeps nothing of the file: for rows that it has not told it is sent once more, and nothing is written down.
  const save = async () => {
    setError(null);
    setBusy(true);
    try {
      saveFile('consents-to-mend.csv', all ? text() : await uploadForText('/consents/rejects' + sent.asked, sent.file, () => undefined), 'text/csv');
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Group justify="space-between" gap="sm">
        <Text size="sm" fw={600}>{t('consentFile.rejected')}</Text>
        <Button size="compact-sm" variant="default" leftSection={<IconDownload size={14} />} loading={busy} onClick={() => void save()} data-testid="consent-file-rejects">{t('consentFile.download', { n: f.number(done.rejected) })}</Button>
      </Group>
      {error !== null && <Alert color="red" p="xs" role="alert">{fileText(error)}</Alert>}
      <Text size="xs" c="dimmed">{t('consentFile.mend')} {done.rejected > SHOWN && t('consentFile.first', { n: f.number(SHOWN) })}</Text>
      <div className={css.bad} tabIndex={0} role="region" aria-label={t('consentFile.rejected')}>
        <Table stickyHeader>
          <Table.Thead><Table.Tr><Table.Th ta="right" w={80}>{t('registry.line')}</Table.Th><Table.Th>{t('consentFile.says')}</Table.Th><Table.Th>{t('consentFile.column')}</Table.Th><Table.Th>{t('registry.value')}</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {done.rejects.slice(0, SHOWN).map((r) => (
              <Table.Tr key={r.row_no} data-testid="consent-file-reject" data-reason={r.reason}>
                <Table.Td ta="right" className="num">{f.number(r.row_no)}</Table.Td><Table.Td>{reasonText(r)}</Table.Td><Table.Td>{r.field}</Table.Td>
                <Table.Td className={css.wrap}>{r.reason === 'consent_invalid' ? (r.record ?? []).join(' · ').slice(0, 200) : rowText(r.value)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </>
  );
}

function Report({ done, sent, again, close }: { done: ConsentFile; sent: Sent; again: () => void; close: () => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  return (
    <Stack gap="sm">
      <Text data-testid="consent-file-report" data-added={done.added} data-rejected={done.rejected}>
        {t('consentFile.done', { rows: f.number(done.rows), added: f.number(done.added), known: f.number(done.known), rejected: f.number(done.rejected) })}
      </Text>
      {done.rejected === 0 ? <Text size="sm" c="dimmed">{t('consentFile.noneRejected')}</Text> : <Rejected done={done} sent={sent} />}
      <Group justify="flex-end"><Button variant="default" onClick={again}>{t('suppress.again')}</Button><Button onClick={close} data-testid="consent-file-close">{t('act.close')}</Button></Group>
    </Stack>
  );
}

interface Rest {
  region: string;
  purpose: string;
  source: string;
  evidence: string;
  given_at: string;
  until: string;
}

function Asked({ onDone, onClose }: { onDone: (d: ConsentFile, sent: Sent) => void; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const f = useFormats();
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [rest, setRest] = useState<Rest>({ region: i18n.language === 'zh-CN' ? 'CN' : 'US', purpose: 'marketing', source: '', evidence: '', given_at: '', until: '' });
  const [share, setShare] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  const stop = useRef<AbortController | null>(null);
  // Who closes the dialog while the file is on its way does not want it; one that is there is read to its end.
  useEffect(() => () => stop.current?.abort(), []);
  const set = (change: Partial<Rest>) => setRest((r) => ({ ...r, ...change }));
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (!file) return;
    setError(null);
    setShare(0);
    stop.current = new AbortController();
    try {
      const asked = query({ ...rest, given_at: rest.given_at && new Date(rest.given_at + 'T00:00:00').toISOString(), until: rest.until && endOfDay(rest.until) });
      const onShare = (x: number) => {
        if (x >= 1) stop.current = null;
        setShare(x);
      };
      onDone(await upload<ConsentFile>('/consents/file' + asked, file, onShare, stop.current.signal), { file, asked });
      for (const key of ['consents', 'journey', 'why']) void client.invalidateQueries({ queryKey: [key] });
    } catch (problem) {
      setError(problem);
    } finally {
      setShare(null);
    }
  };
  const sent = share !== null && share >= 1;
  return (
    <form onSubmit={(e) => void submit(e)} noValidate>
      <Stack gap="sm">
        <FileInput label={t('consentFile.file')} description={t('consentFile.fileHint')} placeholder={t('suppress.pick')} value={file} onChange={setFile} accept=".csv,.tsv,.txt,.xlsx,text/csv" disabled={share !== null} data-autofocus data-testid="consent-file-input" />
        <Select label={t('consentFile.region')} searchable allowDeselect={false} value={rest.region} onChange={(v) => v && set({ region: v })} data={regions(i18n.language)} />
        <fieldset className={css.rest}>
          <legend>{t('consentFile.rest')}</legend>
          <Group grow align="start">
            <TextInput label={t('consent.purpose')} description={t('consent.purposeHint')} maxLength={40} value={rest.purpose} onChange={(e) => set({ purpose: e.currentTarget.value })} data-testid="consent-file-purpose" />
            <TextInput label={`${t('consent.source')} (${t('ui.optional')})`} description={'\u00a0'} maxLength={200} value={rest.source} onChange={(e) => set({ source: e.currentTarget.value })} />
          </Group>
          <TextInput label={`${t('consent.evidence')} (${t('ui.optional')})`} maxLength={4000} value={rest.evidence} onChange={(e) => set({ evidence: e.currentTarget.value })} data-testid="consent-file-evidence" />
          <Group grow align="start">
            <TextInput type="date" label={`${t('consent.given')} (${t('ui.optional')})`} value={rest.given_at} onChange={(e) => set({ given_at: e.currentTarget.value })} data-testid="consent-file-given" />
            <TextInput type="date" label={`${t('consent.until')} (${t('ui.optional')})`} value={rest.until} onChange={(e) => set({ until: e.currentTarget.value })} />
          </Group>
        </fieldset>
        <div className={css.sending} role="status">
          {share !== null && (
            <>
              <Text size="sm" data-testid="consent-file-progress">{sent ? t('consentFile.reading') : t('consentFile.sending', { share: f.percent(share) })}</Text>
              <Progress value={share * 100} animated={sent} striped={sent} aria-label={t('registry.uploading')} />
            </>
          )}
          {error !== null && <Alert color="red" p="xs" role="alert" data-testid="consent-file-problem">{fileText(error)}</Alert>}
        </div>
        <Group justify="flex-end">
          <Button variant="default" disabled={sent} onClick={onClose}>{t('act.cancel')}</Button>
          <Button type="submit" disabled={!file} loading={share !== null} data-testid="consent-file-load">{t('consentFile.begin')}</Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Writes the consents of a file down, and tells which of its rows were not taken and why. */
export function ConsentsFile({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const [result, setResult] = useState<{ done: ConsentFile; sent: Sent } | null>(null);
  const close = () => {
    setResult(null);
    onClose();
  };
  return (
    <Modal opened={opened} onClose={close} title={t('consentFile.title')} size="lg">
      {result ? <Report {...result} again={() => setResult(null)} close={close} /> : <Asked onDone={(done, sent) => setResult({ done, sent })} onClose={close} />}
    </Modal>
  );
}
