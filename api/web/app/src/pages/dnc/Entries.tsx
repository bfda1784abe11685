import { ActionIcon, Button, Group, Select, Table, Text, TextInput, Tooltip, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconDownload, IconFileUpload, IconPlus, IconSearch, IconTrash } from '@tabler/icons-react';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAllow, useDNCPages } from '../../api/lawQueries';
import { useCampaigns } from '../../api/queries';
import type { DNC } from '../../api/types';
import { phoneText, useFormats } from '../../lib/format';
import { ReasonDialog } from '../../ui/ReasonDialog';
import { Scroll } from '../../ui/ui';
import { useUserNames } from '../campaigns/api';
import { isNumberLike, plainPhone } from './consent';
import { NumbersFile } from './NumbersFile';
import { RowsPanel } from './RowsPanel';
import { SuppressForm } from './SuppressForm';

function whom(t: TFunction, d: DNC): string {
  return d.phone ? phoneText(d.phone) : t('suppress.person_entry', { id: d.person });
}

function Remove({ entry, onClose }: { entry: DNC | null; onClose: () => void }) {
  const { t } = useTranslation();
  const allow = useAllow();
  const phone = entry ? whom(t, entry) : '';
  return (
    <ReasonDialog opened={entry !== null} onClose={onClose} title={t('dnc.removeAsk', { phone })} lines={[t('dnc.removeHint')]} label={t('suppress.removeReason')} description={t('suppress.removeReasonHint')} longest={200}
      action={t('act.remove')} done={t('dnc.removed', { phone })} onReason={(reason) => allow.mutateAsync({ id: entry!.id, reason })} />
  );
}

function useNames(): (id: string | null) => string {
  const { t } = useTranslation();
  const campaigns = useCampaigns();
  return (id) => (id ? (campaigns.data?.find((c) => c.id === id)?.name ?? '…') : t('dnc.everywhere'));
}

function Rows({ rows, remove }: { rows: DNC[]; remove: (d: DNC) => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const nameOf = useNames();
  const users = useUserNames();
  const who = (id: string | null) => users.data?.find((u) => u.id === id)?.name ?? '';
  return (
    <Scroll>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('suppress.what')}</Table.Th><Table.Th>{t('dnc.reason')}</Table.Th><Table.Th>{t('dnc.campaign')}</Table.Th><Table.Th>{t('dnc.until')}</Table.Th><Table.Th>{t('dnc.added')}</Table.Th>
            <Table.Th>{t('suppress.by')}</Table.Th><Table.Th><VisuallyHidden>{t('board.actions')}</VisuallyHidden></Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((d) => (
            <Table.Tr key={d.id} data-testid="dnc-row" data-phone={d.phone} data-person={d.person}>
              <Table.Td className="num" style={{ whiteSpace: 'nowrap' }} maw={240}><div className="truncate" title={whom(t, d)}>{whom(t, d)}</div>{d.phone && d.person && <Text size="xs" c="dimmed" className="truncate">{t('suppress.viaPerson', { id: d.person })}</Text>}</Table.Td>
              <Table.Td maw={300}><div className="truncate" title={d.reason}>{d.reason}</div></Table.Td>
              <Table.Td maw={220}><div className="truncate" title={nameOf(d.campaign_id)}>{nameOf(d.campaign_id)}</div></Table.Td>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>{d.until ? f.dateTime(d.until) : t('dnc.forever')}</Table.Td>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>{f.dateTime(d.created_at)}</Table.Td>
              <Table.Td maw={140}><div className="truncate" title={who(d.by)}>{who(d.by)}</div></Table.Td>
              <Table.Td ta="right">
                <Tooltip label={t('act.remove')}>
                  <ActionIcon variant="subtle" color="gray" onClick={() => remove(d)} aria-label={`${t('act.remove')}: ${d.phone || d.person}`} data-testid="dnc-remove"><IconTrash size={16} /></ActionIcon>
                </Tooltip>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}

/** Numbers and people that must not be called: look for them, add, remove, load a file, take them home. */
export function Entries() {
  const { t } = useTranslation();
  const [what, setWhat] = useState('');
  const [reason, setReason] = useState('');
  const [campaign, setCampaign] = useState<string | null>(null);
  const [filter] = useDebouncedValue({ what: what.trim(), q: reason.trim(), campaign_id: campaign ?? '' }, 250);
  const number = isNumberLike(filter.what);
  const query = useDNCPages({ phone: number ? plainPhone(filter.what) : '', person: number ? '' : filter.what, q: filter.q, campaign_id: filter.campaign_id }, true);
  const campaigns = useCampaigns();
  const [open, setOpen] = useState<'' | 'add' | 'file'>('');
  const [removing, setRemoving] = useState<DNC | null>(null);
  const filtered = !!(filter.what || filter.q || filter.campaign_id);
  return (
    <>
      <Group gap={8} mb={12}>
        <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen('add')} data-testid="add-dnc">{t('dnc.add')}</Button>
        <Button variant="default" leftSection={<IconFileUpload size={16} />} onClick={() => setOpen('file')} data-testid="dnc-file">{t('suppress.file')}</Button>
        <Tooltip label={t('suppress.exportHint')}><Button component="a" href="/api/dnc/file" download variant="default" leftSection={<IconDownload size={16} />} data-testid="dnc-export">{t('suppress.export')}</Button></Tooltip>
      </Group>
      <RowsPanel query={query} filtered={filtered} none={t('dnc.noMatch')} empty={t('dnc.empty')} emptyHint={t('dnc.emptyHint')} testid="dnc-entries" filters={(
        <>
          <TextInput size="xs" placeholder={t('dnc.search')} aria-label={t('dnc.search')} leftSection={<IconSearch size={14} />} value={what} onChange={(e) => setWhat(e.currentTarget.value)} data-testid="dnc-search" />
          <TextInput size="xs" placeholder={t('suppress.searchReason')} aria-label={t('suppress.searchReason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
          <Select size="xs" clearable searchable placeholder={t('dnc.campaign')} aria-label={t('dnc.campaign')} value={campaign} onChange={setCampaign} data={(campaigns.data ?? []).map((c) => ({ value: c.id, label: c.name }))} />
        </>
      )}>
        {(rows) => <Rows rows={rows} remove={setRemoving} />}
      </RowsPanel>
      <SuppressForm opened={open === 'add'} onClose={() => setOpen('')} />
      <NumbersFile opened={open === 'file'} onClose={() => setOpen('')} />
      <Remove entry={removing} onClose={() => setRemoving(null)} />
    </>
  );
}
