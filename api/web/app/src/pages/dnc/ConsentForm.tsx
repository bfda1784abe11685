import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/http';
import { useAddConsents } from '../../api/lawQueries';
import { clock } from '../../lib/clock';
import { applyProblem } from '../../lib/form';
import { toWall } from '../../lib/zone';
import { toastOK } from '../../ui/toast';
import { isPhone, plainPhone } from './consent';
import { endOfDay } from './SuppressForm';

const here = () => toWall(clock.now(), Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC');

/** Writes a consent into the ledger. */
export function ConsentForm({ opened, onClose, phone = '' }: { opened: boolean; onClose: () => void; phone?: string }) {
  const { t } = useTranslation();
  const add = useAddConsents();
  const form = useForm({
    initialValues: { phone, person: '', purpose: 'marketing', evidence: '', source: '', given_at: here(), until: '' },
    validate: {
      phone: (v, all) => (v.trim() === '' ? (all.person.trim() ? null : t('consent.either')) : isPhone(v) ? null : t('code.invalid.phone')),
      purpose: (v) => (/^[a-z0-9_.-]{1,40}$/.test(v) ? null : t('code.invalid.format')),
      evidence: (v) => (v.trim() ? null : t('code.invalid.required')),
      given_at: (v) => (Number.isFinite(Date.parse(v)) ? null : t('code.invalid.required')),
    },
  });
  useEffect(() => {
    if (!opened) return;
    form.setFieldValue('phone', phone);
    form.setFieldValue('given_at', here());
  }, [opened, phone]); // eslint-disable-line react-hooks/exhaustive-deps
  const submit = form.onSubmit(async (v) => {
    try {
      const done = await add.mutateAsync([{
        phone: plainPhone(v.phone) || undefined, person: v.person.trim() || undefined, purpose: v.purpose, evidence: v.evidence.trim(), source: v.source.trim() || undefined,
        given_at: new Date(v.given_at).toISOString(), until: v.until ? endOfDay(v.until) : undefined,
      }]);
      toastOK(t(done.added ? 'consent.done' : 'consent.known'));
      form.reset();
      onClose();
    } catch (e) {
      // The server names a field of the list that was sent: consents.0.phone.
      applyProblem(form, e instanceof ApiError ? new ApiError(e.status, e.code, e.message, e.fields.map((x) => ({ ...x, path: x.path.replace(/^consents\.0\./, '') }))) : e);
    }
  });
  return (
    <Modal opened={opened} onClose={onClose} title={t('consent.add')}>
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <Group grow align="start">
            <TextInput label={t('consent.phone')} placeholder="+12065550100" inputMode="tel" readOnly={phone !== ''} {...form.getInputProps('phone')} data-testid="consent-phone" />
            <TextInput label={`${t('suppress.personKey')} (${t('ui.optional')})`} maxLength={200} {...form.getInputProps('person')} />
          </Group>
          <TextInput label={t('consent.purpose')} description={t('consent.purposeHint')} maxLength={40} {...form.getInputProps('purpose')} data-testid="consent-purpose" />
          <Textarea label={t('consent.evidence')} description={t('consent.evidenceHint')} autosize minRows={2} maxRows={6} maxLength={4000} data-autofocus {...form.getInputProps('evidence')} data-testid="consent-evidence" />
          <TextInput label={`${t('consent.source')} (${t('ui.optional')})`} maxLength={200} {...form.getInputProps('source')} />
          <Group grow align="start">
            <TextInput type="datetime-local" label={t('consent.given')} {...form.getInputProps('given_at')} />
            <TextInput type="date" label={`${t('consent.until')} (${t('ui.optional')})`} {...form.getInputProps('until')} />
          </Group>
          <Group justify="flex-end"><Button variant="default" onClick={onClose}>{t('act.cancel')}</Button><Button type="submit" loading={add.isPending} data-testid="consent-save">{t('consent.add')}</Button></Group>
        </Stack>
      </form>
    </Modal>
  );
}
