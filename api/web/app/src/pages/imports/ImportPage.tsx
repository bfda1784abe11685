import { Anchor, Button, Progress, Text } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useImport, useList } from '../../api/queries';
import type { ImportJob } from '../../api/types';
import { useFormats } from '../../lib/format';
import { may, useUser } from '../../lib/session';
import { useConnection, useItem, useTopic } from '../../stream/context';
import { toastProblem } from '../../ui/toast';
import { Empty, Failed, Page, Panel, RowsSkeleton } from '../../ui/ui';
import { useCancelImport } from './api';
import { Drop } from './Drop';
import css from './imports.module.css';
import { PlanStep } from './PlanStep';
import { Result } from './Result';

const STEPS = ['file', 'columns', 'loading', 'result'] as const;

function Steps({ at }: { at: number }) {
  const { t } = useTranslation();
  return (
    <ol className={css.steps} aria-label={t('imports.steps')}>
      {STEPS.map((s, i) => <li key={s} aria-current={i === at ? 'step' : undefined} data-done={i < at || undefined}><span className="num">{i + 1}</span> {t(`imports.step.${s}`)}</li>)}
    </ol>
  );
}

function Running({ job }: { job: ImportJob }) {
  const { t } = useTranslation();
  const f = useFormats();
  const cancel = useCancelImport();
  const share = job.bytes_total > 0 ? (job.bytes_read / job.bytes_total) * 100 : 0;
  const label = t('imports.importing', { name: job.file_name });
  return (
    <Panel testid="import">
      <div className={css.body} data-testid="import-progress">
        <Text size="sm">{label}</Text>
        <Progress value={share} animated aria-label={label} />
        <div className={css.report}>
          <span>{t('lists.rows')}<b className="num">{f.number(job.rows_read)}</b></span>
          <span>{t('lists.accepted')}<b className="num">{f.number(job.accepted)}</b></span>
          <span>{t('lists.rejected')}<b className="num">{f.number(job.rejected)}</b></span>
          <span className={css.soft}>{f.bytes(job.bytes_read)} / {f.bytes(job.bytes_total)}</span>
          <Button variant="default" size="compact-sm" ml="auto" loading={cancel.isPending || job.cancel} onClick={() => cancel.mutate(job.id, { onError: toastProblem })} data-testid="import-stop">{t('imports.cancel')}</Button>
        </div>
        <Text size="xs" c="dimmed">{t('imports.goesOn')}</Text>
      </div>
    </Panel>
  );
}

// Whichever is further: the pushed row may be ahead of the answer, or the stream may be away.
function further(asked: ImportJob | undefined, pushed: ImportJob | undefined): ImportJob | undefined {
  const rank = (j: ImportJob) => (j.state === 'ready' ? 0 : j.state === 'running' ? 1 : 2);
  if (!asked || !pushed) return asked ?? pushed;
  if (rank(asked) !== rank(pushed)) return rank(asked) > rank(pushed) ? asked : pushed;
  return pushed.rows_read >= asked.rows_read ? pushed : asked;
}

function Import({ listID, id }: { listID: string; id: string }) {
  const client = useQueryClient();
  const live = useConnection() === 'open';
  useTopic('imports');
  const pushed = useItem<ImportJob>('imports', id);
  const asked = useImport(id, live);
  const job = further(asked.data, pushed);
  const state = job?.state;
  const over = state === 'done' || state === 'failed' || state === 'cancelled';
  useEffect(() => {
    if (!over) return;
    for (const key of ['import', 'imports', 'lists', 'list-progress', 'near-duplicates', 'filter-fields']) void client.invalidateQueries({ queryKey: [key] });
    void client.invalidateQueries({ queryKey: ['contacts', listID] });
  }, [over, client, listID]);
  if (!job) return <Panel>{asked.isError ? <Failed error={asked.error} retry={() => void asked.refetch()} /> : <RowsSkeleton />}</Panel>;
  return (
    <>
      <Steps at={state === 'ready' ? 1 : over ? 3 : 2} />
      {state === 'ready' ? <PlanStep job={job} /> : over ? <Result job={job} /> : <Running job={job} />}
    </>
  );
}

export default function ImportPage({ listID, id }: { listID: string; id: string }) {
  const { t } = useTranslation();
  const list = useList(listID);
  const manage = may(useUser(), 'manage');
  const title = (
    <>
      <Anchor component={Link} href="/lists" inherit c="dimmed">{t('lists.title')}</Anchor>
      <IconChevronRight size={16} style={{ margin: '0 4px', verticalAlign: 'middle' }} aria-hidden />
      <Anchor component={Link} href={`/lists/${listID}`} inherit c="dimmed">{list.data?.name ?? '…'}</Anchor>
      <IconChevronRight size={16} style={{ margin: '0 4px', verticalAlign: 'middle' }} aria-hidden />
      {t('lists.load')}
    </>
  );
  let body = id ? <Import listID={listID} id={id} /> : <><Steps at={0} /><Drop listID={listID} /></>;
  if (!manage) body = <Empty title={t('state.forbidden')} hint={t('state.forbiddenHint')} />;
  else if (list.isError && !list.data) body = <Panel><Failed error={list.error} retry={() => void list.refetch()} /></Panel>;
  return <Page title={title}>{body}</Page>;
}
