import { Anchor, Tabs } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { useCampaign } from '../../api/queries';
import { may, useUser } from '../../lib/session';
import { StatusButtons } from '../../ui/StatusButtons';
import { Failed, Page, Panel, RowsSkeleton, StatusPill } from '../../ui/ui';
import { PacingView } from '../pacing/PacingView';
import { WhatIfView } from '../whatif/WhatIfView';
import { CampaignWhyView } from '../why/CampaignWhyView';
import { AssignView } from './AssignView';
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

const TABS = ['overview', 'agents', 'why', 'pacing', 'whatif', 'settings'] as const;
type Tab = (typeof TABS)[number];

function ExistingCampaign({ id, tab }: { id: string; tab: string }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const campaign = useCampaign(id);
  const mayEdit = may(useUser(), 'manage');
  const shown: Tab = TABS.find((x) => x === tab && (x !== 'settings' || mayEdit)) ?? 'overview';
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
      <Tabs value={shown} onChange={(v) => go(v === 'overview' ? `/campaigns/${id}` : `/campaigns/${id}/${v}`)} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="overview" data-testid="tab-overview">{t('campaigns.overview')}</Tabs.Tab>
          <Tabs.Tab value="agents" data-testid="tab-agents">{t('steer.tab')}</Tabs.Tab>
          <Tabs.Tab value="why" data-testid="tab-why">{t('why.tab')}</Tabs.Tab>
          <Tabs.Tab value="pacing" data-testid="tab-pacing">{t('pacing.tab')}</Tabs.Tab>
          <Tabs.Tab value="whatif" data-testid="tab-whatif">{t('whatif.tab')}</Tabs.Tab>
          {mayEdit && <Tabs.Tab value="settings" data-testid="tab-settings">{t('campaigns.settings')}</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="overview"><SummaryView campaign={c} /></Tabs.Panel>
        <Tabs.Panel value="agents"><AssignView campaign={c} /></Tabs.Panel>
        <Tabs.Panel value="why"><CampaignWhyView campaign={c} /></Tabs.Panel>
        <Tabs.Panel value="pacing"><PacingView campaign={c} /></Tabs.Panel>
        <Tabs.Panel value="whatif"><WhatIfView campaign={c} /></Tabs.Panel>
        <Tabs.Panel value="settings"><CampaignForm key={c.revision} id={c.id} initial={c} onSaved={() => undefined} /></Tabs.Panel>
      </Tabs>
    </Page>
  );
}

export default function CampaignPage({ id, tab }: { id: string; tab: string }) {
  return id === 'new' ? <NewCampaign /> : <ExistingCampaign id={id} tab={tab} />;
}
