import { Alert, Anchor, Button, MultiSelect, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconChevronRight, IconTag } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { ApiError } from '../../api/http';
import { useLists } from '../../api/queries';
import { fieldText } from '../../i18n/problem';
import { may, useUser } from '../../lib/session';
import { Confirm } from '../../ui/confirm';
import { toastOK, toastProblem } from '../../ui/toast';
import { Failed, Page, Panel, RowsSkeleton } from '../../ui/ui';
import { TagDialog } from '../contacts/TagDialog';
import { useTagSegment } from '../contacts/tags';
import { ChangeProblem } from '../lists/parts';
import { checkFilter, useDeleteSegment, useExactCount, useFields, useSaveSegment, useSegment, type CheckAsked, type Segment } from './api';
import { CountText } from './CountText';
import { FilterArea } from './FilterField';
import { complete, formOf, nodeOf, type Form } from './form';
import { FormBuilder } from './FormBuilder';
import css from './segments.module.css';

const zones = (() => {
  const all = Intl.supportedValuesOf('timeZone');
  return all.includes('UTC') ? all : ['UTC', ...all];
})();
const here = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

function Help() {
  const { t } = useTranslation();
  const lines = ['age >= 30 and city in ("Shanghai", "北京")', 'last_outcome = "no_answer" and last_attempt before 7 days ago', 'not tagged "vip" and attempts < 3', 'birthday between 2026-01-01 and 2026-03-31 or email is empty', 'answer.rating <= 2 and answer.reasons in ("price", "service")'];
  return (
    <div>
      <div className={css.soft}>{t('segments.help')}</div>
      <ul className={css.help}>{lines.map((l) => <li key={l}><code>{l}</code></li>)}</ul>
    </div>
  );
}

function Editor({ id, segment }: { id: string; segment: Segment | null }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const manage = may(useUser(), 'manage');
  const lists = useLists().data ?? [];
  const save = useSaveSegment(id);
  const remove = useDeleteSegment();
  const exact = useExactCount(id);
  const [asked, setAsked] = useState(false);
  const [tagging, setTagging] = useState(false);
  const tag = useTagSegment();
  const [name, setName] = useState(segment?.name ?? '');
  const [listIDs, setListIDs] = useState(segment?.list_ids ?? []);
  const [zone, setZone] = useState(segment?.zone ?? here());
  const [text, setText] = useState(segment?.filter ?? '');
  const [form, setForm] = useState<Form | null>(() => (segment ? formOf(segment.form) : { join: 'and', rows: [] }));
  const [mode, setMode] = useState<'form' | 'text'>(() => (segment && !formOf(segment.form) ? 'text' : 'form'));
  const fields = useFields(listIDs).data ?? [];
  // Either the form or the text leads; the server turns one into the other.
  const ready = mode === 'text' ? text.trim() !== '' : !!form && complete(form);
  const leading = useMemo<CheckAsked>(
    () => ({ ...(mode === 'text' ? { filter: text.trim() } : { form: form ? nodeOf(form) : undefined }), list_ids: listIDs, zone, count: true }),
    [mode, text, form, listIDs, zone],
  );
  const [question] = useDebouncedValue(leading, 400);
  const checked = useQuery({
    queryKey: ['filter-check', question],
    queryFn: () => checkFilter(question),
    enabled: ready,
    staleTime: 20_000,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const answer = ready && question === leading && !checked.isPlaceholderData ? checked.data : undefined;
  useEffect(() => {
    if (!answer?.valid) return;
    if (mode === 'form') setText(answer.text ?? '');
    else setForm(formOf(answer.form));
  }, [answer, mode]);
  const problem = answer?.problem;
  const nameProblem = save.error instanceof ApiError ? save.error.fields.find((x) => x.path === 'name')?.message : undefined;
  const submit = () => save.mutate({ name: name.trim(), filter: answer?.text ?? text.trim(), list_ids: listIDs, zone, revision: segment?.revision }, {
    onSuccess: (made) => {
      toastOK(t('segments.saved'));
      if (id === 'new') go(`/segments/${made.id}`, { replace: true });
    },
  });
  const broken = segment !== null && !segment.form;
  return (
    <form noValidate onSubmit={(e) => {
      e.preventDefault();
      submit();
    }}>
      <div className={css.stack}>
        <Panel>
          <div className={css.body}>
            {broken && <Alert color="yellow" p="xs">{t('segments.broken')}</Alert>}
            <div className={css.two}>
              <TextInput label={t('lists.name')} maxLength={120} value={name} onChange={(e) => setName(e.currentTarget.value)} readOnly={!manage} data-testid="segment-name"
                error={nameProblem && fieldText(nameProblem)} />
              <MultiSelect label={t('segments.lists')} placeholder={listIDs.length === 0 ? t('segments.allLists') : ''} searchable clearable value={listIDs} onChange={setListIDs} readOnly={!manage}
                data={lists.filter((l) => !l.archived_at || listIDs.includes(l.id)).map((l) => ({ value: l.id, label: l.name }))} />
              <Select label={t('segments.zone')} searchable allowDeselect={false} value={zone} onChange={(z) => z && setZone(z)} readOnly={!manage} data={zones.includes(zone) ? zones : [zone, ...zones]} limit={200} />
            </div>
          </div>
        </Panel>
        <Panel title={t('segments.who')}
          aside={(
            <SegmentedControl size="xs" value={mode} onChange={(m) => setMode(m as 'form' | 'text')} aria-label={t('segments.writeAs')} data-testid="segment-mode"
              data={[{ value: 'form', label: t('segments.asForm'), disabled: !form }, { value: 'text', label: t('segments.asText') }]} />
          )}>
          <div className={css.body}>
            {mode === 'form' && form
              ? <FormBuilder form={form} fields={fields} onChange={setForm} problem={problem} />
              : <FilterArea label={t('segments.text')} value={text} onChange={setText} listIDs={listIDs} problem={problem} rows={5} />}
            {mode === 'form' && text && <div className={css.soft}>{t('segments.text')}: <code className={css.code} data-testid="segment-text">{text}</code></div>}
            {mode === 'text' && !form && answer?.valid && <div className={css.soft}>{t('segments.tooMuch')}</div>}
            {mode === 'text' && <Help />}
          </div>
          <div className={css.foot}>
            <div style={{ marginRight: 'auto' }} aria-live="polite" data-testid="segment-count">
              {answer?.count && <CountText count={answer.count} big />}
              {checked.isError && <span className={css.soft}>{t('segments.notCounted')}</span>}
            </div>
            {answer?.count && !answer.count.exact && id !== 'new' && (
              <Button type="button" variant="default" loading={exact.isPending} onClick={() => exact.mutate(undefined, { onError: toastProblem })}>{t('segments.countExactly')}</Button>
            )}
            {manage && id !== 'new' && <Button type="button" variant="default" leftSection={<IconTag size={15} />} onClick={() => setTagging(true)} data-testid="segment-tag">{t('steer.tag')}</Button>}
            {manage && id !== 'new' && <Button type="button" variant="default" color="red" onClick={() => setAsked(true)} data-testid="segment-delete">{t('act.remove')}</Button>}
            {manage && <Button type="submit" loading={save.isPending} disabled={!name.trim() || !answer?.valid} data-testid="segment-save">{t('segments.save')}</Button>}
          </div>
        </Panel>
        {exact.data && <Alert color="tide" p="xs"><CountText count={exact.data} big /></Alert>}
        {!nameProblem && <ChangeProblem error={save.error} now={segment && t('segments.conflict', { name: segment.name, filter: segment.filter })} />}
      </div>
      {tagging && (
        <TagDialog title={t('steer.tagSegmentTitle', { name: segment?.name ?? '' })} hint={t('steer.tagSegmentHint')} busy={tag.isPending} error={tag.error} onClose={() => setTagging(false)}
          onSubmit={(change) => tag.mutate({ id, ...change }, {
            onSuccess: (jobs) => {
              toastOK(t(jobs.length > 0 ? 'steer.tagBegun' : 'steer.tagNobody'));
              setTagging(false);
            },
          })} />
      )}
      <Confirm opened={asked} danger title={t('segments.removeAsk', { name: segment?.name ?? '' })} hint={t('segments.removeHint')} action={t('act.remove')} busy={remove.isPending} onClose={() => setAsked(false)}
        onConfirm={() => remove.mutate(id, { onSuccess: () => go('/segments'), onError: toastProblem, onSettled: () => setAsked(false) })} />
    </form>
  );
}

export default function SegmentPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const segment = useSegment(id);
  const title = (
    <>
      <Anchor component={Link} href="/segments" inherit c="dimmed">{t('segments.title')}</Anchor>
      <IconChevronRight size={16} style={{ margin: '0 4px', verticalAlign: 'middle' }} aria-hidden />
      {id === 'new' ? t('segments.create') : (segment.data?.name ?? '…')}
    </>
  );
  let body = <Panel><RowsSkeleton /></Panel>;
  if (id === 'new') body = <Editor id={id} segment={null} />;
  else if (segment.data) body = <Editor id={id} segment={segment.data} />;
  else if (segment.isError) body = <Panel><Failed error={segment.error} retry={() => void segment.refetch()} /></Panel>;
  return <Page title={title}>{body}</Page>;
}
