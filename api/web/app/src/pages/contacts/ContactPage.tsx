import { Button } from '@mantine/core';
import { IconHelpCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { useCampaigns, useJourney } from '../../api/queries';
import { phoneText } from '../../lib/format';
import { may, useUser } from '../../lib/session';
import { Load, Page } from '../../ui/ui';
import { Actions } from './Actions';
import css from './contact.module.css';
import { Card, Consents, Exceptions, Places } from './Side';
import { Timeline } from './Timeline';

/** One contact: who it is, where it stands, and its whole way in one order. */
export default function ContactPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const user = useUser();
  const [, go] = useLocation();
  const journey = useJourney(id);
  const campaigns = useCampaigns();
  const contact = journey.data?.contact;
  const agent = user.role === 'agent';
  return (
    <Page title={contact ? contact.name || phoneText(contact.phone) : t('contact.title')} actions={contact && !agent && (
      <>
        <Button component={Link} href={`/contacts/${id}/why`} variant="default" leftSection={<IconHelpCircle size={16} />} data-testid="contact-why">{t('journey.whyShort')}</Button>
        {may(user, 'manage') && <Actions contact={contact} onErased={() => go('/contacts')} />}
      </>
    )}>
      <Load query={journey}>
        {(j) => (
          <div className={css.layout}>
            <div className={css.side}>
              <Card contact={j.contact} blocked={j.dnc.length > 0} tags={j.tags} />
              <Places contact={j.contact} places={j.places} campaigns={campaigns.data ?? []} />
              {!agent && <Consents phone={j.contact.phone} />}
              {!agent && <Exceptions contact={j.contact} campaigns={campaigns.data ?? []} />}
            </div>
            <Timeline id={id} phone={j.contact.phone} campaigns={campaigns.data ?? []} />
          </div>
        )}
      </Load>
    </Page>
  );
}
