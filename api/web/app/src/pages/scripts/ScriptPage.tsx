import { ActionIcon, Alert, Anchor, Button, Menu, Tabs, TextInput, Tooltip } from '@mantine/core';
import { IconArrowBackUp, IconArrowForwardUp, IconChevronRight, IconDots, IconTrash, IconUpload } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { get } from '../../api/http';
import { useScript } from '../../api/queries';
import type { ScriptVersion } from '../../api/types';
import { problemText } from '../../i18n/problem';
import { useFormats } from '../../lib/format';
import { may, useUser } from '../../lib/session';
import { Confirm } from '../../ui/confirm';
import { toastOK, toastProblem } from '../../ui/toast';
import { Failed, Page, Panel, RowsSkeleton, StatePill } from '../../ui/ui';
import { useDiscard, useOverview, type Named, type Overview } from './api';
import { Designer } from './Designer';
import { PublishDialog } from './Dialogs';
import { sound } from './edit';
import { Preview } from './Preview';
import { ReportView } from './ReportView';
import css from './scripts.module.css';
import { TestsView } from './TestsView';
import { TextView } from './TextView';
import { useCheck, useDraft, type DraftWork, type Work } from './useDraft';
import { VersionsView } from './VersionsView';

const TABS = ['design', 'preview', 'text', 'report', 'tests', 'versions'] as const;
type Tab = (typeof TABS)[number];

function Crumb({ name }: { name: string }) {
  const { t } = useTranslation();
  return <><Anchor component={Link} href="/scripts" inherit c="dimmed">{t('scripts.title')}</Anchor><IconChevronRight size={16} style={{ margin: '0 4px', verticalAlign: 'middle' }} aria-hidden />{name}</>;
}

function SaveState({ work, version }: { work: DraftWork; version: number }) {
  const { t } = useTranslation();
  const f = useFormats();
  const { state, saved } = work;
  const none = state === 'saved' && saved.revision === 0;
  const text = none ? t('scripts.isPublished', { version }) : t(`scripts.save.${state}`, { when: f.dateTime(saved.at), by: saved.by });
  return <span role="status" data-testid="save-state" data-save={state}><StatePill state={state === 'failed' || state === 'stale' ? 'bad' : state === 'saved' ? 'good' : 'warn'}>{text}</StatePill></span>;
}

/** Somebody else saved this draft in the meantime: nothing is lost until one of both is chosen. */
function Conflict({ work }: { work: DraftWork }) {
  const { t } = useTranslation();
  const f = useFormats();
  if (work.state !== 'stale') return null;
  const choose = (mine: boolean) => void work.settle(mine).catch(toastProblem);
  return (
    <Alert color="yellow" role="alert" title={t('scripts.conflict')} p="sm" data-testid="conflict">
      {work.theirs ? t('scripts.conflictBy', { who: work.theirs.updated_by, when: f.dateTime(work.theirs.updated_at) }) : t('scripts.conflictGone')}
      <div className={css.choices}>
        <Button size="xs" variant="default" onClick={() => choose(false)} disabled={!work.theirs}>{t('scripts.takeTheirs')}</Button>
        <Button size="xs" variant="default" onClick={() => choose(true)}>{t('scripts.keepMine')}</Button>
      </div>
    </Alert>
  );
}

interface EditorProps { data: Overview; first: Work; tab: Tab; reload: () => void }

function Editor({ data, first, tab, reload }: EditorProps) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const manage = may(useUser(), 'manage');
  const work = useDraft(data.id, first, data.draft?.revision ?? 0, data.draft && { by: data.draft.updated_by, at: data.draft.updated_at });
  const using: Named[] = [...new Map(data.versions.flatMap((v) => v.campaigns ?? []).map((c) => [c.id, c])).values()];
  const { checked, failed } = useCheck(work.doc, using[0]?.id ?? '');
  const [selected, setSelected] = useState(first.doc.start);
  const [publishing, setPublishing] = useState(0);
  const [discarding, setDiscarding] = useState(false);
  const discard = useDiscard(data.id);
  const newest = data.versions[0]?.version ?? 0;
  const publish = async () => {
    if (await work.save()) setPublishing(work.stored.current.revision);
  };
  const open = async (version: number) => {
    const v = await get<ScriptVersion>(`/scripts/${data.id}/versions/${version}`);
    work.change(() => sound(v.document));
    toastOK(t('scripts.tookVersion', { version }));
    go(`/scripts/${data.id}`);
  };
  const keys = (e: React.KeyboardEvent) => {
    if (!(e.ctrlKey || e.metaKey) || !manage || tab === 'text') return;
    const key = e.key.toLowerCase();
    if (key === 'z' || key === 'y') {
      e.preventDefault();
      if (key === 'y' || e.shiftKey) work.redo();
      else work.undo();
    } else if (key === 's') {
      e.preventDefault();
      void work.save();
    }
  };
  const hasDraft = work.saved.revision > 0;
  const actions = (
    <>
      <SaveState work={work} version={newest} />
      {manage && (
        <>
          <Tooltip label={t('scripts.undo')}><ActionIcon variant="default" size="lg" disabled={!work.canUndo} aria-label={t('scripts.undo')} onClick={work.undo} data-testid="undo"><IconArrowBackUp size={17} /></ActionIcon></Tooltip>
          <Tooltip label={t('scripts.redo')}><ActionIcon variant="default" size="lg" disabled={!work.canRedo} aria-label={t('scripts.redo')} onClick={work.redo} data-testid="redo"><IconArrowForwardUp size={17} /></ActionIcon></Tooltip>
          <Button leftSection={<IconUpload size={16} />} disabled={!hasDraft && work.state === 'saved' || (checked?.problems.length ?? 0) > 0 || work.state === 'stale'} title={checked?.problems.length ? t('scripts.mendFirst') : undefined} onClick={() => void publish()} data-testid="publish">{t('scripts.publish')}</Button>
          <Menu position="bottom-end" withinPortal>
            <Menu.Target><ActionIcon variant="default" size="lg" aria-label={t('board.actions')}><IconDots size={17} /></ActionIcon></Menu.Target>
            <Menu.Dropdown><Menu.Item color="red" leftSection={<IconTrash size={15} />} disabled={!hasDraft} onClick={() => setDiscarding(true)} data-testid="discard">{t('scripts.discard')}</Menu.Item></Menu.Dropdown>
          </Menu>
        </>
      )}
    </>
  );
  return (
    <Page title={<Crumb name={work.name} />} actions={actions}>
      <div onKeyDown={keys} className={css.stack}>
        <Conflict work={work} />
        {work.state === 'failed' && <Alert color="red" p="xs" role="alert">{t('scripts.saveFailed', { why: problemText(work.error) })}</Alert>}
        <Tabs value={tab} onChange={(v) => go(v === 'design' ? `/scripts/${data.id}` : `/scripts/${data.id}/${v}`)} keepMounted={false}>
          <div className={css.tabsHead}>
            <Tabs.List>{TABS.map((x) => <Tabs.Tab key={x} value={x} data-testid={`tab-${x}`}>{t(`scripts.tab.${x}`)}</Tabs.Tab>)}</Tabs.List>
            {manage && <TextInput size="xs" w={240} aria-label={t('scripts.name')} value={work.name} maxLength={120} onChange={(e) => work.rename(e.currentTarget.value)} error={!work.name.trim()} data-testid="script-name" />}
          </div>
          <Tabs.Panel value="design"><Designer work={work} checked={checked} failed={failed} readOnly={!manage} selected={selected} onSelect={setSelected} /></Tabs.Panel>
          <Tabs.Panel value="preview"><Preview doc={work.doc} onEdit={(id) => {
            setSelected(id);
            go(`/scripts/${data.id}`);
          }} /></Tabs.Panel>
          <Tabs.Panel value="text"><TextView name={work.name} doc={work.doc} readOnly={!manage} onChange={(doc) => work.change(() => doc, 'text')} /></Tabs.Panel>
          <Tabs.Panel value="report"><ReportView data={data} /></Tabs.Panel>
          <Tabs.Panel value="tests"><TestsView data={data} manage={manage} using={using} /></Tabs.Panel>
          <Tabs.Panel value="versions"><VersionsView data={data} using={using} manage={manage} onOpen={(v) => void open(v).catch(toastProblem)} /></Tabs.Panel>
        </Tabs>
      </div>
      {publishing > 0 && <PublishDialog id={data.id} revision={publishing} using={using} onClose={() => setPublishing(0)} onDone={() => {
        setPublishing(0);
        reload();
      }} />}
      <Confirm opened={discarding} danger title={t('scripts.discardAsk')} hint={t(newest ? 'scripts.discardHint' : 'scripts.discardLast')} action={t('scripts.discard')} busy={discard.isPending} onClose={() => setDiscarding(false)}
        onConfirm={() => discard.mutate(undefined, {
          onError: toastProblem,
          onSuccess: () => {
            setDiscarding(false);
            if (newest) reload();
            else go('/scripts');
          },
        })} />
    </Page>
  );
}

/** One script: its draft, or its newest version as the start of one. */
function Loaded({ data, tab, reload }: { data: Overview; tab: Tab; reload: () => void }) {
  const newest = data.versions[0]?.version;
  const version = useScript(data.draft || !newest ? undefined : data.id, newest);
  const { t } = useTranslation();
  const [first] = useState<Work | null>(() => data.draft && { name: data.draft.name, doc: sound(data.draft.body) });
  const start = first ?? (version.data ? { name: data.name, doc: sound(version.data.document) } : null);
  if (start) return <Editor data={data} first={start} tab={tab} reload={reload} />;
  if (version.isError) return <Failed error={version.error} retry={() => void version.refetch()} />;
  return <Page title={<Crumb name={data.name} />}><Panel>{newest ? <RowsSkeleton /> : <Failed error={new Error(t('state.title'))} />}</Panel></Page>;
}

export default function ScriptPage({ id, tab }: { id: string; tab: string }) {
  const script = useOverview(id);
  const client = useQueryClient();
  const [turn, setTurn] = useState(0);
  const shown: Tab = TABS.find((x) => x === tab) ?? 'design';
  const reload = () => void client.resetQueries({ queryKey: ['script-overview', id] }).then(() => setTurn((n) => n + 1));
  if (script.data) return <Loaded key={turn} data={script.data} tab={shown} reload={reload} />;
  return <Page title={<Crumb name="…" />}><Panel>{script.isError ? <Failed error={script.error} retry={() => void script.refetch()} /> : <RowsSkeleton />}</Panel></Page>;
}
