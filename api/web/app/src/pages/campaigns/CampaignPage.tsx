import { Anchor, Tabs } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { useCampaign } from '../../api/queries';
import { may, useUser } from '../../lib/session';
import { StatusButtons } from '../../ui/StatusButtons';
import { Failed, Page, Panel, RowsSkeleton, StatusPill } from '../../ui/ui';
import { CampaignForm } from './CampaignForm';
import { newCampaign } from './draft';
import { SummaryView } from './SummaryView';

function Title({ name }: { name: string }) {
  const { t } = useTranslation();
  return (
    <>
      <Anchor component={Link} href="/campaigns" inherit c="dimmed">{t('campaigns.title')}</Anchor>
      <IconChevronRight size={16} style={{ margin: '0 4px', verticalAlign: 'middle' }} aria-hidden />
      {name}
    </>
  );
}

function NewCampaign() {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const [draft] = useState(newCampaign);
  return (
    <Page title={<Title name={t('campaigns.create')} />}>
      <CampaignForm id="new" initial={draft} onSaved={(c) => go(`/campaigns/${c.id}`)} />
    </Page>
  );
}

function ExistingCampaign({ id }: { id: string }) {
  const { t } = useTranslation();
  const campaign = useCampaign(id);
  const mayEdit = may(useUser(), 'manage');
  const c = campaign.data;
  if (!c) {
    return (
      <Page title={<Title name="…" />}>
        <Panel>{campaign.isError ? <Failed error={campaign.error} retry={() => void campaign.refetch()} /> : <RowsSkeleton />}</Panel>
      </Page>
    );
  }
  return (
    <Page title={<Title name={c.name} />} actions={<><StatusPill status={c.status} testid="campaign-status" /><StatusButtons id={c.id} name={c.name} status={c.status} /></>}>
      <Tabs defaultValue="overview" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="overview" data-testid="tab-overview">{t('campaigns.overview')}</Tabs.Tab>
          {mayEdit && <Tabs.Tab value="settings" data-testid="tab-settings">{t('campaigns.settings')}</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="overview"><SummaryView campaign={c} /></Tabs.Panel>
        <Tabs.Panel value="settings"><CampaignForm key={c.revision} id={c.id} initial={c} onSaved={() => undefined} /></Tabs.Panel>
      </Tabs>
    </Page>
  );
}

export default function CampaignPage({ id }: { id: string }) {
  return id === 'new' ? <NewCampaign /> : <ExistingCampaign id={id} />;
}
