import { Button, Menu } from '@mantine/core';
import { IconDots, IconEraser, IconFileZip, IconPhoneOff, IconScaleOutline, IconSignature } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Contact } from '../../api/types';
import { ConsentForm } from '../dnc/ConsentForm';
import { OverrideForm } from '../dnc/OverrideForm';
import { SuppressForm } from '../dnc/SuppressForm';
import { Erase, PersonFile } from './Person';

/** What a list manager does with a contact besides calling: the do-not-call list, consents, exceptions, and the rights of the person. */
export function Actions({ contact, onErased }: { contact: Contact; onErased: () => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<'' | 'dnc' | 'consent' | 'override' | 'file' | 'erase'>('');
  const close = () => setOpen('');
  return (
    <>
      <Button variant="default" leftSection={<IconPhoneOff size={16} />} onClick={() => setOpen('dnc')} data-testid="add-dnc">{t('contact.addDNC')}</Button>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target><Button variant="default" leftSection={<IconDots size={16} />} data-testid="contact-more">{t('journey.actions')}</Button></Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconSignature size={16} />} onClick={() => setOpen('consent')} data-testid="contact-consent-add">{t('consent.add')}</Menu.Item>
          <Menu.Item leftSection={<IconScaleOutline size={16} />} onClick={() => setOpen('override')} data-testid="contact-override-add">{t('override.add')}</Menu.Item>
          <Menu.Item leftSection={<IconFileZip size={16} />} onClick={() => setOpen('file')} data-testid="contact-record">{t('person.file')}</Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<IconEraser size={16} />} onClick={() => setOpen('erase')} data-testid="contact-erase">{t('journey.erase')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <SuppressForm opened={open === 'dnc'} onClose={close} phone={contact.phone} />
      <ConsentForm opened={open === 'consent'} onClose={close} phone={contact.phone} />
      <OverrideForm opened={open === 'override'} onClose={close} contact={contact} />
      {open === 'file' && <PersonFile contact={contact} onClose={close} />}
      {open === 'erase' && <Erase contact={contact} onClose={close} onDone={onErased} />}
    </>
  );
}
