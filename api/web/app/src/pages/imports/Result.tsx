import { Alert, Button, Table, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { useRejects } from '../../api/queries';
import type { ImportJob } from '../../api/types';
import { codeName } from '../../i18n';
import { codes } from '../../i18n/en/codes';
import { importText, rowText } from '../../i18n/problem';
import { clock } from '../../lib/clock';
import { useFormats } from '../../lib/format';
import { Load, Panel, Scroll } from '../../ui/ui';
import { ranked } from '../lists/progress';
import css from './imports.module.css';
import { NearDuplicates } from './NearDuplicates';

const SHOWN = 200;
const RECENT = 5 * 60_000; // a load that ended so lately is looked through for people who are there twice

function Rejects({ id }: { id: string }) {
  const { t } = useTranslation();
  const f = useFormats();
  const rejects = useRejects(id, true);
  return (
    <div className={css.rejects} data-testid="rejects" tabIndex={0} role="group" aria-label={t('imports.rejects')}>
      <Load query={rejects}>
        {(rows) => (
          <>
            <Scroll>
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
                      <Table.Td maw={320}>{r.reason === 'row_broken' ? rowText(r.value) : <div className="truncate" title={r.value}>{r.value}</div>}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Scroll>
            {rows.length > SHOWN && <Text size="xs" c="dimmed" p="xs">{t('imports.firstRejects', { n: SHOWN })}</Text>}
          </>
        )}
      </Load>
    </div>
  );
}

/** The last step: what came of the file. */
export function Result({ job }: { job: ImportJob }) {
  const { t } = useTranslation();
  const f = useFormats();
  const [, go] = useLocation();
  const reasons = ranked(job.reasons);
  const most = Math.max(1, ...reasons.map(([, n]) => n));
  const figures = [
    [t('lists.rows'), job.rows_read, 'rows'], [t('lists.accepted'), job.accepted, 'accepted'], [t('imports.updated'), job.updated, 'updated'],
    [t('lists.rejected'), job.rejected, 'rejected'], [t('imports.marked'), job.on_dnc, 'dnc'],
  ] as const;
  return (
    <div className={css.stack}>
      <Panel testid="import" title={t('imports.result')} aside={(
        <>
          {job.rejected > 0 && (
            <Button component="a" href={`/api/imports/${job.id}/rejects?format=csv`} download size="compact-sm" variant="default" leftSection={<IconDownload size={14} />} data-testid="download-rejects">
              {t('imports.downloadRejects')}
            </Button>
          )}
          <Button size="compact-sm" variant="light" onClick={() => go(`/lists/${job.list_id}/import`)} data-testid="import-again">{t('imports.another')}</Button>
          <Button component={Link} href={`/lists/${job.list_id}`} size="compact-sm" data-testid="to-list">{t('imports.toList')}</Button>
        </>
      )}>
        <div className={css.body} data-testid="import-report" data-state={job.state}>
          {job.state === 'failed' && <Alert color="red" p="xs" title={t('imports.failed')}>{importText(job.error)}{job.accepted > 0 && <div>{t('imports.keptBefore', { n: f.number(job.accepted) })}</div>}</Alert>}
          {job.state === 'cancelled' && <Alert color="yellow" p="xs">{t('imports.cancelled')}</Alert>}
          {job.state === 'done' && <Text fw={600}>{t('imports.done')}</Text>}
          <div className={css.report}>
            {figures.filter(([, n, key]) => n > 0 || key === 'accepted' || key === 'rejected').map(([w, n, key]) => (
              <span key={key}>{w}<b className="num" data-testid={`import-${key}`}>{f.number(n)}</b></span>
            ))}
          </div>
          {job.on_dnc > 0 && <Text size="sm" c="dimmed">{t('imports.markedHint')}</Text>}
          {reasons.length > 0 && (
            <dl className={css.bars} data-testid="import-reasons">
              {reasons.map(([r, n]) => (
                <div key={r} data-reason={r}>
                  <dt>{codeName('reject', r)}{r in codes.rejectHint && <small>{codeName('rejectHint', r)}</small>}</dt>
                  <dd><span className={css.track} aria-hidden><span style={{ width: `${(n / most) * 100}%` }} /></span><b className="num">{f.number(n)}</b></dd>
                </div>
              ))}
            </dl>
          )}
        </div>
        {job.rejected > 0 && <Rejects id={job.id} />}
      </Panel>
      {job.accepted + job.updated > 0 && <NearDuplicates listID={job.list_id} fresh={clock.now() - Date.parse(job.ended_at ?? '') < RECENT} />}
    </div>
  );
}
