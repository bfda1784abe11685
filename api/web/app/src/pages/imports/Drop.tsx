import { Alert, Button, Progress, Text } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useEffect, useRef, useState, type DragEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { useFormats } from '../../lib/format';
import { Panel } from '../../ui/ui';
import { sendFile } from './api';
import css from './imports.module.css';
import { fileText } from './words';

const TYPES = '.csv,.tsv,.txt,.xlsx,text/csv,text/tab-separated-values,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

function Zone({ onFile }: { onFile: (f: File) => void }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drop = (e: DragEvent) => {
    e.preventDefault();
    setOver(false);
    const file = e.dataTransfer.files[0];
    if (file) onFile(file);
  };
  return (
    <div className={css.drop} data-over={over || undefined} onDrop={drop} onDragLeave={() => setOver(false)}
      onDragOver={(e) => {
        e.preventDefault();
        setOver(true);
      }}>
      <IconFileUpload size={30} stroke={1.4} aria-hidden />
      <div><strong>{t('imports.drop')}</strong> {t('imports.or')}</div>
      <Button variant="light" onClick={() => input.current?.click()} data-testid="pick-file">{t('imports.pick')}</Button>
      <Text size="xs" maw={560}>{t('imports.fileHint')}</Text>
      <input ref={input} type="file" accept={TYPES} hidden data-testid="file-input" aria-label={t('imports.pick')}
        onChange={(e) => {
          const file = e.currentTarget.files?.[0];
          e.currentTarget.value = '';
          if (file) onFile(file);
        }} />
    </div>
  );
}

/** The first step: a file is sent to the server, which then shows what is in it. */
export function Drop({ listID }: { listID: string }) {
  const { t } = useTranslation();
  const f = useFormats();
  const [, go] = useLocation();
  const client = useQueryClient();
  const [sending, setSending] = useState<{ name: string; share: number } | null>(null);
  const [problem, setProblem] = useState<{ name: string; text: string } | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []); // who leaves the page is not brought back to it when the file is there
  const send = async (file: File) => {
    setProblem(null);
    setSending({ name: file.name, share: 0 });
    const mine = stop.current = new AbortController();
    try {
      const made = await sendFile(listID, file, (share) => setSending({ name: file.name, share }), mine.signal);
      client.setQueryData(['import', made.import.id], made.import);
      client.setQueryData(['inspection', made.import.id, {}], made.inspection);
      go(`/lists/${listID}/import/${made.import.id}`);
    } catch (e) {
      if (!mine.signal.aborted) setProblem({ name: file.name, text: fileText(e) });
      setSending(null);
    }
  };
  return (
    <Panel testid="import">
      {problem && <Alert color="red" m="sm" mb={0} p="xs" role="alert" title={t('imports.refused', { name: problem.name })} data-testid="upload-problem">{problem.text}</Alert>}
      {sending ? (
        <div className={css.body} data-testid="upload-progress">
          <Text size="sm">{sending.share < 1 ? t('imports.uploading', { name: sending.name }) : t('imports.looking')}</Text>
          <Progress value={sending.share * 100} animated aria-label={t('imports.uploading', { name: sending.name })} />
          <div className={css.report}>
            <span className={css.soft}>{f.percent(sending.share)}</span>
            <Button variant="default" size="compact-sm" ml="auto" onClick={() => stop.current?.abort()} data-testid="upload-stop">{t('imports.cancel')}</Button>
          </div>
        </div>
      ) : <Zone onFile={(file) => void send(file)} />}
    </Panel>
  );
}
