import { Alert, Button, SegmentedControl, Select } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconPlus } from '@tabler/icons-react';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { problemText } from '../../i18n/problem';
import { localText } from '../agent/names';
import type { Checked, Fault } from './api';
import { addPage, deletePage, duplicatePage, patch } from './edit';
import { around, pageIndex } from './faults';
import { EditingContext, type Editing } from './fields';
import { Graph } from './Graph';
import { PageForm } from './PageForm';
import { PartsForm } from './PartsForm';
import css from './scripts.module.css';
import type { DraftWork } from './useDraft';

interface Props {
  work: DraftWork;
  checked: Checked | null;
  failed: unknown;
  readOnly: boolean;
  selected: string;
  onSelect: (id: string) => void;
}

/** Puts the keyboard on the field that a path names, or on the nearest around it, once the form shows it. */
function focusPath(path: string): void {
  setTimeout(() => {
    for (const p of around(path)) {
      const el = document.querySelector<HTMLElement>(`[data-path="${CSS.escape(p)}"]`);
      if (!el) continue;
      for (let d = el.closest('details'); d; d = d.parentElement?.closest('details') ?? null) d.open = true;
      const field = el.matches('input, textarea') ? el : (el.querySelector<HTMLElement>('input, textarea') ?? el);
      field.focus();
      field.scrollIntoView({ block: 'center' });
      return;
    }
  }, 60);
}

function Problems({ checked, failed, name, jump }: { checked: Checked | null; failed: unknown; name: (f: Fault) => string; jump: (f: Fault) => void }) {
  const { t } = useTranslation();
  if (failed) return <div className={css.problems} role="status">{t('scripts.notChecked', { why: problemText(failed) })}</div>;
  if (!checked) return <div className={css.problems} role="status">{t('scripts.checking')}</div>;
  if (checked.problems.length === 0) {
    return <div className={css.problems} role="status" data-testid="sound"><IconCircleCheck size={16} aria-hidden className={css.good} />{t('scripts.sound', { pages: checked.pages, questions: checked.questions })}</div>;
  }
  return (
    <section className={css.problems} aria-label={t('scripts.problems')} data-testid="problems">
      <div role="status" className={css.problemsHead}><IconAlertTriangle size={16} aria-hidden className={css.bad} />{t('scripts.faultsFound', { count: checked.problems.length })}</div>
      <ul>
        {checked.problems.slice(0, 100).map((f, i) => (
          <li key={i}><button type="button" onClick={() => jump(f)} data-testid="problem"><b>{name(f)}</b> {localText(f.text) || f.reason}</button></li>
        ))}
      </ul>
    </section>
  );
}

/** The graph with the chosen page beside it. */
export function Designer({ work, checked, failed, readOnly, selected, onSelect }: Props) {
  const { t } = useTranslation();
  const [side, setSide] = useState<'page' | 'parts'>('page');
  const { doc, change } = work;
  const found = doc.steps.findIndex((s) => s.id === selected);
  const index = found >= 0 ? found : Math.max(0, doc.steps.findIndex((s) => s.id === doc.start));
  const page = doc.steps[index];
  const faults = useMemo(() => checked?.problems ?? [], [checked]);
  const select = useCallback((id: string) => {
    onSelect(id);
    setSide('page');
  }, [onSelect]);
  const editing = useMemo<Editing>(() => ({ doc, faults, change, select }), [doc, faults, change, select]);
  const add = (link: boolean) => {
    const made = addPage(doc, page ? index : -1, link);
    change(() => made.doc);
    select(made.id);
    setTimeout(() => document.getElementById('page-title')?.focus(), 60);
  };
  const duplicate = () => {
    const made = duplicatePage(doc, index);
    change(() => made.doc);
    select(made.id);
  };
  const remove = () => {
    if (doc.steps.length < 2) return;
    const next = deletePage(doc, index);
    change(() => next);
    onSelect(doc.steps[index]!.next?.find((w) => next.steps.some((s) => s.id === w.to))?.to ?? next.steps[Math.max(0, index - 1)]!.id);
  };
  const jump = (f: Fault) => {
    const at = pageIndex(f.path);
    if (at >= 0 && doc.steps[at]) select(doc.steps[at].id);
    else setSide('parts');
    focusPath(f.path);
  };
  const faultName = (f: Fault) => {
    const p = doc.steps[pageIndex(f.path)];
    return p ? localText(p.title) || p.id : f.path;
  };
  return (
    <EditingContext value={editing}>
      <div className={css.designer}>
        <div className={css.left}>
          <Graph doc={doc} faults={faults} selected={page?.id ?? ''} onSelect={select} onDelete={readOnly ? undefined : remove}
            onPlace={readOnly ? undefined : (i, place) => change((d) => ({ ...d, steps: d.steps.map((s, k) => (k === i ? { ...s, place } : s)) }))}
            onArrange={readOnly ? undefined : () => change((d) => ({ ...d, steps: d.steps.map((s) => patch(s, { place: undefined })) }))} />
          <Problems checked={checked} failed={failed} name={faultName} jump={jump} />
        </div>
        <div className={css.side}>
          <div className={css.sideHead}>
            <SegmentedControl size="xs" value={side} onChange={(v) => setSide(v as 'page' | 'parts')} data={[{ value: 'page', label: t('scripts.page') }, { value: 'parts', label: t('scripts.parts') }]} aria-label={t('scripts.editWhat')} data-testid="side" />
            <Select size="xs" searchable aria-label={t('scripts.choosePage')} value={page?.id ?? null} onChange={(v) => v && select(v)} style={{ flex: 1, minWidth: 0 }} data-testid="choose-page"
              data={[...new Map(doc.steps.map((s) => [s.id, { value: s.id, label: localText(s.title) || s.id }])).values()]} />
          </div>
          <fieldset disabled={readOnly} className={css.plain}>
            {side === 'parts' && <PartsForm />}
            {side === 'page' && page && <PageForm key={index} page={index} onAdd={add} onDuplicate={duplicate} onDelete={remove} />}
            {side === 'page' && !page && <Alert m="md" color="yellow"><Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => add(false)}>{t('scripts.addPage')}</Button></Alert>}
          </fieldset>
        </div>
      </div>
    </EditingContext>
  );
}
