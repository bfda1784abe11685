import { ActionIcon, Button, Select } from '@mantine/core';
import { IconArrowRight, IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ScriptDoc } from '../../api/desk';
import { localText } from '../agent/names';
import { changePage, moved, patch, type Branch } from './edit';
import { Line, RowTools, useEditing, useFault } from './fields';
import css from './scripts.module.css';

const nameOf = (id: string, title: string) => (title && title !== id ? `${title} (${id})` : id);

/** Where a way may lead: pages of the same sub-script, the end, back. */
function useTargets(doc: ScriptDoc, sub: string | undefined, present: string) {
  const { t } = useTranslation();
  const pages = doc.steps.filter((s) => (s.sub ?? '') === (sub ?? '')).map((s) => ({ value: s.id, label: nameOf(s.id, localText(s.title)) }));
  const out = [...(sub ? [{ value: 'return', label: t('scripts.toReturn') }] : []), { value: 'end', label: t('scripts.toEnd') }];
  const known = [...new Map([...pages, ...out].map((o) => [o.value, o])).values()];
  return known.some((o) => o.value === present) || !present ? known : [...known, { value: present, label: present }];
}

function WayRow({ page, index }: { page: number; index: number }) {
  const { t } = useTranslation();
  const { doc, change, select } = useEditing();
  const step = doc.steps[page]!;
  const ways = step.next!;
  const way = ways[index]!;
  const path = `steps[${page}].next[${index}]`;
  const targets = useTargets(doc, step.sub, way.to);
  const own = useFault(path, true);
  const subs = (doc.subs ?? []).filter((s) => !s.objection).map((s) => ({ value: s.id, label: nameOf(s.id, localText(s.title)) }));
  const put = (next: Branch[], key = '') => change((d) => changePage(d, page, { next }), key);
  const set = (c: Partial<Branch>, key = '') => put(ways.map((w, i) => (i === index ? { ...patch(w, c), to: c.to ?? w.to } : w)), key);
  const name = t('scripts.wayNamed', { n: index + 1 });
  const last = index === ways.length - 1;
  return (
    <div className={css.wayRow} data-path={path} tabIndex={-1} role="group" aria-label={name} data-testid="way">
      {own && <div role="alert" className={css.fault}>{own}</div>}
      <div className={css.wayLine}>
        <Line bare path={`${path}.when`} label={`${name}: ${t('scripts.condition')}`} mono placeholder={last ? t('scripts.otherwise') : "answer == 'yes'"} value={way.when ?? ''} onChange={(when) => set({ when }, `${path}.when`)} testid="way-when" />
        <IconArrowRight size={14} aria-hidden />
        <Select size="xs" searchable allowDeselect={false} aria-label={`${name}: ${t('scripts.target')}`} data={targets} value={way.to || null} error={useFault(`${path}.to`)} data-path={`${path}.to`} data-testid="way-to" onChange={(to) => to && set({ to })} />
        <ActionIcon variant="subtle" size="sm" aria-label={`${name}: ${t('scripts.goThere')}`} disabled={way.to === 'end' || way.to === 'return'} onClick={() => select(way.to)}><IconArrowRight size={14} /></ActionIcon>
        <RowTools name={name} first={index === 0} last={last} onMove={(by) => put(moved(ways, index, by))} onRemove={() => put(ways.filter((_, i) => i !== index))} />
      </div>
      {(subs.length > 0 || way.call || way.suggest || way.to === 'end') && (
        <div className={css.wayMore}>
          {(subs.length > 0 || way.call) && <Select size="xs" clearable label={t('scripts.through')} placeholder={t('ui.none')} data={subs} value={way.call ?? null} error={useFault(`${path}.call`)} data-path={`${path}.call`} onChange={(v) => set({ call: v ?? undefined })} />}
          <Line path={`${path}.suggest`} label={t('scripts.suggest')} mono value={way.suggest ?? ''} onChange={(suggest) => set({ suggest }, `${path}.suggest`)} />
        </div>
      )}
    </div>
  );
}

/** The ways on from a page, tried in their order. */
export function WaysForm({ page }: { page: number }) {
  const { t } = useTranslation();
  const { doc, change } = useEditing();
  const step = doc.steps[page]!;
  const ways = step.next ?? [];
  const own = useFault(`steps[${page}].next`, true);
  const add = () => change((d) => {
    const way: Branch = { to: step.sub ? 'return' : 'end' };
    // The last way has no condition: a new one goes before it.
    const at = ways.length && !ways.at(-1)!.when ? ways.length - 1 : ways.length;
    const next = [...ways];
    next.splice(at, 0, at < ways.length ? { when: 'answer == ""', ...way } : way);
    return changePage(d, page, { next });
  });
  return (
    <section className={css.section} data-path={`steps[${page}].next`} tabIndex={-1}>
      <h2>{t('scripts.ways')}</h2>
      <p className={css.soft}>{ways.length ? t('scripts.waysHint') : t(step.sub ? 'scripts.returnsHere' : 'scripts.endsHere')}</p>
      {own && <div role="alert" className={css.fault}>{own}</div>}
      {ways.map((_, i) => <WayRow key={i} page={page} index={i} />)}
      <Button size="compact-xs" variant="subtle" leftSection={<IconPlus size={13} />} onClick={add} data-testid="add-way">{t('scripts.addWay')}</Button>
    </section>
  );
}
