import { Button, Group, Modal, SegmentedControl, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useSuppress } from '../../api/lawQueries';
import { useCampaigns } from '../../api/queries';
import { phoneText } from '../../lib/format';
import { applyProblem } from '../../lib/form';
import { toastOK } from '../../ui/toast';
import { isPhone, plainPhone } from './consent';

interface Props {
  opened: boolean;
  onClose: () => void;
  /** The number of a contact; empty: any. */
  phone?: string;
}

/** The end of a day where the reader is. */
export const endOfDay = (day: string) => new Date(day + 'T23:59:59').toISOString();

/** Puts a number or a person on the do-not-call list. */
export function SuppressForm({ opened, onClose, phone = '' }: Props) {
  const { t } = useTranslation();
  const add = useSuppress();
  const campaigns = useCampaigns();
  const form = useForm({
    initialValues: { what: 'number', phone, person: '', reason: t('dnc.reasonDefault'), campaign_id: '', until: '' },
    validate: {
      phone: (v, all) => (all.what !== 'number' || isPhone(v) ? null : t('code.invalid.phone')),
      person: (v, all) => (all.what !== 'person' || v.trim() ? null : t('code.invalid.required')),
      reason: (v) => (v.trim() ? null : t('code.invalid.required')),
    },
  });
  useEffect(() => {
    if (opened) form.setFieldValue('phone', phone);
  }, [opened, phone]); // eslint-disable-line react-hooks/exhaustive-deps
  const submit = form.onSubmit(async (v) => {
    const number = v.what === 'number';
    try {
      await add.mutateAsync({
        phone: number ? plainPhone(v.phone) : undefined, person: number ? undefined : v.person.trim(), reason: v.reason.trim(),
        campaign_id: v.campaign_id || undefined, until: v.until ? endOfDay(v.until) : undefined,
      });
      toastOK(t('dnc.done', { phone: number ? phoneText(plainPhone(v.phone)) : v.person.trim() }));
      form.reset();
      onClose();
    } catch (e) {
      applyProblem(form, e);
    }
  });
  return (
    <Modal opened={opened} onClose={onClose} title={phone ? t('contact.dncAsk', { phone: phoneText(phone) }) : t('dnc.add')}>
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          {!phone && (
            <SegmentedControl aria-label={t('suppress.what')} data={[{ value: 'number', label: t('suppress.number') }, { value: 'person', label: t('suppress.person') }]} {...form.getInputProps('what')} data-testid="dnc-what" />
          )}
          {form.values.what === 'number'
            ? !phone && <TextInput label={t('dnc.phone')} placeholder="+8613800138000" inputMode="tel" data-autofocus {...form.getInputProps('phone')} data-testid="dnc-phone" />
            : <TextInput label={t('suppress.personKey')} description={t('suppress.personHint')} maxLength={200} data-autofocus {...form.getInputProps('person')} data-testid="dnc-person" />}
          <TextInput label={t('dnc.reason')} maxLength={200} data-autofocus={phone ? true : undefined} {...form.getInputProps('reason')} data-testid="dnc-reason" />
          <Group grow align="start">
            <Select label={t('dnc.campaign')} placeholder={t('dnc.everywhere')} clearable searchable
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
