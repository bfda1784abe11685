import { Button, Select, Switch } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { localText } from '../agent/names';
import { addSub, deleteSub, freeID, moved, patch, type Sub } from './edit';
import { Line, RowTools, Texts, useEditing, useFault } from './fields';
import { OptionRows } from './OptionRows';
import css from './scripts.module.css';

function SubRow({ index }: { index: number }) {
  const { t } = useTranslation();
  const { doc, change } = useEditing();
  const subs = doc.subs!;
  const s = subs[index]!;
  const path = `subs[${index}]`;
  const own = useFault(path, true);
  const startError = useFault(`${path}.start`);
  const set = (c: Partial<Sub>, key = '') => change((d) => ({ ...d, subs: d.subs!.map((x, i) => (i === index ? { ...patch(x, c), id: x.id, title: c.title ?? x.title ?? {}, start: c.start ?? x.start } : x)) }), key);
  return (
    <div className={css.wayRow} data-path={path} tabIndex={-1} role="group" aria-label={localText(s.title) || s.id}>
      <div className={css.rowHead}><code>{s.id}</code><RowTools name={s.id} first={index === 0} last={index === subs.length - 1} onMove={(by) => change((d) => ({ ...d, subs: moved(d.subs!, index, by) }))} onRemove={() => change((d) => deleteSub(d, s.id))} /></div>
      {own && <div role="alert" className={css.fault}>{own}</div>}
      <Texts path={`${path}.title`} label={t('lists.name')} value={s.title} onChange={(title, key) => set({ title: title ?? {} }, key)} />
      <div className={css.two}>
        <Select size="xs" label={t('scripts.firstPage')} allowDeselect={false} value={s.start} error={startError} data-path={`${path}.start`}
          data={[...new Set([...doc.steps.filter((p) => p.sub === s.id).map((p) => p.id), s.start])].filter(Boolean)} onChange={(start) => start && set({ start })} />
        <Switch size="xs" mt={26} label={t('scripts.isObjection')} checked={!!s.objection} onChange={(e) => set({ objection: e.currentTarget.checked })} />
      </div>
    </div>
  );
}

/** What pages share: objections and sub-scripts, sets of options, computed values. */
export function PartsForm() {
  const { t } = useTranslation();
  const { doc, change, select } = useEditing();
  const add = (objection: boolean) => {
    const made = addSub(doc, objection);
    change(() => made.doc);
    select(made.id);
  };
  return (
    <div className={css.form} data-testid="parts-form">
      <section className={css.section}>
        <h2>{t('scripts.subs')}</h2>
        <p className={css.soft}>{t('scripts.subsHint')}</p>
        {(doc.subs ?? []).map((s, i) => <SubRow key={s.id} index={i} />)}
        <span>
          <Button size="compact-xs" variant="subtle" leftSection={<IconPlus size={13} />} onClick={() => add(true)} data-testid="add-objection">{t('scripts.addObjection')}</Button>
          <Button size="compact-xs" variant="subtle" leftSection={<IconPlus size={13} />} onClick={() => add(false)}>{t('scripts.addSub')}</Button>
        </span>
      </section>
      <section className={css.section}>
        <h2>{t('scripts.values')}</h2>
        <p className={css.soft}>{t('scripts.valuesHint')}</p>
        {(doc.values ?? []).map((v, i) => {
          const set = (c: Partial<typeof v>, key: string) => change((d) => ({ ...d, values: d.values!.map((x, k) => (k === i ? { ...x, ...c } : x)) }), key);
          return (
            <div key={i} className={css.valueRow}>
              <Line bare path={`values[${i}].id`} label={t('scripts.valueID')} mono w={130} value={v.id} onChange={(id) => set({ id }, `values${i}.id`)} />
              <Line bare path={`values[${i}].is`} label={t('scripts.formula')} mono placeholder="years(answers.born, time.callee.date)" value={v.is} onChange={(is) => set({ is }, `values${i}.is`)} />
              <RowTools name={v.id} first={i === 0} last={i === doc.values!.length - 1} onMove={(by) => change((d) => ({ ...d, values: moved(d.values!, i, by) }))} onRemove={() => change((d) => patch(d, { values: d.values!.filter((_, k) => k !== i) }))} />
            </div>
          );
        })}
        <Button size="compact-xs" variant="subtle" leftSection={<IconPlus size={13} />} onClick={() => change((d) => ({ ...d, values: [...(d.values ?? []), { id: freeID((d.values ?? []).map((v) => v.id), 'value1'), is: '' }] }))}>{t('scripts.addValue')}</Button>
      </section>
      <section className={css.section}>
        <h2>{t('scripts.sets')}</h2>
        <p className={css.soft}>{t('scripts.setsHint')}</p>
        {(doc.sets ?? []).map((s, i) => (
          <div key={i} className={css.wayRow}>
            <div className={css.rowHead}>
              <Line bare path={`sets[${i}].id`} label={t('scripts.setID')} mono value={s.id} onChange={(id) => change((d) => ({ ...d, sets: d.sets!.map((x, k) => (k === i ? { ...x, id } : x)), steps: d.steps.map((p) => (p.questions?.some((q) => q.set === s.id) ? { ...p, questions: p.questions.map((q) => (q.set === s.id ? { ...q, set: id } : q)) } : p)) }), `sets${i}.id`)} />
              <RowTools name={s.id} first={i === 0} last={i === doc.sets!.length - 1} onMove={(by) => change((d) => ({ ...d, sets: moved(d.sets!, i, by) }))} onRemove={() => change((d) => patch(d, { sets: d.sets!.filter((_, k) => k !== i) }))} />
            </div>
            <OptionRows path={`sets[${i}].options`} label={t('scripts.options')} add={t('scripts.addOption')} alone options={s.options} onChange={(options, key) => change((d) => ({ ...d, sets: d.sets!.map((x, k) => (k === i ? { ...x, options } : x)) }), key)} />
          </div>
        ))}
        <Button size="compact-xs" variant="subtle" leftSection={<IconPlus size={13} />} onClick={() => change((d) => ({ ...d, sets: [...(d.sets ?? []), { id: freeID((d.sets ?? []).map((s) => s.id), 'yesno'), options: [{ value: 'yes', label: { en: 'Yes', 'zh-CN': '是' } }, { value: 'no', label: { en: 'No', 'zh-CN': '否' } }] }] }))}>{t('scripts.addSet')}</Button>
      </section>
      <Line path="zone" label={t('scripts.zone')} placeholder="Asia/Shanghai" value={doc.zone ?? ''} onChange={(zone) => change((d) => patch(d, { zone }), 'zone')} />
    </div>
  );
}
