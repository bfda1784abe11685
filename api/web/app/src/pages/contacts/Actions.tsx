import { Button, Group, Menu, Modal, Stack, Switch, Text, TextInput } from '@mantine/core';
import { IconDots, IconEraser, IconFileDownload, IconPhoneOff, IconSignature } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useErase, usePersonRecord } from '../../api/lawQueries';
import type { Contact } from '../../api/types';
import { phoneText, useFormats } from '../../lib/format';
import { saveFile } from '../../lib/save';
import { toastOK, toastProblem } from '../../ui/toast';
import { ConsentForm } from '../dnc/ConsentForm';
import { SuppressForm } from '../dnc/SuppressForm';

function Erase({ contact, opened, onClose, onDone }: { contact: Contact; opened: boolean; onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const erase = useErase();
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [keep, setKeep] = useState(false);
  const digits = (s: string) => s.replace(/\D/g, '');
  const sure = digits(typed) === digits(contact.phone) && reason.trim() !== '';
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!sure) return;
    erase.mutate({ contact_id: contact.id, reason: reason.trim(), keep_calls: keep }, {
      onSuccess: (d) => {
        toastOK(t('journey.erased', { contacts: f.number(d.contacts), numbers: f.number(d.numbers), recordings: f.number(d.recordings?.length ?? 0) }));
        onDone();
      },
      onError: toastProblem,
    });
  };
  return (
    <Modal opened={opened} onClose={onClose} title={t('journey.eraseAsk', { name: contact.name || phoneText(contact.phone) })}>
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <Text size="sm" c="dimmed">{t('journey.eraseHint')}</Text>
          <TextInput label={t('journey.eraseReason')} maxLength={200} value={reason} onChange={(e) => setReason(e.currentTarget.value)} data-autofocus data-testid="erase-reason" />
          <TextInput label={t('journey.eraseConfirm')} placeholder={contact.phone} inputMode="tel" value={typed} onChange={(e) => setTyped(e.currentTarget.value)} data-testid="erase-number" />
          <Switch label={t('journey.keepCalls')} checked={keep} onChange={(e) => setKeep(e.currentTarget.checked)} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('act.cancel')}</Button>
            <Button type="submit" color="red" disabled={!sure} loading={erase.isPending} data-testid="erase-confirm">{t('journey.erase')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** What a list manager does with a contact besides calling: the do-not-call list, consents, and the rights of the person. */
export function Actions({ contact, onErased }: { contact: Contact; onErased: () => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<'' | 'dnc' | 'consent' | 'erase'>('');
  const record = usePersonRecord();
  const close = () => setOpen('');
  const take = () => record.mutate(contact.id, {
    onSuccess: (r) => {
      saveFile(`person-${contact.phone.replace(/\D/g, '')}.json`, JSON.stringify(r, null, 2), 'application/json');
      toastOK(t('journey.recordDone'));
    },
    onError: toastProblem,
  });
  return (
    <>
      <Button variant="default" leftSection={<IconPhoneOff size={16} />} onClick={() => setOpen('dnc')} data-testid="add-dnc">{t('contact.addDNC')}</Button>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target><Button variant="default" leftSection={<IconDots size={16} />} loading={record.isPending} data-testid="contact-more">{t('journey.actions')}</Button></Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconSignature size={16} />} onClick={() => setOpen('consent')} data-testid="contact-consent-add">{t('consent.add')}</Menu.Item>
          <Menu.Item leftSection={<IconFileDownload size={16} />} onClick={take} data-testid="contact-record">{t('journey.record')}</Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<IconEraser size={16} />} onClick={() => setOpen('erase')} data-testid="contact-erase">{t('journey.erase')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <SuppressForm opened={open === 'dnc'} onClose={close} phone={contact.phone} />
      <ConsentForm opened={open === 'consent'} onClose={close} phone={contact.phone} />
      <Erase contact={contact} opened={open === 'erase'} onClose={close} onDone={onErased} />
    </>
  );
}
