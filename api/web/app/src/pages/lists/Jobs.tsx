import { Alert, Button, Progress } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { ContactList } from '../../api/types';
import { codeName } from '../../i18n';
import { useFormats } from '../../lib/format';
import { toastProblem } from '../../ui/toast';
import { Panel, StatePill } from '../../ui/ui';
import { jobEnded, useCancelJob, useListJobs, type ListJob } from './api';
import css from './lists.module.css';
import { jobShare } from './progress';

const look: Record<string, string> = { done: 'good', failed: 'bad', cancelled: 'warn', running: 'info', waiting: 'plain' };

function JobRow({ job, lists, manage }: { job: ListJob; lists: ContactList[]; manage: boolean }) {
  const { t } = useTranslation();
  const f = useFormats();
  const cancel = useCancelJob();
  const ended = jobEnded(job);
  const label = codeName('listJob', job.kind);
  const made = job.new_lists.map((id) => lists.find((l) => l.id === id)).filter((l) => l !== undefined);
  return (
    <li className={css.job} data-testid="list-job" data-kind={job.kind} data-state={job.state}>
      <div className={css.jobHead}>
        <b>{label}</b>
        <StatePill state={look[job.state] ?? 'plain'}>{codeName('listJobState', job.state)}</StatePill>
        <span className={css.soft}>{f.dateTime(job.created_at)}</span>
        {!ended && manage && (
          <Button size="compact-xs" variant="default" ml="auto" loading={cancel.isPending} data-testid="cancel-job"
            onClick={() => cancel.mutate(job.id, { onError: toastProblem })}>{t('lists.stopJob')}</Button>
        )}
      </div>
      {!ended && <Progress value={jobShare(job) * 100} animated aria-label={label} />}
      <div className={`${css.sum} num`}>
        <span>{t('lists.jobSeen')} <b>{f.number(job.seen)}</b>{job.total > 0 && <> / {f.number(job.total)}</>}</span>
        <span>{t('lists.jobChanged')} <b data-count="changed">{f.number(job.changed)}</b></span>
        {job.skipped > 0 && <span title={t('lists.jobSkippedHint')}>{t('lists.jobSkipped')} <b>{f.number(job.skipped)}</b></span>}
        {made.length > 0 && (
          <span className={css.made}>{t('lists.jobInto')} {made.map((l, i) => <span key={l.id}>{i > 0 && ', '}<Link href={`/lists/${l.id}`}>{l.name}</Link></span>)}</span>
        )}
      </div>
      {job.problem && <Alert color="red" p={6}>{job.problem}</Alert>}
    </li>
  );
}

/** Work on the list in the background: what runs, and what ended a while ago. */
export function Jobs({ listID, lists, manage }: { listID: string; lists: ContactList[]; manage: boolean }) {
  const { t } = useTranslation();
  const jobs = useListJobs(listID).data ?? [];
  const [all, setAll] = useState(false);
  const client = useQueryClient();
  const open = jobs.filter((j) => !jobEnded(j)).length;
  // What the jobs have done so far; one may begin and end between two looks.
  const done = jobs.map((j) => `${j.id}:${j.state}:${j.changed}`).join();
  const before = useRef(done);
  useEffect(() => {
    if (done === before.current) return;
    before.current = done;
    for (const key of ['lists', 'list-progress', 'contacts']) void client.invalidateQueries({ queryKey: [key] });
  }, [done, client]);
  if (jobs.length === 0) return null;
  const shown = all ? jobs : jobs.slice(0, Math.max(2, open));
  return (
    <Panel title={t('lists.jobs')} testid="list-jobs"
      aside={jobs.length > shown.length && <Button size="compact-xs" variant="subtle" onClick={() => setAll(true)}>{t('lists.jobsAll', { n: jobs.length })}</Button>}>
      <ul className={css.jobs}>{shown.map((j) => <JobRow key={j.id} job={j} lists={lists} manage={manage} />)}</ul>
    </Panel>
  );
}
