import { Alert, Button, FileButton, Table, TextInput } from '@mantine/core';
import { IconFileUpload, IconPlus, IconRoute, IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { clock } from '../../lib/clock';
import { useFormats } from '../../lib/format';
import { may, useUser } from '../../lib/session';
import { toastProblem, toastText } from '../../ui/toast';
import { Empty, Load, Page, Panel, Scroll, StatePill } from '../../ui/ui';
import { localText } from '../agent/names';
import { FormDialog } from '../lists/parts';
import { checkDoc, useCreateDraft, useLibrary, type Fault, type LibraryItem } from './api';
import { emptyDoc } from './edit';
import css from './scripts.module.css';

const BIGGEST = 512 * 1024;

function Row({ script }: { script: LibraryItem }) {
  const { t } = useTranslation();
  const f = useFormats();
  const { draft } = script;
  return (
    <Table.Tr data-testid="script-row">
      <Table.Td><div className="truncate" title={script.name}><Link href={`/scripts/${script.id}`}>{script.name}</Link></div></Table.Td>
      <Table.Td className="num">{script.version ? <>{t('scripts.versionN', { n: script.version })} <span className={css.soft}>{script.published_at && f.relative(script.published_at, clock.now())}</span></> : <span className={css.soft}>{t('scripts.neverPublished')}</span>}</Table.Td>
      <Table.Td>{draft && <><StatePill state="warn">{t('scripts.draft')}</StatePill> <span className={css.soft}>{t('scripts.draftBy', { who: draft.updated_by, when: f.relative(draft.updated_at, clock.now()) })}</span></>}</Table.Td>
      <Table.Td><div className="truncate">{(script.campaigns ?? []).map((c) => t('scripts.campaignVersion', { name: c.name, n: c.version })).join(' · ')}</div></Table.Td>
    </Table.Tr>
  );
}

/** A script from a file: JSON of any form, or the readable text form. */
async function read(file: File) {
  const text = await file.text();
  const json = /^\s*[{[]/.test(text);
  return checkDoc(json ? { body: JSON.parse(text) as unknown } : { text });
}

function NewScript({ file, onClose }: { file: File | null; onClose: () => void }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const [name, setName] = useState(file ? file.name.replace(/\.[^.]+$/, '') : '');
  const [faults, setFaults] = useState<Fault[]>([]);
  const [busy, setBusy] = useState(false);
  const create = useCreateDraft();
  const submit = async () => {
    setBusy(true);
    setFaults([]);
    try {
      let body: unknown = emptyDoc({ en: 'Opening', 'zh-CN': '开场' }, { en: 'Hello {{contact.name}}, my name is {{agent.name}}.', 'zh-CN': '您好，{{contact.name}}，我是{{agent.name}}。' });
      if (file) {
        const c = await read(file);
        if (!c.document) return setFaults(c.problems);
        body = c.document;
      }
      const made = await create.mutateAsync({ name: name.trim(), body });
      go(`/scripts/${made.script_id}`);
    } catch (e) {
      if (e instanceof SyntaxError) setFaults([{ path: '', code: 'json', reason: e.message, text: '' }]);
      else toastProblem(e);
    } finally {
      setBusy(false);
    }
  };
  return (
    <FormDialog title={file ? t('scripts.fromFile') : t('scripts.create')} hint={file ? file.name : undefined} action={t('act.create')} busy={busy} disabled={!name.trim()} testid="new-script" onClose={onClose} onSubmit={() => void submit()}>
      <TextInput label={t('scripts.name')} maxLength={120} value={name} onChange={(e) => setName(e.currentTarget.value)} data-autofocus data-testid="new-script-name" />
      {faults.length > 0 && (
        <Alert color="red" p="xs" role="alert" title={t('scripts.notReadable')}>
          <ul className={css.refused}>{faults.slice(0, 10).map((f, i) => <li key={i}>{f.line ? t('scripts.line', { n: f.line }) : f.path} {localText(f.text) || f.reason}</li>)}</ul>
        </Alert>
      )}
    </FormDialog>
  );
}

export default function ScriptsPage() {
  const { t } = useTranslation();
  const manage = may(useUser(), 'manage');
  const library = useLibrary();
  const [q, setQ] = useState('');
  const [making, setMaking] = useState<{ file: File | null } | null>(null);
  const needle = useDeferredValue(q.trim().toLowerCase());
  const pick = (file: File | null) => {
    if (!file) return;
    if (file.size > BIGGEST) toastText(t('scripts.fileTooBig'));
    else setMaking({ file });
  };
  const create = manage && (
    <>
      <FileButton accept=".json,.txt,application/json,text/plain" onChange={pick} inputProps={{ 'aria-label': t('scripts.fromFile') }}>
        {(props) => <Button variant="default" leftSection={<IconFileUpload size={16} />} {...props}>{t('scripts.fromFile')}</Button>}
      </FileButton>
      <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking({ file: null })} data-testid="create-script">{t('scripts.create')}</Button>
    </>
  );
  return (
    <Page title={t('scripts.title')} actions={create}>
      <Panel aside={<TextInput size="xs" w={220} placeholder={t('scripts.find')} aria-label={t('scripts.find')} value={q} onChange={(e) => setQ(e.currentTarget.value)} leftSection={<IconSearch size={14} />} />}>
        <Load query={library} empty={(s) => s.length === 0} whenEmpty={<Empty icon={<IconRoute size={36} stroke={1.4} />} title={t('scripts.none')} hint={t('scripts.noneHint')} />}>
          {(all) => {
            const rows = all.filter((s) => s.name.toLowerCase().includes(needle));
            if (rows.length === 0) return <Empty title={t('scripts.noMatch')} />;
            return (
              <Scroll>
                <Table className={css.table}>
                  <Table.Thead><Table.Tr><Table.Th w="28%">{t('scripts.name')}</Table.Th><Table.Th w="20%">{t('scripts.newest')}</Table.Th><Table.Th w="26%">{t('scripts.draft')}</Table.Th><Table.Th>{t('campaigns.title')}</Table.Th></Table.Tr></Table.Thead>
                  <Table.Tbody>{rows.map((s) => <Row key={s.id} script={s} />)}</Table.Tbody>
                </Table>
              </Scroll>
            );
          }}
        </Load>
      </Panel>
      {making && <NewScript file={making.file} onClose={() => setMaking(null)} />}
    </Page>
  );
}
