import { Button, Table, Text, VisuallyHidden } from '@mantine/core';
import { IconBroadcast, IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useCampaigns, useLists, useTrunks } from '../../api/queries';
import { codeName } from '../../i18n';
import { phoneText, useFormats } from '../../lib/format';
import { may, useUser } from '../../lib/session';
import { StatusButtons } from '../../ui/StatusButtons';
import { Empty, Load, Page, Panel, Scroll, StatusPill } from '../../ui/ui';

export default function CampaignsPage() {
  const { t } = useTranslation();
  const f = useFormats();
  const campaigns = useCampaigns();
  const lists = useLists();
  const trunks = useTrunks();
  const mayEdit = may(useUser(), 'manage');
  const create = mayEdit && (
    <Button component={Link} href="/campaigns/new" leftSection={<IconPlus size={16} />} data-testid="create-campaign">{t('campaigns.create')}</Button>
  );
  const listNames = (ids: string[] | null) => (ids ?? []).map((id) => lists.data?.find((l) => l.id === id)?.name).filter(Boolean).join(', ');
  return (
    <Page title={t('campaigns.title')} actions={create}>
      <Panel>
        <Load query={campaigns} empty={(c) => c.length === 0}
          whenEmpty={<Empty icon={<IconBroadcast size={36} stroke={1.4} />} title={t('campaigns.empty')} hint={t('campaigns.emptyHint')} action={create} />}>
          {(rows) => (
            <Scroll>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('ui.name')}</Table.Th><Table.Th>{t('ui.status')}</Table.Th><Table.Th>{t('campaigns.mode')}</Table.Th>
                    <Table.Th>{t('campaigns.list')}</Table.Th><Table.Th>{t('campaigns.trunk')}</Table.Th><Table.Th>{t('campaigns.callerID')}</Table.Th>
                    <Table.Th ta="right">{t('campaigns.target')}</Table.Th><Table.Th><VisuallyHidden>{t('board.actions')}</VisuallyHidden></Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {rows.map((c) => (
                    <Table.Tr key={c.id} data-testid="campaign-row" data-campaign={c.id} data-status={c.status}>
                      <Table.Td maw={300}><div className="truncate" title={c.name}><Link href={`/campaigns/${c.id}`}>{c.name}</Link></div></Table.Td>
                      <Table.Td><StatusPill status={c.status} /></Table.Td>
                      <Table.Td style={{ whiteSpace: 'nowrap' }}>{codeName('mode', c.settings.mode)}{c.settings.mode === 'power' && ` ×${f.number(c.settings.ratio)}`}</Table.Td>
                      <Table.Td maw={260}><div className="truncate" title={listNames(c.list_ids)}>{listNames(c.list_ids) || '–'}</div></Table.Td>
                      <Table.Td>{trunks.data?.find((tr) => tr.id === c.trunk_id)?.name ?? '–'}</Table.Td>
                      <Table.Td className="num" style={{ whiteSpace: 'nowrap' }}>{phoneText(c.settings.caller_id)}{!!c.settings.caller_ids?.length && <Text span size="xs" c="dimmed" title={c.settings.caller_ids.map(phoneText).join(', ')}> {t('callers.and', { n: c.settings.caller_ids.length })}</Text>}</Table.Td>
                      <Table.Td ta="right" className="num">{f.percent(c.settings.abandon_target)}</Table.Td>
                      <Table.Td><StatusButtons id={c.id} name={c.name} status={c.status} /></Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Scroll>
          )}
        </Load>
      </Panel>
    </Page>
  );
}
