import { Button, Group, Modal, NumberInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSaveTrunk } from '../../api/queries';
import type { Trunk } from '../../api/types';
import { applyProblem } from '../../lib/form';
import { wrongNumber } from '../../lib/numbers';
import { NumbersField } from '../../ui/NumbersField';
import { toastOK } from '../../ui/toast';
import { errorAt } from '../campaigns/deskform';
import { changedOf, type TrunkFields } from './trunk';

const fresh: TrunkFields = { name: '', endpoint: '', max_channels: 30, cps: 2, caller_ids: [] };

/** A new trunk, or one that is changed: only what was changed here is sent, so that nobody else's change is undone. */
export function TrunkForm({ trunk, onClose }: { trunk: Trunk | null; onClose: () => void }) {
  const { t } = useTranslation();
  const save = useSaveTrunk();
  const first: TrunkFields = trunk ? { name: trunk.name, endpoint: trunk.endpoint, max_channels: trunk.max_channels, cps: trunk.cps, caller_ids: trunk.caller_ids ?? [] } : fresh;
  const form = useForm<TrunkFields>({
    initialValues: first,
    validate: {
      name: (v) => (v.trim() ? null : t('code.invalid.required')),
      endpoint: (v) => (/^[A-Za-z0-9_-]{1,40}$/.test(v) ? null : t('trunks.endpointHint')),
      max_channels: (v) => (Number.isInteger(v) && Number(v) >= 1 && Number(v) <= 10000 ? null : t('code.invalid.between', { from: 1, to: 10000 })),
      cps: (v) => (typeof v === 'number' && v > 0 && v <= 1000 ? null : t('trunks.cpsRange')),
      caller_ids: (v) => (wrongNumber(v) ? t('code.invalid.phone') : null),
    },
  });
  const submit = form.onSubmit(async (values) => {
    try {
      const saved = await save.mutateAsync({ id: trunk?.id, fields: trunk ? changedOf(first, values) : values });
      toastOK(t(trunk ? 'trunks.changed' : 'trunks.created', { name: saved.name }));
      onClose();
    } catch (e) {
      applyProblem(form, e);
    }
  });
  return (
    <Modal opened onClose={onClose} title={trunk ? t('trunks.edit', { name: trunk.name }) : t('trunks.create')} closeOnClickOutside={!form.isDirty()}>
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <TextInput label={t('ui.name')} autoComplete="off" maxLength={120} data-autofocus {...form.getInputProps('name')} data-testid="trunk-name" />
          <TextInput label={t('trunks.endpoint')} description={t('trunks.endpointHint')} autoComplete="off" spellCheck={false} maxLength={40} {...form.getInputProps('endpoint')} data-testid="trunk-endpoint" />
          <Group grow align="flex-start">
            <NumberInput label={t('trunks.channels')} description={t('trunks.channelsHint')} min={1} max={10000} allowDecimal={false} clampBehavior="none" {...form.getInputProps('max_channels')} data-testid="trunk-channels" />
            <NumberInput label={t('trunks.cps')} description={t('trunks.cpsHint')} min={0} max={1000} step={1} clampBehavior="none" {...form.getInputProps('cps')} data-testid="trunk-cps" />
          </Group>
          <NumbersField label={t('callers.trunk')} description={t('callers.trunkHint')} most={1000} value={form.values.caller_ids} onChange={(v) => form.setFieldValue('caller_ids', v)} error={errorAt(form.errors, 'caller_ids') as ReactNode} testid="trunk-numbers" />
          <Group justify="flex-end" mt="xs">
            <Button variant="default" onClick={onClose}>{t('act.cancel')}</Button>
            <Button type="submit" loading={save.isPending} disabled={trunk !== null && !form.isDirty()} data-testid="trunk-save">{t(trunk ? 'trunks.save' : 'act.create')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
