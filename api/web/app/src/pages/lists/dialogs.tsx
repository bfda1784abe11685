import { ActionIcon, Checkbox, MultiSelect, NumberInput, Radio, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/http';
import { useCampaigns } from '../../api/queries';
import type { ContactList } from '../../api/types';
import { reasonName } from '../agent/names';
import { toastOK } from '../../ui/toast';
import { FilterField } from '../segments/FilterField';
import { useSegments } from '../segments/api';
import { exportURL, useArchive, useCopy, useListProgress, useMakeList, useMerge, useRename, useReset, useSplit } from './api';
import { ChangeProblem, FormDialog, isStale } from './parts';
import { ranked, splitParts, type SplitRow, type SplitWay } from './progress';
import css from './lists.module.css';

interface Props {
  list: ContactList;
  onClose: () => void;
}

export function RenameDialog({ list, onClose }: Props) {
  const { t } = useTranslation();
  const [name, setName] = useState(list.name);
  const rename = useRename();
  // The list may be read again behind the dialog: only who was told of another's change may write over it.
  const [seen, setSeen] = useState(list.revision);
  if (isStale(rename.error) && seen !== list.revision) setSeen(list.revision); // together with what it shows
  const save = () => rename.mutate({ id: list.id, name: name.trim(), revision: seen }, { onSuccess: onClose });
  return (
    <FormDialog title={t('lists.rename')} action={t('lists.rename')} busy={rename.isPending} disabled={!name.trim()} testid="rename-dialog" onClose={onClose} onSubmit={save}>
      <TextInput label={t('lists.name')} maxLength={120} value={name} onChange={(e) => setName(e.currentTarget.value)} data-autofocus data-testid="rename-name" />
      <ChangeProblem error={rename.error} now={t('lists.conflictName', { name: list.name })} />
    </FormDialog>
  );
}

export function ArchiveDialog({ list, onClose }: Props) {
  const { t } = useTranslation();
  const archive = useArchive();
  const back = list.archived_at !== null;
  const save = () => archive.mutate({ id: list.id, archived: !back, revision: list.revision }, {
    onSuccess: () => {
      toastOK(t(back ? 'lists.restored' : 'lists.archived', { name: list.name }));
      onClose();
    },
  });
  return (
    <FormDialog title={t(back ? 'lists.restoreAsk' : 'lists.archiveAsk', { name: list.name })} hint={t(back ? 'lists.restoreHint' : 'lists.archiveHint')}
      action={t(back ? 'lists.restore' : 'lists.archive')} busy={archive.isPending} testid="archive-dialog" onClose={onClose} onSubmit={save}>
      <ChangeProblem error={archive.error} />
    </FormDialog>
  );
}

export function CopyDialog({ list, onClose, lists }: Props & { lists: ContactList[] }) {
  const { t } = useTranslation();
  const [way, setWay] = useState<'new' | 'there'>('new');
  const [name, setName] = useState(t('lists.copyOf', { name: list.name }).slice(0, 120));
  const [into, setInto] = useState<string | null>(null);
  const [filter, setFilter] = useState('');
  const copy = useCopy();
  const make = useMakeList();
  const save = async () => {
    try {
      // A second try after a refusal uses the list that the first one made.
      const made = way === 'there' ? lists.find((l) => l.id === into) : (make.data ?? await make.mutateAsync({ name: name.trim(), region: list.region }));
      if (!made) return;
      await copy.mutateAsync({ into: made.id, source: list.id, filter: filter.trim() || undefined, revision: made.revision });
      toastOK(t('lists.started'));
      onClose();
    } catch {
      // The dialog shows why.
    }
  };
  return (
    <FormDialog title={t('lists.copyTitle', { name: list.name })} hint={t('lists.copyHint')} action={t('lists.copy')} busy={copy.isPending || make.isPending}
      disabled={way === 'new' ? !name.trim() : !into} testid="copy-dialog" onClose={onClose} onSubmit={() => void save()}>
      <SegmentedControl value={way} onChange={(v) => setWay(v as 'new' | 'there')} data={[{ value: 'new', label: t('lists.newList') }, { value: 'there', label: t('lists.otherList') }]} />
      {way === 'new'
        ? <TextInput label={t('lists.name')} maxLength={120} value={name} onChange={(e) => setName(e.currentTarget.value)} data-testid="copy-name" />
        : <Select label={t('lists.into')} searchable value={into} onChange={setInto} data={choices(lists, [list.id])} data-testid="copy-into" />}
      <FilterField label={t('lists.onlyThose')} value={filter} onChange={setFilter} listIDs={[list.id]} optional />
      <ChangeProblem error={copy.error ?? make.error} />
    </FormDialog>
  );
}

const choices = (lists: ContactList[], not: string[]) =>
  lists.filter((l) => !not.includes(l.id) && !l.archived_at).map((l) => ({ value: l.id, label: l.name }));

export function MergeDialog({ list, onClose, lists }: Props & { lists: ContactList[] }) {
  const { t } = useTranslation();
  const [sources, setSources] = useState<string[]>([]);
  const [archive, setArchive] = useState(true);
  const [campaigns, setCampaigns] = useState(true);
  const merge = useMerge();
  const save = () => merge.mutate({ id: list.id, sources, archive, campaigns, revision: list.revision }, {
    onSuccess: () => {
      toastOK(t('lists.started'));
      onClose();
    },
  });
  return (
    <FormDialog title={t('lists.mergeTitle', { name: list.name })} hint={t('lists.mergeHint')} action={t('lists.merge')} danger busy={merge.isPending} disabled={sources.length === 0}
      testid="merge-dialog" onClose={onClose} onSubmit={save}>
      <MultiSelect label={t('lists.sources')} searchable value={sources} onChange={setSources} data={choices(lists, [list.id])} maxValues={100} data-testid="merge-sources"
        comboboxProps={{ withinPortal: true }} />
      <Checkbox label={t('lists.archiveSources')} checked={archive} onChange={(e) => setArchive(e.currentTarget.checked)} />
      <Checkbox label={t('lists.keepCampaigns')} description={t('lists.keepCampaignsHint')} checked={campaigns} onChange={(e) => setCampaigns(e.currentTarget.checked)} />
      <ChangeProblem error={merge.error} />
    </FormDialog>
  );
}

export function SplitDialog({ list, onClose }: Props) {
  const { t } = useTranslation();
  const [way, setWay] = useState<SplitWay>('weight');
  const [stay, setStay] = useState<number | string>(1);
  const [campaigns, setCampaigns] = useState(true);
  const named = (n: number): SplitRow => ({ name: `${list.name.slice(0, 112)} (${n})`, value: way === 'weight' ? '1' : '' });
  const [rows, setRows] = useState<SplitRow[]>([named(2)]);
  const split = useSplit();
  const { parts, bad } = splitParts(way, rows);
  const change = (i: number, row: Partial<SplitRow>) => setRows((all) => all.map((r, k) => (k === i ? { ...r, ...row } : r)));
  const choose = (v: SplitWay) => {
    setWay(v);
    setRows((all) => all.map((r) => ({ ...r, value: v === 'weight' ? '1' : '' })));
  };
  const save = () => split.mutate({ id: list.id, parts, stay: way === 'weight' ? Number(stay) || 0 : undefined, campaigns, revision: list.revision }, {
    onSuccess: () => {
      toastOK(t('lists.started'));
      onClose();
    },
  });
  const wrong = split.error instanceof ApiError ? split.error.fields : [];
  return (
    <FormDialog title={t('lists.splitTitle', { name: list.name })} hint={t('lists.splitHint')} action={t('lists.split')} danger size="lg" busy={split.isPending} disabled={bad >= 0}
      testid="split-dialog" onClose={onClose} onSubmit={save}>
      <SegmentedControl value={way} onChange={(v) => choose(v as SplitWay)}
        data={[{ value: 'weight', label: t('lists.byShare') }, { value: 'count', label: t('lists.byCount') }, { value: 'filter', label: t('lists.byFilter') }]} />
      {rows.map((r, i) => (
        <div key={i} className={css.splitRow} data-way={way}>
          <TextInput label={t('lists.newList')} maxLength={120} value={r.name} onChange={(e) => change(i, { name: e.currentTarget.value })} data-testid="split-name"
            error={wrong.find((x) => x.path === `parts.${i}.name`)?.message} />
          {way === 'filter'
            ? <FilterField label={t('lists.filter')} value={r.value} onChange={(value) => change(i, { value })} listIDs={[list.id]} />
            : <TextInput label={t(way === 'weight' ? 'lists.share' : 'lists.howMany')} inputMode="numeric" value={r.value} onChange={(e) => change(i, { value: e.currentTarget.value })} data-testid="split-value" />}
          {rows.length > 1 && (
            <ActionIcon variant="subtle" color="gray" mt={26} aria-label={t('lists.removePart', { name: r.name })} onClick={() => setRows((all) => all.filter((_, k) => k !== i))}>
              <IconTrash size={16} />
            </ActionIcon>
          )}
        </div>
      ))}
      <button type="button" className={css.addPart} disabled={rows.length >= 50} onClick={() => setRows((all) => [...all, named(all.length + 2)])}>
        <IconPlus size={14} aria-hidden /> {t('lists.addPart')}
      </button>
      {way === 'weight' && <NumberInput label={t('lists.stay')} description={t('lists.stayHint')} min={0} max={1000} value={stay} onChange={setStay} />}
      <Checkbox label={t('lists.splitCampaigns')} description={t('lists.keepCampaignsHint')} checked={campaigns} onChange={(e) => setCampaigns(e.currentTarget.checked)} />
      <ChangeProblem error={split.error} />
    </FormDialog>
  );
}

export function ResetDialog({ list, onClose }: Props) {
  const { t } = useTranslation();
  const all = useCampaigns();
  const campaigns = all.data?.filter((c) => c.list_ids?.includes(list.id)) ?? [];
  const progress = useListProgress(list.id).data?.items ?? [];
  const [picked, setPicked] = useState<string | null>(null);
  const campaign = campaigns.find((c) => c.id === picked) ?? (campaigns.length === 1 ? campaigns[0] : undefined);
  const [reasons, setReasons] = useState<string[]>([]);
  const reset = useReset();
  const place = progress.find((p) => p.campaign_id === campaign?.id);
  const known = [...ranked(place?.finished_by), ...ranked(place?.excluded)];
  const save = () => campaign && reset.mutate({ campaign: campaign.id, list: list.id, reasons, revision: campaign.revision }, {
    onSuccess: () => {
      toastOK(t('lists.started'));
      onClose();
    },
  });
  return (
    <FormDialog title={t('lists.resetTitle', { name: list.name })} hint={t('lists.resetHint')} action={t('lists.reset')} danger busy={reset.isPending} disabled={!campaign}
      testid="reset-dialog" onClose={onClose} onSubmit={save}>
      <Select label={t('lists.inCampaign')} allowDeselect={false} disabled={campaigns.length === 0} value={campaign?.id ?? null} data={campaigns.map((c) => ({ value: c.id, label: c.name }))} data-testid="reset-campaign"
        error={all.data && campaigns.length === 0 ? t('lists.noCampaign') : undefined}
        onChange={(v) => {
          setPicked(v);
          setReasons([]);
        }} />
      <MultiSelect searchable label={t('lists.onlyReasons')} description={t('lists.onlyReasonsHint')} disabled={!campaign} value={reasons} onChange={setReasons} data-testid="reset-reasons"
        data={known.map(([r, n]) => ({ value: r, label: `${reasonName(r, campaign)} · ${n}` }))} />
      <ChangeProblem error={reset.error} />
    </FormDialog>
  );
}

export function ExportDialog({ list, onClose }: Props) {
  const { t } = useTranslation();
  const [format, setFormat] = useState<'csv' | 'xlsx'>('xlsx');
  const [segment, setSegment] = useState<string | null>(null);
  const [filter, setFilter] = useState('');
  const segments = useSegments();
  const start = () => {
    const a = document.createElement('a');
    a.href = exportURL(list.id, format, segment ? '' : filter.trim(), segment ?? '');
    a.download = '';
    a.click();
    onClose();
  };
  return (
    <FormDialog title={t('lists.exportTitle', { name: list.name })} hint={t('lists.exportHint')} action={t('lists.export')} busy={false} testid="export-dialog" onClose={onClose} onSubmit={start}>
      <Radio.Group label={t('lists.format')} value={format} onChange={(v) => setFormat(v as 'csv' | 'xlsx')}>
        <Radio value="xlsx" label={t('lists.formatXLSX')} mt={6} />
        <Radio value="csv" label={t('lists.formatCSV')} mt={6} data-testid="export-csv" />
      </Radio.Group>
      {/* Both are there from the beginning: a dialog that grows while the segments come moves its buttons from under the mouse. */}
      <Select label={t('lists.onlySegment')} placeholder={t(segments.data?.length === 0 ? 'lists.noSegments' : 'lists.everybody')} clearable searchable disabled={!segments.data?.length} value={segment} onChange={setSegment}
        data={(segments.data ?? []).map((s) => ({ value: s.id, label: s.name }))} data-testid="export-segment" />
      <FilterField label={t('lists.onlyThose')} value={filter} onChange={setFilter} listIDs={[list.id]} optional disabled={!!segment} />
    </FormDialog>
  );
}
