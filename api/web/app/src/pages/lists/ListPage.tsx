import { ActionIcon, Alert, Anchor, Button, Menu, Table } from '@mantine/core';
import {
  IconArchive, IconArchiveOff, IconArrowMerge, IconArrowsSplit, IconChevronRight, IconCopy, IconDots, IconDownload, IconPencil, IconRestore, IconUpload,
} from '@tabler/icons-react';
import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useCampaigns, useImports, useList, useLists } from '../../api/queries';
import type { Campaign, ContactList, ImportJob } from '../../api/types';
import { codeName } from '../../i18n';
import { useFormats } from '../../lib/format';
import { may, useUser } from '../../lib/session';
import { reasonName } from '../agent/names';
import { Failed, Load, Page, Panel, RowsSkeleton, Scroll, StatePill, StatusPill } from '../../ui/ui';
import { useNearDuplicates } from '../imports/api';
import { NearDuplicates } from '../imports/NearDuplicates';
import { useListJobs, useListProgress, type ListProgress } from './api';
import { Contacts } from './Contacts';
import { ArchiveDialog, CopyDialog, ExportDialog, MergeDialog, RenameDialog, ResetDialog, SplitDialog } from './dialogs';
import { Jobs } from './Jobs';
import css from './lists.module.css';
import { ListBar } from './ProgressBar';
import { ranked } from './progress';

type Dialog = 'rename' | 'archive' | 'copy' | 'merge' | 'split' | 'reset' | 'export';

function Reasons({ title, counts, campaign }: { title: string; counts: Record<string, number> | null; campaign: Campaign | undefined }) {
  const f = useFormats();
  const list = ranked(counts);
  if (list.length === 0) return null;
  return (
    <>
      <dt>{title}</dt>
      <dd>{list.map(([r, n], i) => <Fragment key={r}>{i > 0 && ' · '}<span data-reason={r}>{reasonName(r, campaign)} <b className="num">{f.number(n)}</b></span></Fragment>)}</dd>
    </>
  );
}

function PlaceRow({ of, campaign }: { of: ListProgress; campaign: Campaign | undefined }) {
  const { t } = useTranslation();
  return (
    <li className={css.placeRow} data-testid="list-place" data-campaign={of.campaign_id}>
      <div className={css.jobHead}>
        <Link href={`/campaigns/${of.campaign_id}`} className="truncate" title={campaign?.name}>{campaign?.name ?? '…'}</Link>
        {campaign && <StatusPill status={campaign.status} />}
      </div>
      <ListBar of={of} />
      <dl className={css.reasons}>
        <Reasons title={t('lists.excludedWhy')} counts={of.excluded} campaign={campaign} />
        <Reasons title={t('lists.finishedBy')} counts={of.finished_by} campaign={campaign} />
        <Reasons title={t('lists.waitingFor')} counts={of.waiting_for} campaign={campaign} />
      </dl>
    </li>
  );
}

function Progress({ id }: { id: string }) {
  const { t } = useTranslation();
  const progress = useListProgress(id);
  const campaigns = useCampaigns().data ?? [];
  return (
    <Panel title={t('lists.progress')} testid="list-progress">
      <Load query={progress} empty={(p) => p.items.length === 0} whenEmpty={<p className={css.note}>{t('lists.unusedHint')}</p>}>
        {(p) => <ul className={css.jobs}>{p.items.map((x) => <PlaceRow key={x.campaign_id} of={x} campaign={campaigns.find((c) => c.id === x.campaign_id)} />)}</ul>}
      </Load>
    </Panel>
  );
}

const look: Record<ImportJob['state'], string> = { ready: 'warn', running: 'info', done: 'good', failed: 'bad', cancelled: 'plain' };

function Imports({ id }: { id: string }) {
  const { t } = useTranslation();
  const f = useFormats();
  const imports = useImports(id, true).data ?? [];
  const [all, setAll] = useState(false);
  if (imports.length === 0) return null;
  return (
    <Panel title={t('lists.files')} testid="list-imports"
      aside={!all && imports.length > 3 && <Button size="compact-xs" variant="subtle" onClick={() => setAll(true)}>{t('lists.jobsAll', { n: imports.length })}</Button>}>
      <Scroll>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('lists.file')}</Table.Th><Table.Th>{t('ui.status')}</Table.Th><Table.Th ta="right">{t('lists.rows')}</Table.Th>
              <Table.Th ta="right">{t('lists.accepted')}</Table.Th><Table.Th ta="right">{t('lists.rejected')}</Table.Th><Table.Th>{t('lists.created')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {(all ? imports : imports.slice(0, 3)).map((i) => (
              <Table.Tr key={i.id} data-testid="import-row" data-state={i.state}>
                <Table.Td maw={300}><div className="truncate" title={i.file_name}><Link href={`/lists/${id}/import/${i.id}`}>{i.file_name}</Link></div></Table.Td>
                <Table.Td><StatePill state={look[i.state]}>{codeName('importState', i.state)}</StatePill></Table.Td>
                <Table.Td ta="right" className="num">{f.number(i.rows_read)}</Table.Td>
                <Table.Td ta="right" className="num">{f.number(i.accepted)}</Table.Td>
                <Table.Td ta="right" className="num">{f.number(i.rejected)}</Table.Td>
                <Table.Td className={css.whenCell}>{f.dateTime(i.created_at)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Scroll>
    </Panel>
  );
}

/** People who may be there twice, when somebody has looked and has not decided yet. */
function Twice({ id }: { id: string }) {
  const pairs = useNearDuplicates(id).data ?? [];
  return pairs.length > 0 && <NearDuplicates listID={id} fresh={false} />;
}

function Actions({ list, open }: { list: ContactList; open: (d: Dialog) => void }) {
  const { t } = useTranslation();
  const away = list.archived_at !== null;
  const acts = [
    ['rename', IconPencil, t('lists.rename')], ['copy', IconCopy, t('lists.copy')], ['split', IconArrowsSplit, t('lists.split')], ['merge', IconArrowMerge, t('lists.merge')],
    ['reset', IconRestore, t('lists.reset')], ['export', IconDownload, t('lists.export')],
    ['archive', away ? IconArchiveOff : IconArchive, t(away ? 'lists.restore' : 'lists.archive')],
  ] as const;
  const shown = away ? acts.filter(([a]) => a === 'archive' || a === 'export' || a === 'copy') : acts;
  return (
    <>
      {!away && <Button component={Link} href={`/lists/${list.id}/import`} leftSection={<IconUpload size={16} />} data-testid="load-file">{t('lists.load')}</Button>}
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={t('lists.actions')} data-testid="list-actions"><IconDots size={18} /></ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {shown.map(([act, Icon, label]) => (
            <Menu.Item key={act} leftSection={<Icon size={16} />} onClick={() => open(act)} data-testid={`list-${act}`}>{label}…</Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

export default function ListPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const list = useList(id);
  const lists = useLists().data ?? [];
  const manage = may(useUser(), 'manage');
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const progress = useListProgress(id);
  const jobs = useListJobs(id);
  const near = useNearDuplicates(id, manage);
  const imports = useImports(id, manage);
  if (list.isError && !list.data) return <Page title={t('lists.title')}><Panel><Failed error={list.error} retry={() => void list.refetch()} /></Panel></Page>;
  const l = list.data;
  // The panels above the contacts come at once: what comes one by one moves the rows from under the mouse.
  const waiting = [progress, jobs, ...(manage ? [near, imports] : [])].some((q) => q.isPending);
  const title = (
    <>
      <Anchor component={Link} href="/lists" inherit c="dimmed">{t('lists.title')}</Anchor>
      <IconChevronRight size={16} style={{ margin: '0 4px', verticalAlign: 'middle' }} aria-hidden />
      {l?.name ?? '…'}
    </>
  );
  const close = () => setDialog(null);
  return (
    <Page title={title} actions={manage && l && <Actions list={l} open={setDialog} />}>
      <div className={css.stack}>
        {l?.archived_at && <Alert color="gray" p="xs" data-testid="archived">{t('lists.archivedHint')}</Alert>}
        {waiting ? <Panel><RowsSkeleton rows={12} /></Panel> : (
          <>
            <Progress id={id} />
            <Jobs listID={id} lists={lists} manage={manage} />
            {manage && <Twice id={id} />}
            {manage && <Imports id={id} />}
            <Contacts listID={id} total={l?.contacts} />
          </>
        )}
      </div>
      {l && dialog === 'rename' && <RenameDialog list={l} onClose={close} />}
      {l && dialog === 'archive' && <ArchiveDialog list={l} onClose={close} />}
      {l && dialog === 'copy' && <CopyDialog list={l} lists={lists} onClose={close} />}
      {l && dialog === 'merge' && <MergeDialog list={l} lists={lists} onClose={close} />}
      {l && dialog === 'split' && <SplitDialog list={l} onClose={close} />}
      {l && dialog === 'reset' && <ResetDialog list={l} onClose={close} />}
      {l && dialog === 'export' && <ExportDialog list={l} onClose={close} />}
    </Page>
  );
}
