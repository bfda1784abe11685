import { Alert, Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import type { ImportJob } from '../../api/types';
import { toastProblem } from '../../ui/toast';
import { Panel, RowsSkeleton } from '../../ui/ui';
import { useCancelImport, useInspection, useStart, useTemplates, type Template } from './api';
import css from './imports.module.css';
import { Mapping } from './Mapping';
import { Options } from './Options';
import { problemOf, withTemplate, type Plan } from './plan';
import { PreviewTable } from './PreviewTable';
import { Reading } from './Reading';
import { Templates } from './Templates';
import { fileText } from './words';

/** The second step: what the file looks like, what its columns are, and what would come of its first rows. */
export function PlanStep({ job }: { job: ImportJob }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const [plan, setPlan] = useState<Plan>({});
  const [used, setUsed] = useState('');
  const [asked] = useDebouncedValue(plan, 300);
  const inspection = useInspection(job.id, asked, true);
  const templates = useTemplates().data;
  const start = useStart(job.id);
  const cancel = useCancelImport();
  const of = inspection.data;
  const columns = plan.columns ?? of?.columns ?? [];
  const change = (p: Plan) => setPlan(p);
  // Another encoding, delimiter, sheet or header makes other columns: they are guessed anew.
  const reread = (p: Plan) => setPlan({ ...p, columns: undefined });
  const use = (x: Template) => {
    setUsed(x.name);
    setPlan((p) => ({ ...p, ...x.plan, encoding: p.encoding, delimiter: p.delimiter, sheet: p.sheet, header: p.header, columns: withTemplate(x.plan, of?.columns ?? []) }));
  };
  // A template that fits is used by itself, once; a person may still change what it did.
  const tried = useRef(false);
  useEffect(() => {
    if (tried.current || !of?.template || !templates) return;
    tried.current = true;
    const found = templates.find((x) => x.name === of.template);
    if (found) use(found);
  });
  if (!of) {
    if (!inspection.isError) return <Panel title={t('imports.looking')}><RowsSkeleton /></Panel>;
    return (
      <Panel>
        <div className={css.body}>
          <Alert color="red" role="alert" p="sm" title={t('imports.unreadable')} data-testid="inspect-problem">{fileText(inspection.error)}</Alert>
          <div><Button onClick={() => go(`/lists/${job.list_id}/import`)} data-testid="import-again">{t('imports.another')}</Button></div>
        </div>
      </Panel>
    );
  }
  const whole: Plan = { ...plan, encoding: of.encoding === 'XLSX' ? undefined : of.encoding, delimiter: of.delimiter || undefined, sheet: of.sheet || undefined, header: of.header ? 'yes' : 'no', columns };
  const problem = problemOf(columns, plan.duplicates);
  const good = of.rows.filter((r) => !r.reason).length;
  const settling = asked !== plan || inspection.isPlaceholderData;
  return (
    <div className={css.stack}>
      <Reading of={of} plan={plan} onChange={reread} />
      {inspection.isError && <Alert color="red" role="alert" p="xs" data-testid="inspect-problem">{fileText(inspection.error)}</Alert>}
      {used && <Alert color="tide" p="xs">{t('imports.usedTemplate', { name: used })}</Alert>}
      <Mapping columns={columns} rows={of.rows} wrong={problem?.column} onChange={(c) => change({ ...plan, columns: c })}
        aside={<Templates plan={whole} headers={of.columns.map((c) => c.header)} onUse={use} />} />
      <PreviewTable of={of} stale={settling} />
      <Options plan={plan} onChange={change} />
      {start.isError && <Alert color="red" role="alert" p="xs" data-testid="start-problem">{fileText(start.error)}</Alert>}
      <div className={css.foot}>
        <span className={css.footText} role="status">
          {of.rows.length === 0 ? <b className={css.bad}>{t('imports.noRows')}</b> : problem ? <b className={css.bad} data-testid="plan-problem">{t(`imports.problem.${problem.problem}`)}</b>
            : of.rows.length > good && t('imports.someBad', { n: of.rows.length - good, all: of.rows.length })}
        </span>
        <Button variant="default" loading={cancel.isPending} data-testid="import-cancel"
          onClick={() => cancel.mutate(job.id, { onError: toastProblem, onSuccess: () => go(`/lists/${job.list_id}`) })}>{t('imports.discard')}</Button>
        <Button disabled={!!problem || settling || of.rows.length === 0} loading={start.isPending} data-testid="import-start" onClick={() => start.mutate(whole)}>{t('imports.start')}</Button>
      </div>
    </div>
  );
}
