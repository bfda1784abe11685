import { ActionIcon, Alert, Anchor, Button, Checkbox, MultiSelect, Select, Table, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconChevronRight, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { ApiError } from '../../api/http';
import { useLists } from '../../api/queries';
import { fieldText } from '../../i18n/problem';
import { useFormats } from '../../lib/format';
import { may, useUser } from '../../lib/session';
import { Confirm } from '../../ui/confirm';
import { toastOK, toastProblem } from '../../ui/toast';
import { Failed, Page, Panel, RowsSkeleton, Scroll, StatePill } from '../../ui/ui';
import { ChangeProblem } from '../lists/parts';
import { useCheckSet, useDeleteSet, useSaveSet, useSegmentation, useSegments, type Overlap, type Segmentation, type SetCheck } from './api';
import css from './segments.module.css';

function Examples({ of }: { of: Overlap }) {
  const { t } = useTranslation();
  return <>{of.examples.map((id, i) => <span key={id}>{i > 0 && ' · '}<Link href={`/contacts/${id}`}>{t('segments.example1', { n: i + 1 })}</Link></span>)}</>;
}

function Checked({ check, ordered, names }: { check: SetCheck; ordered: boolean; names: Map<string, string> }) {
  const { t } = useTranslation();
  const f = useFormats();
  const name = (id: string) => names.get(id) ?? '…';
  return (
    <Panel title={t('segments.check')} aside={<StatePill state={check.sound ? 'good' : 'bad'} testid="set-sound">{t(check.sound ? 'segments.sound' : 'segments.overlapping')}</StatePill>} testid="set-check">
      <Scroll>
        <Table className={css.checkTable}>
          <Table.Thead>
            <Table.Tr><Table.Th>{t('segments.segment')}</Table.Th><Table.Th ta="right">{t('segments.has')}</Table.Th><Table.Th w="25%"><span className={css.hidden}>{t('lists.share')}</span></Table.Th><Table.Th ta="right">{t('segments.fits')}</Table.Th></Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {check.parts.map((p) => (
              <Table.Tr key={p.segment_id} data-testid="set-part">
                <Table.Td maw={300}><div className="truncate" title={name(p.segment_id)}><Link href={`/segments/${p.segment_id}`}>{name(p.segment_id)}</Link></div></Table.Td>
                <Table.Td ta="right" className="num">{f.number(p.contacts)}</Table.Td>
                <Table.Td><div className={css.partBar} aria-hidden><span style={{ width: `${check.of ? (p.contacts / check.of) * 100 : 0}%` }} /></div></Table.Td>
                <Table.Td ta="right" className="num">{f.number(p.fits)}</Table.Td>
              </Table.Tr>
            ))}
            <Table.Tr data-testid="set-rest">
              <Table.Td><i>{t('segments.rest')}</i> <Examples of={check.rest} /></Table.Td>
              <Table.Td ta="right" className="num">{f.number(check.rest.contacts)}</Table.Td>
              <Table.Td><div className={css.partBar} aria-hidden><span style={{ width: `${check.of ? (check.rest.contacts / check.of) * 100 : 0}%`, opacity: 0.4 }} /></div></Table.Td>
              <Table.Td />
            </Table.Tr>
          </Table.Tbody>
          <Table.Tfoot><Table.Tr><Table.Th>{t('segments.sum')}</Table.Th><Table.Th ta="right" className="num">{f.number(check.of)}</Table.Th><Table.Td /><Table.Td /></Table.Tr></Table.Tfoot>
        </Table>
      </Scroll>
      <div className={css.body}>
        <div className={css.soft}>{t('segments.checkedLong', { time: f.dateTime(check.at) })} {t(ordered ? 'segments.orderedHint' : 'segments.disjointHint')}</div>
        {check.overlaps.length > 0 && (
          <div>
            <b>{t('segments.overlaps')}</b>
            <ul className={css.help} data-testid="set-overlaps">
              {check.overlaps.map((o) => (
                <li key={o.segment_ids.join()}>{o.segment_ids.map(name).join(' + ')}: <b className="num">{f.number(o.contacts)}</b> <Examples of={o} /></li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </Panel>
  );
}

function Editor({ id, set }: { id: string; set: Segmentation | null }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const manage = may(useUser(), 'manage');
  const lists = useLists().data ?? [];
  const segments = useSegments().data ?? [];
  const names = new Map(segments.map((s) => [s.id, s.name]));
  const [name, setName] = useState(set?.name ?? '');
  const [parts, setParts] = useState(set?.segment_ids ?? []);
  const [listIDs, setListIDs] = useState(set?.list_ids ?? []);
  const [ordered, setOrdered] = useState(set?.ordered ?? false);
  const [asked, setAsked] = useState(false);
  const save = useSaveSet(id);
  const remove = useDeleteSet();
  const check = useCheckSet(id);
  const nameProblem = save.error instanceof ApiError ? save.error.fields.find((x) => x.path === 'name')?.message : undefined;
  const move = (i: number, by: number) => setParts((all) => {
    const out = [...all];
    [out[i], out[i + by]] = [out[i + by]!, out[i]!];
    return out;
  });
  const submit = () => save.mutate({ name: name.trim(), segment_ids: parts, list_ids: listIDs, ordered, revision: set?.revision }, {
    onSuccess: (made) => {
      toastOK(t('segments.saved'));
      if (id === 'new') go(`/segments/sets/${made.id}`, { replace: true });
    },
  });
  const changed = !!set && (set.ordered !== ordered || set.segment_ids.join() !== parts.join() || set.list_ids.join() !== listIDs.join());
  return (
    <div className={css.stack}>
      <form noValidate onSubmit={(e) => {
        e.preventDefault();
        submit();
      }}>
        <Panel>
          <div className={css.body}>
            <div className={css.two}>
              <TextInput label={t('lists.name')} maxLength={120} value={name} onChange={(e) => setName(e.currentTarget.value)} data-testid="set-name" error={nameProblem && fieldText(nameProblem)} />
              <MultiSelect label={t('segments.lists')} placeholder={listIDs.length === 0 ? t('segments.allLists') : ''} searchable clearable value={listIDs} onChange={setListIDs} data-testid="set-lists"
                data={lists.filter((l) => !l.archived_at || listIDs.includes(l.id)).map((l) => ({ value: l.id, label: l.name }))} />
              <Select label={t('segments.addSegment')} searchable value={null} data-testid="set-add" disabled={parts.length >= 20} onChange={(v) => v && setParts((all) => [...all, v])}
                data={segments.filter((s) => !parts.includes(s.id)).map((s) => ({ value: s.id, label: s.name }))} />
            </div>
            <ol className={css.parts} aria-label={t('segments.title')}>
              {parts.map((p, i) => (
                <li key={p} className={css.part}>
                  <span className={`num ${css.soft}`}>{i + 1}</span>
                  <span className="truncate" style={{ flex: 1 }} title={names.get(p)}>{names.get(p) ?? '…'}</span>
                  <ActionIcon variant="subtle" color="gray" disabled={i === 0} aria-label={`${t('campaigns.moveUp')}: ${names.get(p)}`} onClick={() => move(i, -1)}><IconArrowUp size={15} /></ActionIcon>
                  <ActionIcon variant="subtle" color="gray" disabled={i === parts.length - 1} aria-label={`${t('campaigns.moveDown')}: ${names.get(p)}`} onClick={() => move(i, 1)}><IconArrowDown size={15} /></ActionIcon>
                  <ActionIcon variant="subtle" color="gray" aria-label={`${t('act.remove')}: ${names.get(p)}`} onClick={() => setParts((all) => all.filter((x) => x !== p))}><IconTrash size={15} /></ActionIcon>
                </li>
              ))}
            </ol>
            <Checkbox label={t('segments.ordered')} description={t('segments.orderedLong')} checked={ordered} onChange={(e) => setOrdered(e.currentTarget.checked)} data-testid="set-ordered" />
            {!nameProblem && <ChangeProblem error={save.error} />}
          </div>
          {manage && (
            <div className={css.foot}>
              {id !== 'new' && <Button type="button" variant="default" onClick={() => setAsked(true)}>{t('act.remove')}</Button>}
              {id !== 'new' && <Button type="button" variant="light" loading={check.isPending} disabled={changed} onClick={() => check.mutate(undefined, { onError: toastProblem })} data-testid="set-check-now">{t('segments.checkNow')}</Button>}
              <Button type="submit" loading={save.isPending} disabled={!name.trim() || parts.length === 0} data-testid="set-save">{t('segments.save')}</Button>
            </div>
          )}
        </Panel>
      </form>
      {check.isPending && <Alert color="tide" p="xs">{t('segments.checking')}</Alert>}
      {set?.check && !changed && <Checked check={set.check} ordered={set.ordered} names={names} />}
      <Confirm opened={asked} danger title={t('segments.removeAsk', { name: set?.name ?? '' })} hint={t('segments.removeSetHint')} action={t('act.remove')} busy={remove.isPending} onClose={() => setAsked(false)}
        onConfirm={() => remove.mutate(id, { onSuccess: () => go('/segments/sets'), onError: toastProblem, onSettled: () => setAsked(false) })} />
    </div>
  );
}

export default function SetPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const set = useSegmentation(id);
  const title = (
    <>
      <Anchor component={Link} href="/segments/sets" inherit c="dimmed">{t('segments.sets')}</Anchor>
      <IconChevronRight size={16} style={{ margin: '0 4px', verticalAlign: 'middle' }} aria-hidden />
      {id === 'new' ? t('segments.createSet') : (set.data?.name ?? '…')}
    </>
  );
  let body = <Panel><RowsSkeleton /></Panel>;
  if (id === 'new') body = <Editor id={id} set={null} />;
  else if (set.data) body = <Editor id={id} set={set.data} />;
  else if (set.isError) body = <Panel><Failed error={set.error} retry={() => void set.refetch()} /></Panel>;
  return <Page title={title}>{body}</Page>;
}
