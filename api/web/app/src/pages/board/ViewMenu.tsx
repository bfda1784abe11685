import { Button, Checkbox, Group, Modal, NumberInput, SegmentedControl, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { IconAdjustments, IconDeviceTv } from '@tabler/icons-react';
import { Fragment, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useDeleteView, useSaveView, useViews, type SavedView } from '../../api/room';
import { useUser } from '../../lib/session';
import { load, save } from '../../lib/storage';
import { toastOK, toastProblem } from '../../ui/toast';
import { useTeams } from '../campaigns/api';
import css from './room.module.css';
import { THRESHOLDS, type Thresholds } from './thresholds';
import { AGENT_COLUMNS, ORDERS, PANELS, PLAIN, sameView, viewOf, type AgentOrder, type View } from './views';

const shares: (keyof Thresholds)[] = ['abandonment', 'trunkFailures'];
const KEY = 'dialtide.view.';

/** The view in use: the one last chosen on this computer, read from the server; what is changed and not kept lasts until the page goes. */
export function useView() {
  const me = useUser().id;
  const views = useViews().data;
  const [id, setID] = useState<string | null>(() => load<string>(KEY + me));
  const [own, setOwn] = useState<View | null>(null);
  const saved = views?.find((v) => v.id === id);
  const choose = (to: string | null) => {
    save(KEY + me, to);
    setID(to);
    setOwn(null);
  };
  const body = saved?.body;
  const [read, setRead] = useState<View>(PLAIN);
  useEffect(() => setRead((was) => {
    const is = viewOf(body);
    return sameView(was, is) ? was : is;
  }), [body]);
  return { view: own ?? read, saved, choose, change: setOwn };
}

function Steps({ draft, set }: { draft: View; set: (v: View) => void }) {
  const { t } = useTranslation();
  const put = (key: keyof Thresholds, at: 0 | 1, v: number) => {
    const steps: [number, number] = [...draft.thresholds[key]];
    steps[at] = v;
    set({ ...draft, thresholds: { ...draft.thresholds, [key]: steps } });
  };
  return (
    <div className={css.two}>
      <span /><b>{t('room.view.warn')}</b><b>{t('room.view.bad')}</b>
      {THRESHOLDS.map((key) => {
        const scale = shares.includes(key) ? 100 : 1;
        const name = t(`room.threshold.${key}`);
        return (
          <Fragment key={key}>
            <span>{name}</span>
            {([0, 1] as const).map((at) => (
              <NumberInput key={at} size="xs" min={0} max={86_400} hideControls suffix={key === 'waiting' ? '' : ' ' + (scale === 100 ? t('room.view.percent') : t('room.view.seconds'))}
                aria-label={`${name}, ${at ? t('room.view.bad') : t('room.view.warn')}`} value={Math.round(draft.thresholds[key][at] * scale)}
                onChange={(v) => typeof v === 'number' && put(key, at, v / scale)} data-testid={`threshold-${key}-${at}`} />
            ))}
          </Fragment>
        );
      })}
    </div>
  );
}

function Editor({ view, saved, choose, change, onClose }: { view: View; saved: SavedView | undefined; choose: (id: string | null) => void; change: (v: View) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const me = useUser().id;
  const mine = saved?.owner === me ? saved : undefined;
  const [draft, setDraft] = useState(view);
  const [name, setName] = useState(mine?.name ?? '');
  const [shared, setShared] = useState(mine?.shared ?? false);
  const keep = useSaveView();
  const remove = useDeleteView();
  const store = (over?: SavedView) =>
    keep.mutate({ id: over?.id, revision: over?.revision, name: name.trim(), shared, body: draft }, {
      onError: toastProblem,
      onSuccess: (v) => {
        toastOK(t('room.view.kept'));
        choose(v.id);
        onClose();
      },
    });
  return (
    <Stack gap="sm">
      <Checkbox.Group label={t('room.view.panels')} value={draft.panels} onChange={(v) => setDraft(viewOf({ ...draft, panels: v }))}>
        <Group gap="md" mt={4}>{PANELS.map((p) => <Checkbox key={p} size="xs" value={p} label={t(`room.panel.${p}`)} data-testid={`panel-${p}`} />)}</Group>
      </Checkbox.Group>
      <Checkbox.Group label={t('room.view.columns')} value={draft.columns} onChange={(v) => setDraft(viewOf({ ...draft, columns: v }))}>
        <Group gap="md" mt={4}>{AGENT_COLUMNS.map((c) => <Checkbox key={c} size="xs" value={c} label={t(`room.column.${c}`)} />)}</Group>
      </Checkbox.Group>
      <div>
        <Text size="sm" fw={500} mb={4}>{t('room.view.order')}</Text>
        <SegmentedControl size="xs" value={draft.order} onChange={(v) => setDraft({ ...draft, order: v as AgentOrder })}
          data={ORDERS.map((value) => ({ value, label: { state: t('board.byState'), name: t('board.byName'), time: t('board.byTime'), worst: t('room.view.worst') }[value] }))} />
      </div>
      <div>
        <Text size="sm" fw={500}>{t('room.view.thresholds')}</Text>
        <Text size="xs" c="dimmed" mb={6}>{t('room.view.thresholdsHint')}</Text>
        <Steps draft={draft} set={(v) => setDraft({ ...v })} />
      </div>
      <Group align="end" gap="sm">
        <TextInput size="xs" style={{ flex: 1 }} label={t('room.view.name')} value={name} maxLength={60} onChange={(e) => setName(e.currentTarget.value)} data-testid="view-name" />
        <Switch size="xs" label={t('room.view.share')} checked={shared} onChange={(e) => setShared(e.currentTarget.checked)} mb={6} />
      </Group>
      <Group justify="flex-end" gap={8}>
        <Button size="xs" variant="subtle" mr="auto" onClick={() => setDraft(PLAIN)}>{t('room.view.reset')}</Button>
        {mine && <Button size="xs" variant="default" color="red" loading={remove.isPending} onClick={() => remove.mutate(mine.id, { onError: toastProblem, onSuccess: () => { choose(null); onClose(); } })}>{t('room.view.remove')}</Button>}
        <Button size="xs" variant="default" onClick={() => { change(viewOf(draft)); onClose(); }} data-testid="view-apply">{t('room.view.apply')}</Button>
        {mine && <Button size="xs" variant="default" disabled={!name.trim()} loading={keep.isPending} onClick={() => store(mine)} data-testid="view-save">{t('room.view.save')}</Button>}
        <Button size="xs" disabled={!name.trim() || name.trim() === mine?.name} loading={keep.isPending} onClick={() => store()} data-testid="view-save-new">{t('room.view.saveNew')}</Button>
      </Group>
    </Stack>
  );
}

/** Chooses, makes and shares views of the board; the way to the wallboard. */
export function ViewMenu({ view, saved, choose, change }: ReturnType<typeof useView>) {
  const { t } = useTranslation();
  const me = useUser().id;
  const views = useViews().data ?? [];
  const teams = useTeams().data ?? [];
  const [open, setOpen] = useState(false);
  const option = (v: SavedView) => ({ value: v.id, label: v.owner === me ? v.name : `${v.name} (${t('room.view.by', { name: v.owner_name })})` });
  const [mine, others] = [views.filter((v) => v.owner === me).map(option), views.filter((v) => v.owner !== me).map(option)];
  return (
    <Group gap={6} wrap="nowrap">
      {teams.length > 0 && <Select size="xs" w={140} allowDeselect={false} aria-label={t('room.view.team')} value={teams.some((x) => x.id === view.team) ? view.team : ''} onChange={(v: string | null) => change({ ...view, team: v || null })}
        data={[{ value: '', label: t('room.view.allTeams') }, ...teams.map((x) => ({ value: x.id, label: x.name }))]} data-testid="team-pick" />}
      <Select size="xs" w={190} allowDeselect={false} aria-label={t('room.view.pick')} value={saved?.id ?? ''} onChange={(v: string | null) => choose(v || null)} data-testid="view-pick"
        data={[{ group: '', items: [{ value: '', label: t('room.view.plain') }] }, { group: t('room.view.mine'), items: mine }, { group: t('room.view.shared'), items: others }].filter((g) => g.items.length > 0)} />
      <Button size="xs" variant="default" leftSection={<IconAdjustments size={15} />} onClick={() => setOpen(true)} data-testid="view-edit">{t('room.view.edit')}</Button>
      <Button size="xs" variant="default" component={Link} href="/wallboard" leftSection={<IconDeviceTv size={15} />} data-testid="wall-open">{t('room.wall.open')}</Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={t('room.view.title')} size="lg">
        {open && <Editor view={view} saved={saved} choose={choose} change={change} onClose={() => setOpen(false)} />}
      </Modal>
    </Group>
  );
}
