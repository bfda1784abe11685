import { ActionIcon, Button, Group, Modal, Select, Stack, Table, TextInput, Tooltip } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus, IconSearch, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAddDNC, useCampaigns, useDNC, useRemoveDNC } from '../../api/queries';
import type { DNC } from '../../api/types';
import { phoneText, useFormats } from '../../lib/format';
import { applyProblem } from '../../lib/form';
import { may, useUser } from '../../lib/session';
import { Confirm } from '../../ui/confirm';
import { toastOK, toastProblem } from '../../ui/toast';
import { Empty, Load, Page, Panel, Scroll } from '../../ui/ui';

function AddNumber({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const add = useAddDNC();
  const campaigns = useCampaigns();
  const form = useForm({
    initialValues: { phone: '', reason: t('dnc.reasonDefault'), campaign_id: '', until: '' },
    validate: {
      phone: (v) => (/^\+[1-9][0-9]{5,14}$/.test(v.replace(/[\s()-]/g, '')) ? null : t('code.invalid.phone')),
      reason: (v) => (v.trim() ? null : t('code.invalid.required')),
    },
  });
  const submit = form.onSubmit(async (v) => {
    const phone = v.phone.replace(/[\s()-]/g, '');
    try {
      await add.mutateAsync({
        phone, reason: v.reason.trim(), campaign_id: v.campaign_id || undefined,
        until: v.until ? new Date(v.until + 'T23:59:59').toISOString() : undefined,
      });
      toastOK(t('dnc.done', { phone: phoneText(phone) }));
      form.reset();
      onClose();
    } catch (e) {
      applyProblem(form, e);
    }
  });
  return (
    <Modal opened={opened} onClose={onClose} title={t('dnc.add')}>
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <TextInput label={t('dnc.phone')} placeholder="+8613800138000" inputMode="tel" data-autofocus {...form.getInputProps('phone')} data-testid="dnc-phone" />
          <TextInput label={t('dnc.reason')} maxLength={200} {...form.getInputProps('reason')} data-testid="dnc-reason" />
          <Group grow>
            <Select label={t('dnc.campaign')} placeholder={t('dnc.everywhere')} clearable
              data={(campaigns.data ?? []).map((c) => ({ value: c.id, label: c.name }))} {...form.getInputProps('campaign_id')} />
            <TextInput type="date" label={`${t('dnc.until')} (${t('ui.optional')})`} {...form.getInputProps('until')} />
          </Group>
          <Group justify="flex-end" mt="xs">
            <Button variant="default" onClick={onClose}>{t('act.cancel')}</Button>
            <Button type="submit" loading={add.isPending} data-testid="dnc-save">{t('act.add')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

export default function DncPage() {
  const { t } = useTranslation();
  const f = useFormats();
  const [q, setQ] = useState('');
  const [phone] = useDebouncedValue(q.replace(/[\s()-]/g, ''), 300);
  const entries = useDNC(phone);
  const manage = may(useUser(), 'manage');
  const campaigns = useCampaigns();
  const remove = useRemoveDNC();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<DNC | null>(null);
  const nameOf = (id: string | null) => (id ? (campaigns.data?.find((c) => c.id === id)?.name ?? '…') : t('dnc.everywhere'));
  const confirmRemove = () => {
    if (!removing) return;
    remove.mutate(removing.id, {
      onSuccess: () => toastOK(t('dnc.removed', { phone: phoneText(removing.phone) })),
      onError: toastProblem,
      onSettled: () => setRemoving(null),
    });
  };
  return (
    <Page title={t('dnc.title')} actions={
      <>
        <TextInput w={220} placeholder={t('dnc.search')} aria-label={t('dnc.search')} leftSection={<IconSearch size={15} />} value={q}
          onChange={(e) => setQ(e.currentTarget.value)} data-testid="dnc-search" />
        <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)} data-testid="add-dnc">{t('dnc.add')}</Button>
      </>
    }>
      <Panel>
        <Load query={entries} empty={(d) => d.length === 0}
          whenEmpty={phone ? <Empty title={t('dnc.noMatch')} /> : <Empty title={t('dnc.empty')} hint={t('dnc.emptyHint')} />}>
          {(rows) => (
            <Scroll>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('dnc.phone')}</Table.Th><Table.Th>{t('dnc.reason')}</Table.Th><Table.Th>{t('dnc.campaign')}</Table.Th>
                    <Table.Th>{t('dnc.until')}</Table.Th><Table.Th>{t('dnc.added')}</Table.Th><Table.Th />
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {rows.map((d) => (
                    <Table.Tr key={d.id} data-testid="dnc-row" data-phone={d.phone}>
                      <Table.Td className="num">{phoneText(d.phone)}</Table.Td>
                      <Table.Td>{d.reason}</Table.Td>
                      <Table.Td>{nameOf(d.campaign_id)}</Table.Td>
                      <Table.Td>{d.until ? f.dateTime(d.until) : t('dnc.forever')}</Table.Td>
                      <Table.Td>{f.dateTime(d.created_at)}</Table.Td>
                      <Table.Td ta="right">
                        {manage && <Tooltip label={t('act.remove')}>
                          <ActionIcon variant="subtle" color="gray" onClick={() => setRemoving(d)} aria-label={`${t('act.remove')}: ${d.phone}`} data-testid="dnc-remove">
                            <IconTrash size={16} />
                          </ActionIcon>
                        </Tooltip>}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Scroll>
          )}
        </Load>
      </Panel>
      <AddNumber opened={adding} onClose={() => setAdding(false)} />
      <Confirm opened={removing !== null} danger title={t('dnc.removeAsk', { phone: phoneText(removing?.phone ?? '') })} hint={t('dnc.removeHint')}
        action={t('act.remove')} busy={remove.isPending} onConfirm={confirmRemove} onClose={() => setRemoving(null)} />
    </Page>
  );
}
