import { ActionIcon, Button, Group, Select, Switch, TagsInput, Tooltip } from '@mantine/core';
import { IconCopy, IconFlag, IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ScriptPage } from '../../api/desk';
import { localText } from '../agent/names';
import { addQuestion, changePage, renamePage } from './edit';
import { Line, Texts, useEditing, useFault } from './fields';
import { QuestionForm } from './QuestionForm';
import css from './scripts.module.css';
import { WaysForm } from './WaysForm';

interface Props {
  page: number;
  onAdd: (link: boolean) => void;
  onDuplicate: () => void;
  onDelete: () => void;
}

function Disclosure({ page }: { page: number }) {
  const { t } = useTranslation();
  const { doc, change } = useEditing();
  const d = doc.steps[page]!.disclosure;
  const path = `steps[${page}].disclosure`;
  const own = useFault(path, true);
  const set = (disclosure: ScriptPage['disclosure'], key = '') => change((x) => changePage(x, page, { disclosure }), key);
  return (
    <section className={css.section} data-path={path} tabIndex={-1}>
      <Switch size="xs" label={t('scripts.disclosure')} description={t('scripts.disclosureHint')} checked={!!d} onChange={(e) => set(e.currentTarget.checked ? { text: {} } : undefined)} data-testid="disclosure-on" />
      {own && <div role="alert" className={css.fault}>{own}</div>}
      {d && (
        <>
          <Texts long path={`${path}.text`} label={t('scripts.disclosureText')} value={d.text} onChange={(text, key) => set({ ...d, text: text ?? {} }, key)} />
          <Line path={`${path}.when`} label={t('scripts.disclosureWhen')} mono value={d.when ?? ''} onChange={(when) => set({ text: d.text, ...(when && { when }) }, `${path}.when`)} />
        </>
      )}
    </section>
  );
}

function More({ page }: { page: number }) {
  const { t } = useTranslation();
  const { doc, change } = useEditing();
  const p = doc.steps[page]!;
  const path = `steps[${page}]`;
  const set = (c: Partial<ScriptPage>, key = '') => change((d) => changePage(d, page, c), key);
  const MAIN = ' ';
  const subs = [{ value: MAIN, label: t('scripts.mainPart') }, ...(doc.subs ?? []).map((s) => ({ value: s.id, label: localText(s.title) || s.id }))];
  const subError = useFault(`${path}.sub`);
  const topicsError = useFault(`${path}.topics`);
  return (
    <section className={css.section}>
      <h2>{t('scripts.more')}</h2>
      <div className={css.two}>
        <Line path={`${path}.suggest`} label={t('scripts.suggest')} description={t('scripts.suggestHint')} mono value={p.suggest ?? ''} onChange={(suggest) => set({ suggest }, `${path}.suggest`)} testid="page-suggest" />
        <Select size="xs" label={t('scripts.part')} description={t('scripts.partHint')} allowDeselect={false} value={p.sub ?? MAIN} data={subs} error={subError} data-path={`${path}.sub`} onChange={(v) => set({ sub: v === MAIN ? undefined : (v ?? undefined) })} />
      </div>
      <TagsInput size="xs" label={t('scripts.topics')} description={t('scripts.topicsHint')} value={p.topics ?? []} error={topicsError} data-path={`${path}.topics`} onChange={(topics) => set({ topics })} />
      <Switch size="xs" label={t('scripts.menu')} checked={!!p.menu} onChange={(e) => set({ menu: e.currentTarget.checked })} />
    </section>
  );
}

/** Everything of the chosen page. */
export function PageForm({ page, onAdd, onDuplicate, onDelete }: Props) {
  const { t } = useTranslation();
  const { doc, change, select } = useEditing();
  const p = doc.steps[page]!;
  const path = `steps[${page}]`;
  const own = useFault(path, true);
  const questions = useFault(`${path}.questions`, true);
  const set = (c: Partial<ScriptPage>, key = '') => change((d) => changePage(d, page, c), key);
  const start = p.sub ? doc.subs?.find((s) => s.id === p.sub)?.start : doc.start;
  const begin = () => change((d) => (p.sub ? { ...d, subs: d.subs?.map((s) => (s.id === p.sub ? { ...s, start: p.id } : s)) } : { ...d, start: p.id }));
  const rename = (id: string) => {
    change((d) => renamePage(d, page, id), `${path}.id`);
    select(id);
  };
  return (
    <div className={css.form} data-testid="page-form" data-path={path} tabIndex={-1}>
      {own && <div role="alert" className={css.fault}>{own}</div>}
      <Group gap={6} align="end" wrap="nowrap">
        <Line path={`${path}.id`} label={t('scripts.pageID')} mono value={p.id} onChange={rename} w={170} />
        <span style={{ flex: 1 }} />
        <Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} />} onClick={() => onAdd(true)} data-testid="add-next">{t('scripts.addNext')}</Button>
        <Tooltip label={t('scripts.makeStart')}><ActionIcon variant="default" aria-label={t('scripts.makeStart')} disabled={start === p.id} onClick={begin}><IconFlag size={15} /></ActionIcon></Tooltip>
        <Tooltip label={t('scripts.duplicate')}><ActionIcon variant="default" aria-label={t('scripts.duplicate')} onClick={onDuplicate} data-testid="duplicate-page"><IconCopy size={15} /></ActionIcon></Tooltip>
        <Tooltip label={t('scripts.deletePage')}><ActionIcon variant="default" aria-label={t('scripts.deletePage')} disabled={doc.steps.length < 2} onClick={onDelete} data-testid="delete-page"><IconTrash size={15} /></ActionIcon></Tooltip>
      </Group>
      <Texts id="page-title" path={`${path}.title`} label={t('scripts.pageTitle')} value={p.title} onChange={(title, key) => set({ title: title ?? {} }, key)} testid="page-title" />
      <Texts long path={`${path}.text`} label={t('scripts.say')} value={p.text} onChange={(text, key) => set({ text: text ?? {} }, key)} testid="page-text" />
      <Texts path={`${path}.hint`} label={t('scripts.hintAgent')} value={p.hint} onChange={(hint, key) => set({ hint }, key)} />
      <Disclosure page={page} />
      <section className={css.section} data-path={`${path}.questions`} tabIndex={-1}>
        <h2>{t('scripts.questions')}</h2>
        {questions && <div role="alert" className={css.fault}>{questions}</div>}
        {(p.questions ?? []).map((_, i) => <QuestionForm key={i} page={page} index={i} />)}
        <Button size="compact-xs" variant="subtle" leftSection={<IconPlus size={13} />} onClick={() => change((d) => addQuestion(d, page))} data-testid="add-question">{t('scripts.addQuestion')}</Button>
      </section>
      <WaysForm page={page} />
      <More page={page} />
    </div>
  );
}
