import { Button, Group, Modal, Select, Stack, Table, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconListDetails, IconPlus, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { useCampaigns, useCreateList, useLists } from '../../api/queries';
import { applyProblem } from '../../lib/form';
import { useFormats } from '../../lib/format';
import { may, useUser } from '../../lib/session';
import { Empty, Load, Page, Panel, Scroll } from '../../ui/ui';

const REGIONS = ['CN', 'HK', 'TW', 'MO', 'SG', 'MY', 'JP', 'KR', 'US', 'CA', 'GB', 'IE', 'DE', 'FR', 'ES', 'IT', 'NL', 'AU', 'NZ', 'IN', 'BR', 'MX'];

function regions(language: string) {
  const names = new Intl.DisplayNames(language, { type: 'region' });
  return REGIONS.map((value) => ({ value, label: `${value} · ${names.of(value) ?? ''}` }));
}

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

export default function ListsPage() {
  const { t } = useTranslation();
  const f = useFormats();
  const lists = useLists(10_000);
  const [creating, setCreating] = useState(false);
  const campaigns = useCampaigns();
  const manage = may(useUser(), 'manage');
  const usedBy = (id: string) => (campaigns.data ?? []).filter((c) => c.list_ids?.includes(id)).map((c) => c.name).join(', ');
  const create = manage && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)} data-testid="create-list">{t('lists.create')}</Button>
  );
  return (
    <Page title={t('lists.title')} actions={create}>
      <Panel>
        <Load query={lists} empty={(l) => l.length === 0}
          whenEmpty={<Empty icon={<IconListDetails size={36} stroke={1.4} />} title={t('lists.empty')} hint={t('lists.emptyHint')} action={create} />}>
          {(rows) => (
            <Scroll>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('lists.name')}</Table.Th>
                    <Table.Th ta="right">{t('lists.contacts')}</Table.Th><Table.Th>{t('lists.regionShort')}</Table.Th>
                    <Table.Th>{t('lists.usedBy')}</Table.Th><Table.Th>{t('lists.created')}</Table.Th><Table.Th />
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {rows.map((l) => (
                    <Table.Tr key={l.id} data-testid="list-row" data-list={l.id}>
                      <Table.Td maw={320}><div className="truncate" title={l.name}><Link href={`/lists/${l.id}`}>{l.name}</Link></div></Table.Td>
                      <Table.Td ta="right" className="num" data-count="contacts">{f.number(l.contacts)}</Table.Td>
                      <Table.Td>{l.region}</Table.Td>
                      <Table.Td maw={300} c="dimmed"><div className="truncate" title={usedBy(l.id)}>{usedBy(l.id) || '–'}</div></Table.Td>
                      <Table.Td style={{ whiteSpace: 'nowrap' }}>{f.dateTime(l.created_at)}</Table.Td>
                      <Table.Td ta="right">
                        {manage && <Button component={Link} href={`/lists/${l.id}`} size="compact-sm" variant="subtle" leftSection={<IconUpload size={14} />}>
                          {t('lists.upload')}
                        </Button>}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Scroll>
          )}
        </Load>
      </Panel>
      <CreateList opened={creating} onClose={() => setCreating(false)} />
    </Page>
  );
}
