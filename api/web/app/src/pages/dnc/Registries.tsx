import { Button, Group, Modal, Progress, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconFileUpload, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Registry, RegistryLoad } from '../../api/law';
import { useCancelLoad, useCreateRegistry, useDeleteRegistry, usePacks, useRegistries, useRegistryLoads } from '../../api/lawQueries';
import { useCampaigns } from '../../api/queries';
import { codeName } from '../../i18n';
import { clock } from '../../lib/clock';
import { applyProblem } from '../../lib/form';
import { useFormats } from '../../lib/format';
import { may, useUser } from '../../lib/session';
import { Confirm } from '../../ui/confirm';
import { toastOK, toastProblem } from '../../ui/toast';
import { Empty, Load, Panel, RowsSkeleton, StatePill } from '../../ui/ui';
import { ageLimit, ageState, daysSince } from '../rules/words';
import { BadLines } from './BadLines';
import { Area, AreaField, CoverageDialog } from './Coverage';
import { loadError } from './loadError';
import css from './dnc.module.css';
import { LoadRegistry } from './LoadRegistry';
import { areaOf } from './needs';
import { Needs } from './Needs';

function NewRegistry({ region, onClose }: { region: string; onClose: () => void }) {
  const { t } = useTranslation();
  const create = useCreateRegistry();
  const form = useForm({
    initialValues: { name: '', region, everyone: true, coverage: [] as string[] },
    validate: {
      name: (v) => (v.trim() ? null : t('code.invalid.required')),
      region: (v) => (/^[A-Za-z]{2}(-[A-Za-z0-9]{1,3})?$/.test(v.trim()) ? null : t('code.invalid.format')),
      coverage: (v, all) => (v.every((x) => areaOf(x, all.region.trim().toUpperCase())) ? null : ' '), // the field says which one
    },
  });
  const submit = form.onSubmit(async (v) => {
    try {
      await create.mutateAsync({ name: v.name.trim(), region: v.region.trim().toUpperCase(), everyone: v.everyone, coverage: v.coverage });
      toastOK(t('registry.created'));
      onClose();
    } catch (e) {
      applyProblem(form, e);
    }
  });
  return (
    <Modal opened onClose={onClose} title={t('registry.add')}>
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <TextInput label={t('registry.name')} maxLength={120} data-autofocus {...form.getInputProps('name')} data-testid="registry-name" />
          <TextInput label={t('registry.region')} description={t('registry.regionHint')} maxLength={6} {...form.getInputProps('region')} data-testid="registry-region" />
          <AreaField region={form.values.region.trim().toUpperCase()} value={form.values.coverage} onChange={(v) => form.setFieldValue('coverage', v)} />
          <Switch label={t('registry.everyone')} description={t('registry.everyoneHint')} {...form.getInputProps('everyone', { type: 'checkbox' })} />
          <Group justify="flex-end"><Button variant="default" onClick={onClose}>{t('act.cancel')}</Button><Button type="submit" loading={create.isPending} data-testid="registry-save">{t('act.create')}</Button></Group>
        </Stack>
      </form>
    </Modal>
  );
}

const loadTone = { running: 'info', done: 'good', failed: 'bad', cancelled: 'plain' } as const;

function LoadRow({ load, manage }: { load: RegistryLoad; manage: boolean }) {
  const { t } = useTranslation();
  const f = useFormats();
  const cancel = useCancelLoad();
  const [bad, setBad] = useState(false);
  const share = load.stage === 'reading' && load.bytes_total > 0 ? (load.bytes_read / load.bytes_total) * 100 : 100;
  return (
    <li className={css.load} data-testid="registry-load" data-load-state={load.state}>
      <div className={css.line}>
        <StatePill state={loadTone[load.state]}>{codeName('loadState', load.state)}{load.state === 'running' && ` · ${codeName('loadStage', load.stage)}`}</StatePill>
        <b>{load.file_name}</b>
        <span className="num">{t('registry.progress', { numbers: f.number(load.numbers) })}</span>
        <Text span size="xs" c="dimmed">{t('registry.asOf')} {f.dateTime(load.as_of)} · {f.dateTime(load.ended_at ?? load.created_at)}</Text>
        {load.bad > 0 && <Button size="compact-xs" variant="subtle" onClick={() => setBad(!bad)} aria-expanded={bad}>{t('registry.bad', { n: f.number(load.bad) })}</Button>}
        {load.state === 'running' && manage && (
          <Button size="compact-xs" variant="default" ml="auto" loading={cancel.isPending} data-testid="registry-cancel"
            onClick={() => cancel.mutate({ id: load.registry_id, no: load.no }, { onSuccess: () => toastOK(t('registry.cancelled')), onError: toastProblem })}>{t('registry.cancel')}</Button>
        )}
      </div>
      {load.state === 'running' && <Progress value={share} animated aria-label={codeName('loadStage', load.stage)} data-testid="registry-progress" />}
      {load.error && <Text size="sm" c="red" className={css.wrap}>{loadError(load.error)}</Text>}
      {bad && <BadLines lines={load.bad_lines ?? []} />}
    </li>
  );
}

const tones = { never: 'bad', tooOld: 'bad', soon: 'warn', fresh: 'good', noLimit: 'plain' } as const;

function Loads({ id, manage }: { id: string; manage: boolean }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const loads = useRegistryLoads(id);
  const rows = loads.data ?? [];
  if (loads.isError && !loads.data) return <Text size="sm" c="red" p="md">{t('state.title')}</Text>;
  if (loads.isPending) return <RowsSkeleton rows={2} />;
  if (rows.length === 0) return <Text size="sm" c="dimmed" px="md" pb="sm">{t('registry.noLoads')}</Text>;
  return (
    <>
      <ul className={css.loads}>{rows.slice(0, all ? 100 : 3).map((l) => <LoadRow key={l.no} load={l} manage={manage} />)}</ul>
      {rows.length > 3 && !all && <div className={css.more}><Button size="xs" variant="default" onClick={() => setAll(true)}>{t('suppress.more')}</Button></div>}
    </>
  );
}

function Card({ r, limit, manage }: { r: Registry; limit: number | null; manage: boolean }) {
  const { t } = useTranslation();
  const f = useFormats();
  const remove = useDeleteRegistry();
  const [open, setOpen] = useState<'' | 'load' | 'remove' | 'area'>('');
  const state = ageState(r, limit, clock.now());
  const days = daysSince(r.as_of, clock.now());
  return (
    <Panel testid="registry" title={<span data-registry={r.id}>{r.name}</span>} aside={(
      <>
        <StatePill state={tones[state]} testid="registry-age">{t(`registry.${state}`)}</StatePill>
        {manage && <Button size="compact-sm" variant="light" leftSection={<IconFileUpload size={14} />} onClick={() => setOpen('load')} data-testid="registry-load-file">{t('registry.load')}</Button>}
        {manage && <Button size="compact-sm" variant="subtle" color="gray" leftSection={<IconTrash size={14} />} onClick={() => setOpen('remove')} aria-label={`${t('registry.remove')}: ${r.name}`}>{t('registry.remove')}</Button>}
      </>
    )}>
      <div className={css.body}>
        <dl className={css.facts}>
          <div><dt>{t('registry.numbers')}</dt><dd className={`${css.big} num`} data-testid="registry-numbers">{f.number(r.numbers)}</dd></div>
          <div><dt>{t('registry.region')}</dt><dd>{r.region}</dd></div>
          <div><dt>{t('registry.asOf')}</dt><dd>{r.as_of ? f.dateTime(r.as_of) : '–'}</dd></div>
          <div><dt>{t('registry.age')}</dt><dd>{days === null ? '–' : days === 0 ? t('registry.today') : t('registry.ageDays', { n: f.number(days) })}{limit !== null && <Text span size="xs" c="dimmed"> · {t('registry.limit', { n: f.number(limit) })}</Text>}</dd></div>
          <div>
            <dt>{t('coverage.title')}</dt>
            <dd data-testid="registry-area"><Area of={r} />{manage && <> <Button size="compact-xs" variant="subtle" onClick={() => setOpen('area')} aria-label={`${t('coverage.change')}: ${r.name}`} data-testid="registry-area-change">{t('coverage.change')}</Button></>}</dd>
          </div>
          <div><dt>{t('registry.who')}</dt><dd>{t(r.everyone ? 'registry.forAll' : 'registry.forSome')}</dd></div>
        </dl>
      </div>
      <Loads id={r.id} manage={manage} />
      <CoverageDialog registry={r} opened={open === 'area'} onClose={() => setOpen('')} />
      <LoadRegistry registry={r} opened={open === 'load'} onClose={() => setOpen('')} />
      <Confirm opened={open === 'remove'} danger title={t('registry.removeAsk', { name: r.name })} hint={t('registry.removeHint')} action={t('registry.remove')} busy={remove.isPending} onClose={() => setOpen('')}
        onConfirm={() => remove.mutate(r.id, { onSuccess: () => toastOK(t('registry.removed')), onError: toastProblem, onSettled: () => setOpen('') })} />
    </Panel>
  );
}

/** National and state registries: how old each is, by what rules allow, and how far its file is loaded. */
export function Registries() {
  const { t } = useTranslation();
  const manage = may(useUser(), 'manage');
  const registries = useRegistries();
  const packs = usePacks();
  const campaigns = useCampaigns();
  const [adding, setAdding] = useState<string | null>(null);
  // What stands above comes at once with what is below it: nothing moves from under the mouse.
  const waiting = registries.isPending || packs.isPending || campaigns.isPending;
  const demands = (campaigns.data ?? []).flatMap((c) => c.settings?.registries ?? []);
  return (
    <>
      {manage && <Group mb={12}><Button leftSection={<IconPlus size={16} />} onClick={() => setAdding('US')} data-testid="add-registry">{t('registry.add')}</Button></Group>}
      {waiting && !registries.isError && <RowsSkeleton rows={10} />}
      {(!waiting || registries.isError) && (
        <div className={css.cards}>
          {packs.data && campaigns.data && registries.data && <Needs packs={packs.data} campaigns={campaigns.data} registries={registries.data} make={manage ? setAdding : undefined} />}
          <Load query={registries} empty={(r) => r.length === 0} whenEmpty={<Panel testid="registries-empty"><Empty title={t('registry.empty')} hint={t('registry.emptyHint')} /></Panel>}>
            {(all) => <div className={css.cards} data-testid="registries">{all.map((r) => <Card key={r.id} r={r} manage={manage} limit={ageLimit(r.region, packs.data ?? [], demands)} />)}</div>}
          </Load>
        </div>
      )}
      {adding !== null && <NewRegistry region={adding} onClose={() => setAdding(null)} />}
    </>
  );
}
