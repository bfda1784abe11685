import { Button, Table, TextInput } from '@mantine/core';
import { IconPlus, IconRouteAltLeft, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTrunks } from '../../api/queries';
import type { Trunk } from '../../api/types';
import { useFormats } from '../../lib/format';
import { Empty, Load, Page, Panel, Scroll } from '../../ui/ui';
import { AdminTabs } from '../users/AdminTabs';
import { TrunkForm } from './TrunkForm';

/** The ways out to the telephone network: each is a SIP endpoint that the switch has. */
export default function TrunksPage() {
  const { t } = useTranslation();
  const f = useFormats();
  const trunks = useTrunks();
  const [edited, setEdited] = useState<Trunk | 'new' | null>(null);
  const [q, setQ] = useState('');
  const needle = q.trim().toLowerCase();
  const create = <Button leftSection={<IconPlus size={16} />} onClick={() => setEdited('new')} data-testid="create-trunk">{t('trunks.create')}</Button>;
  return (
    <Page title={t('trunks.title')} actions={
      <>
        <TextInput w={200} placeholder={t('trunks.search')} aria-label={t('trunks.search')} leftSection={<IconSearch size={15} />} value={q} onChange={(e) => setQ(e.currentTarget.value)} />
        {create}
      </>
    }>
      <AdminTabs at="trunks" />
      <Panel>
        <Load query={trunks} empty={(all) => all.length === 0} whenEmpty={<Empty icon={<IconRouteAltLeft size={36} stroke={1.4} />} title={t('trunks.empty')} hint={t('trunks.emptyHint')} />}>
          {(all) => (
            <Scroll>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('ui.name')}</Table.Th><Table.Th>{t('trunks.endpoint')}</Table.Th>
                    <Table.Th ta="right">{t('trunks.channels')}</Table.Th><Table.Th ta="right">{t('trunks.cps')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {all.filter((x) => !needle || `${x.name} ${x.endpoint}`.toLowerCase().includes(needle)).map((x) => (
                    <Table.Tr key={x.id} data-testid="trunk-row">
                      <Table.Td maw={480}>
                        <Button variant="subtle" size="compact-sm" maw="100%" onClick={() => setEdited(x)} aria-label={t('trunks.edit', { name: x.name })} data-testid="trunk-edit">
                          <span className="truncate">{x.name}</span>
                        </Button>
                      </Table.Td>
                      <Table.Td><code>{x.endpoint}</code></Table.Td>
                      <Table.Td ta="right">{f.number(x.max_channels)}</Table.Td>
                      <Table.Td ta="right">{f.number(x.cps)}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Scroll>
          )}
        </Load>
      </Panel>
      {edited && <TrunkForm key={edited === 'new' ? 'new' : edited.id} trunk={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
    </Page>
  );
}
