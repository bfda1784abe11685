import { Alert, Button, Progress, Table, Text } from '@mantine/core';
import { IconDownload, IconFileUpload } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type DragEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { upload } from '../../api/http';
import { useImport, useRejects } from '../../api/queries';
import type { ImportJob } from '../../api/types';
import { codeName } from '../../i18n';
import { importText, problemText } from '../../i18n/problem';
import { useFormats } from '../../lib/format';
import { useConnection, useItem, useTopic } from '../../stream/context';
import { Load, Panel } from '../../ui/ui';
import css from './lists.module.css';

const SHOWN = 200;

function Drop({ onFile }: { onFile: (f: File) => void }) {
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
      <div><strong>{t('lists.drop')}</strong> {t('lists.or')}</div>
      <Button variant="light" onClick={() => input.current?.click()} data-testid="pick-file">{t('lists.pick')}</Button>
      <Text size="xs" maw={560}>{t('lists.fileHint')}</Text>
      <input ref={input} type="file" accept=".csv,.txt,text/csv" hidden data-testid="file-input" aria-label={t('lists.pick')}
        onChange={(e) => {
          const file = e.currentTarget.files?.[0];
          e.currentTarget.value = '';
          if (file) onFile(file);
        }} />
    </div>
  );
}

function Rejects({ id }: { id: string }) {
  const { t } = useTranslation();
  const f = useFormats();
  const rejects = useRejects(id, true);
  return (
    <div className={css.rejects} data-testid="rejects">
      <Load query={rejects}>
        {(rows) => (
          <>
            <Table stickyHeader>
              <Table.Thead>
                <Table.Tr><Table.Th ta="right" w={80}>{t('lists.row')}</Table.Th><Table.Th>{t('lists.reason')}</Table.Th><Table.Th>{t('lists.column')}</Table.Th><Table.Th>{t('lists.value')}</Table.Th></Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {rows.slice(0, SHOWN).map((r) => (
                  <Table.Tr key={r.row_no} data-testid="reject-row" data-reason={r.reason}>
                    <Table.Td ta="right" className="num">{f.number(r.row_no)}</Table.Td>
                    <Table.Td>{codeName('reject', r.reason)}</Table.Td>
                    <Table.Td>{r.field === 'phone' ? t('lists.phone') : r.field}</Table.Td>
                    <Table.Td maw={320}><div className="truncate" title={r.value}>{r.value}</div></Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
            {rows.length > SHOWN && <Text size="xs" c="dimmed" p="xs">{t('lists.firstRejects', { n: SHOWN })}</Text>}
          </>
        )}
      </Load>
    </div>
  );
}

function Report({ job, again }: { job: ImportJob; again: () => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const failed = job.state === 'failed';
  return (
    <>
      <div className={css.progress} data-testid="import-report" data-state={job.state}>
        {failed && (
          <Alert color="red" p="xs" title={t('lists.failed')}>
            {importText(job.error)}
          </Alert>
        )}
        <div className={css.report}>
          {!failed && <Text fw={600}>{t('lists.done')}</Text>}
          <span className="truncate">{job.file_name}</span>
          <span>{t('lists.rows')}<b className="num">{f.number(job.rows_read)}</b></span>
          <span>{t('lists.accepted')}<b className="num" data-testid="import-accepted">{f.number(job.accepted)}</b></span>
          <span>{t('lists.rejected')}<b className="num" data-testid="import-rejected">{f.number(job.rejected)}</b></span>
          <Button size="compact-sm" variant="light" ml="auto" onClick={again} data-testid="import-again">{t('lists.another')}</Button>
          {job.rejected > 0 && (
            <Button component="a" href={`/api/imports/${job.id}/rejects?format=csv`} download size="compact-sm" variant="default"
              leftSection={<IconDownload size={14} />} data-testid="download-rejects">
              {t('lists.downloadRejects')}
            </Button>
          )}
        </div>
      </div>
      {job.rejected > 0 && <Rejects id={job.id} />}
    </>
  );
}

interface Sending {
  name: string;
  share: number;
}

/** Upload of one CSV file into a list: sending, reading on the server, then the report. */
export function ImportBox({ listID }: { listID: string }) {
  const { t } = useTranslation();
  const f = useFormats();
  const client = useQueryClient();
  const live = useConnection() === 'open';
  const [sending, setSending] = useState<Sending | null>(null);
  const [problem, setProblem] = useState('');
  const [id, setID] = useState<string | null>(null);
  useTopic('imports');
  const pushed = useItem<ImportJob>('imports', id ?? '');
  const asked = useImport(id, live).data;
  // Whichever is further: the pushed row may be ahead of the answer, or the stream may be away.
  const job = pushed && (!asked || pushed.state !== 'running' || pushed.rows_read >= asked.rows_read) && asked?.state !== 'done' ? pushed : asked;
  const ended = job && job.state !== 'running';
  useEffect(() => {
    if (!ended) return;
    void client.invalidateQueries({ queryKey: ['lists'] });
    void client.invalidateQueries({ queryKey: ['contacts', listID] });
  }, [ended, client, listID]);

  const send = async (file: File) => {
    setProblem('');
    setID(null);
    setSending({ name: file.name, share: 0 });
    try {
      const made = await upload<ImportJob>(`/lists/${listID}/imports`, file, (share) => setSending({ name: file.name, share }));
      client.setQueryData(['import', made.id], made);
      setID(made.id);
    } catch (e) {
      setProblem(problemText(e));
    }
    setSending(null);
  };
  let body = <Drop onFile={(file) => void send(file)} />;
  if (sending) {
    body = (
      <div className={css.progress} data-testid="upload-progress">
        <Text size="sm">{t('lists.uploading', { name: sending.name })}</Text>
        <Progress value={sending.share * 100} animated aria-label={t('lists.uploading', { name: sending.name })} />
      </div>
    );
  } else if (job && ended) {
    body = <Report job={job} again={() => setID(null)} />;
  } else if (job) {
    const share = job.bytes_total > 0 ? (job.bytes_read / job.bytes_total) * 100 : 0;
    body = (
      <div className={css.progress} data-testid="import-progress">
        <Text size="sm">{t('lists.importing', { name: job.file_name })}</Text>
        <Progress value={share} animated aria-label={t('lists.importing', { name: job.file_name })} />
        <div className={css.report}>
          <span>{t('lists.rows')}<b className="num">{f.number(job.rows_read)}</b></span>
          <span>{t('lists.accepted')}<b className="num">{f.number(job.accepted)}</b></span>
          <span>{t('lists.rejected')}<b className="num">{f.number(job.rejected)}</b></span>
        </div>
      </div>
    );
  }
  return (
    <Panel title={t('lists.upload')} testid="import">
      {problem && <Alert color="red" m="sm" mb={0} p="xs" role="alert" data-testid="upload-problem">{problem}</Alert>}
      {body}
    </Panel>
  );
}
