import { ActionIcon, Button, Group, Modal, NumberInput, SegmentedControl, Select, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import { IconAdjustmentsHorizontal, IconArrowUp, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/http';
import { useCampaign, useLists } from '../../api/queries';
import { useSteer } from '../../api/room';
import { MODES, type Campaign, type Mode } from '../../api/types';
import { codeName } from '../../i18n';
import { fieldText, problemText } from '../../i18n/problem';
import { toastOK, toastProblem } from '../../ui/toast';
import { Load } from '../../ui/ui';
import css from './room.module.css';
import { CallerFields } from '../campaigns/CallerFields';
import { draftOf, steering, type SteerDraft } from './steering';

type Set = (patch: Partial<SteerDraft>) => void;

function ListRows({ draft, set }: { draft: SteerDraft; set: Set }) {
  const { t } = useTranslation();
  const known = useLists().data ?? [];
  const name = (id: string) => known.find((l) => l.id === id)?.name ?? '…';
  const mix = draft.lists === 'mix';
  const free = known.filter((l) => !draft.list_ids.includes(l.id) && !l.archived_at);
  return (
    <div>
      <Text size="sm" fw={500}>{t('room.steer.lists')}</Text>
      {draft.list_ids.map((id, i) => (
        <div key={id} className={css.listRow} data-mix={mix} data-testid="steer-list">
          <span className="num">{i + 1}</span>
          <span className="truncate" title={name(id)}>{name(id)}</span>
          {mix && <NumberInput size="xs" min={1} max={1000} aria-label={`${t('room.weight')}: ${name(id)}`} value={draft.weights[id] ?? 1} onChange={(v) => typeof v === 'number' && set({ weights: { ...draft.weights, [id]: v } })} />}
          <Group gap={2} wrap="nowrap">
            <ActionIcon size="sm" variant="subtle" color="gray" disabled={i === 0} aria-label={`${t('room.steer.up')}: ${name(id)}`} onClick={() => set({ list_ids: draft.list_ids.toSpliced(i - 1, 2, id, draft.list_ids[i - 1]!) })}><IconArrowUp size={15} /></ActionIcon>
            <ActionIcon size="sm" variant="subtle" color="gray" aria-label={`${t('room.steer.drop')}: ${name(id)}`} onClick={() => set({ list_ids: draft.list_ids.filter((x) => x !== id) })}><IconX size={15} /></ActionIcon>
          </Group>
        </div>
      ))}
      <Group gap="sm" mt={6} align="end">
        <Select size="xs" style={{ flex: 1 }} searchable clearable placeholder={t('room.steer.addList')} aria-label={t('room.steer.addList')} value={null}
          data={free.map((l) => ({ value: l.id, label: l.name }))} onChange={(v) => v && set({ list_ids: [...draft.list_ids, v] })} data-testid="steer-add-list" />
        <SegmentedControl size="xs" aria-label={t('room.steer.turns')} value={draft.lists || 'turn'} onChange={(v) => set({ lists: v === 'turn' ? '' : (v as 'together' | 'mix') })}
          data={[{ value: 'turn', label: t('room.steer.inTurn') }, { value: 'together', label: t('room.steer.together') }, { value: 'mix', label: t('room.steer.mix') }]} />
      </Group>
    </div>
  );
}

function Form({ campaign: c, reload, onClose }: { campaign: Campaign; reload: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(() => draftOf(c));
  const set: Set = (patch) => setDraft((d) => ({ ...d, ...patch }));
  const steer = useSteer(c.id);
  const change = steering(c, draft);
  const errors = steer.error instanceof ApiError ? steer.error.fields : [];
  const wrong = (field: string) => {
    const message = errors.find((e) => e.path.endsWith(field))?.message;
    return message && fieldText(message);
  };
  const callers = errors.find((e) => e.path.includes('caller_ids'))?.message;
  const stale = steer.error instanceof ApiError && steer.error.code === 'stale';
  const save = () => change && steer.mutate(change, {
    onSuccess: () => { toastOK(t('room.steer.saved')); onClose(); },
    onError: (e) => (e instanceof ApiError && e.code === 'stale' ? reload() : e instanceof ApiError && e.fields.length ? undefined : toastProblem(e)),
  });
  return (
    <form onSubmit={(e) => { e.preventDefault(); save(); }}>
      <Stack gap="sm">
        {stale && <Text size="sm" c="red" role="alert" data-testid="steer-stale">{t('room.steer.stale')}</Text>}
        <div>
          <Text size="sm" fw={500} mb={4}>{t('room.steer.mode')}</Text>
          <SegmentedControl size="xs" fullWidth value={draft.mode} onChange={(v) => set({ mode: v as Mode })} data={MODES.map((value) => ({ value, label: codeName('mode', value) }))} data-testid="steer-mode" />
        </div>
        <Group grow align="start">
          {draft.mode === 'power' && <NumberInput size="xs" label={t('room.steer.ratio')} min={1} max={10} step={0.1} decimalScale={2} value={draft.ratio} onChange={(v) => typeof v === 'number' && set({ ratio: v })} error={wrong('ratio')} data-testid="steer-ratio" />}
          <NumberInput size="xs" label={t('room.steer.target')} min={0} max={10} step={0.1} decimalScale={2} value={draft.percent} onChange={(v) => typeof v === 'number' && set({ percent: v })} error={wrong('abandon_target')} data-testid="steer-target" />
          <TextInput size="xs" label={t('room.steer.caller')} value={draft.caller_id} onChange={(e) => set({ caller_id: e.currentTarget.value })} error={wrong('caller_id')} data-testid="steer-caller" />
        </Group>
        <CallerFields size="xs" numbers={draft.caller_ids} choice={draft.caller_choice} change={(caller_ids, caller_choice) => set({ caller_ids, caller_choice })} error={callers && fieldText(callers)} />
        <Group grow align="end">
          <NumberInput size="xs" label={t('room.steer.lines')} description={t('room.steer.linesHint')} min={0} max={10000} value={draft.max_lines} onChange={(v) => typeof v === 'number' && set({ max_lines: v })} error={wrong('max_lines')} />
          <NumberInput size="xs" label={t('room.steer.weight')} min={0} max={100} decimalScale={2} value={draft.weight} onChange={(v) => typeof v === 'number' && set({ weight: v })} error={wrong('weight')} />
        </Group>
        <ListRows draft={draft} set={set} />
        {errors.length > 0 && <Text size="xs" c="red" role="alert">{problemText(steer.error)}</Text>}
        <Group justify="flex-end">
          {!change && <Text size="xs" c="dimmed">{t('room.steer.nothing')}</Text>}
          <Button size="xs" variant="default" onClick={onClose}>{t('act.cancel')}</Button>
          <Button size="xs" type="submit" disabled={!change} loading={steer.isPending} data-testid="steer-save">{t('room.steer.save')}</Button>
        </Group>
      </Stack>
    </form>
  );
}

function Body({ id, onClose }: { id: string; onClose: () => void }) {
  const campaign = useCampaign(id);
  return (
    <Load query={campaign} rows={6}>
      {(c) => <Form key={c.revision} campaign={c} reload={() => void campaign.refetch()} onClose={onClose} />}
    </Load>
  );
}

/** Changes a campaign while it runs. */
export function SteerButton({ id, name }: { id: string; name: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Tooltip label={t('room.steer.open')}>
        <ActionIcon variant="subtle" color="gray" aria-label={`${t('room.steer.open')}: ${name}`} onClick={() => setOpen(true)} data-testid="steer"><IconAdjustmentsHorizontal size={17} stroke={1.7} /></ActionIcon>
      </Tooltip>
      <Modal opened={open} onClose={() => setOpen(false)} title={t('room.steer.title', { name })} size="lg">{open && <Body id={id} onClose={() => setOpen(false)} />}</Modal>
    </>
  );
}
