import { Badge, Button, Checkbox, Group, Modal, Select, Stack, Table, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconListDetails, IconPlus, IconSearch, IconUpload } from '@tabler/icons-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { useCampaigns, useCreateList, useLists } from '../../api/queries';
import type { ContactList } from '../../api/types';
import { clock } from '../../lib/clock';
import { applyProblem } from '../../lib/form';
import { useFormats } from '../../lib/format';
import { may, useUser } from '../../lib/session';
import { Empty, Load, Page, Panel, Scroll } from '../../ui/ui';
import { useAllProgress, type ListProgress } from './api';
import css from './lists.module.css';
import { regions } from './parts';
import { ListBar } from './ProgressBar';

const SHOWN = 100;

function CreateList({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const create = useCreateList();
  const [, go] = useLocation();
  const form = useForm({
    initialValues: { name: '', region: i18n.language === 'zh-CN' ? 'CN' : 'US' },
    validate: { name: (v) => (v.trim() ? null : t('code.invalid.required')) },
  });
  const submit = form.onSubmit(async (v) => {
    try {
      const made = await create.mutateAsync({ name: v.name.trim(), region: v.region });
      onClose();
      go(`/lists/${made.id}`);
    } catch (e) {
      applyProblem(form, e);
    }
  });
  return (
    <Modal opened={opened} onClose={onClose} title={t('lists.create')}>
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <TextInput label={t('lists.name')} maxLength={120} data-autofocus {...form.getInputProps('name')} data-testid="list-name" />
          <Select label={t('lists.region')} description={t('lists.regionHint')} searchable allowDeselect={false}
            data={regions(i18n.language)} {...form.getInputProps('region')} data-testid="list-region" />
          <Group justify="flex-end" mt="xs">
            <Button variant="default" onClick={onClose}>{t('act.cancel')}</Button>
            <Button type="submit" loading={create.isPending} data-testid="list-save">{t('act.create')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface RowProps {
  list: ContactList;
  places: ListProgress[];
  campaigns: Map<string, string>;
  manage: boolean;
}

function Row({ list, places, campaigns, manage }: RowProps) {
  const { t } = useTranslation();
  const f = useFormats();
  return (
    <Table.Tr data-testid="list-row" data-list={list.id}>
      <Table.Td className={css.nameCell}>
        <div className="truncate" title={list.name}><Link href={`/lists/${list.id}`}>{list.name}</Link></div>
        {list.archived_at && <Badge size="xs" variant="light" color="gray">{t('lists.isArchived')}</Badge>}
      </Table.Td>
      <Table.Td ta="right" className="num" data-count="contacts">{f.number(list.contacts)}</Table.Td>
      <Table.Td>
        {places.length === 0 && <span className={css.soft}>{t('lists.unused')}</span>}
        {places.map((p) => (
          <div key={p.campaign_id} className={css.place} data-testid="list-place" data-campaign={p.campaign_id}>
            <div className={`truncate ${css.soft}`} title={campaigns.get(p.campaign_id)}>{campaigns.get(p.campaign_id) ?? '…'}</div>
            <ListBar of={p} />
          </div>
        ))}
      </Table.Td>
      <Table.Td>{list.region}</Table.Td>
      <Table.Td className={css.whenCell}>{f.dateTime(list.created_at)}</Table.Td>
      <Table.Td ta="right">
        {manage && !list.archived_at && (
          <Button component={Link} href={`/lists/${list.id}/import`} size="compact-sm" variant="subtle" leftSection={<IconUpload size={14} />} aria-label={`${t('lists.load')}: ${list.name}`}>
            {t('lists.load')}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

export default function ListsPage() {
  const { t } = useTranslation();
  const f = useFormats();
  const lists = useLists(10_000);
  const progress = useAllProgress();
  const campaigns = useCampaigns();
  const [creating, setCreating] = useState(false);
  const [archived, setArchived] = useState(false);
  const [q, setQ] = useState('');
  const [most, setMost] = useState(SHOWN);
  const needle = useDeferredValue(q.trim().toLowerCase());
  const manage = may(useUser(), 'manage');
  const names = useMemo(() => new Map((campaigns.data ?? []).map((c) => [c.id, c.name])), [campaigns.data]);
  const places = useMemo(() => {
    const by = new Map<string, ListProgress[]>();
    for (const p of progress.data?.items ?? []) by.set(p.list_id, [...(by.get(p.list_id) ?? []), p]);
    return by;
  }, [progress.data]);
  const create = manage && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)} data-testid="create-list">{t('lists.create')}</Button>
  );
  const away = lists.data?.filter((l) => l.archived_at).length ?? 0;
  return (
    <Page title={t('lists.title')} actions={create}>
      <Panel
        title={progress.data && <span className={css.age} title={f.dateTime(progress.data.at)}>{t('lists.asOf', { time: f.relative(progress.data.at, clock.now()) })}</span>}
        aside={(
          <Group gap="sm">
            {away > 0 && <Checkbox size="xs" label={t('lists.showArchived', { n: away })} checked={archived} onChange={(e) => setArchived(e.currentTarget.checked)} data-testid="show-archived" />}
            <TextInput size="xs" w={200} placeholder={t('lists.find')} aria-label={t('lists.find')} value={q} onChange={(e) => setQ(e.currentTarget.value)}
              leftSection={<IconSearch size={14} />} data-testid="list-search" />
          </Group>
        )}>
        <Load query={lists} empty={(l) => l.length === 0}
          whenEmpty={<Empty icon={<IconListDetails size={36} stroke={1.4} />} title={t('lists.empty')} hint={t('lists.emptyHint')} action={create} />}>
          {(all) => {
            const rows = all.filter((l) => (archived || !l.archived_at) && l.name.toLowerCase().includes(needle));
            if (rows.length === 0) return <Empty title={t('lists.noList')} />;
            return (
              <>
                <Scroll>
                  <Table className={css.listTable}>
                    <Table.Thead>
                      <Table.Tr>
                        <Table.Th>{t('lists.name')}</Table.Th><Table.Th ta="right">{t('lists.contacts')}</Table.Th><Table.Th>{t('lists.progress')}</Table.Th>
                        <Table.Th>{t('lists.regionShort')}</Table.Th><Table.Th>{t('lists.created')}</Table.Th><Table.Th><span className={css.hidden}>{t('lists.load')}</span></Table.Th>
                      </Table.Tr>
                    </Table.Thead>
                    <Table.Tbody>
                      {rows.slice(0, most).map((l) => <Row key={l.id} list={l} places={places.get(l.id) ?? []} campaigns={names} manage={manage} />)}
                    </Table.Tbody>
                  </Table>
                </Scroll>
                {rows.length > most && (
                  <div className={css.pager}>
                    <Text size="xs" c="dimmed">{t('lists.someOf', { n: f.number(most), all: f.number(rows.length) })}</Text>
                    <Button size="xs" variant="default" onClick={() => setMost((n) => n + 200)} data-testid="more-lists">{t('lists.more')}</Button>
                  </div>
                )}
              </>
            );
          }}
        </Load>
      </Panel>
      <CreateList opened={creating} onClose={() => setCreating(false)} />
    </Page>
  );
}
