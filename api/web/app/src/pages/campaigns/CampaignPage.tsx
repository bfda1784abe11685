import { Alert, Anchor, Button, Group, Tabs, Text } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { useCampaign } from '../../api/queries';
import type { Campaign } from '../../api/types';
import { may, useUser } from '../../lib/session';
import { StatusButtons } from '../../ui/StatusButtons';
import { Failed, Page, Panel, RowsSkeleton, StatusPill } from '../../ui/ui';
import { PacingView } from '../pacing/PacingView';
import { WhatIfView } from '../whatif/WhatIfView';
import { CampaignWhyView } from '../why/CampaignWhyView';
import { SteerButton } from '../board/SteerDialog';
import { AssignView } from './AssignView';
import { CampaignForm, type FormState } from './CampaignForm';
import { ChangesView } from './ChangesView';
import { CostsView } from './CostsView';
import { newCampaign } from './draft';
import { SummaryView } from './SummaryView';
import { TestsView } from './TestsView';

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

/** The form keeps what is typed when somebody else saves the campaign meanwhile; which of the two holds is asked. */
function SettingsView({ campaign: c }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const [base, setBase] = useState(c);
  const [known, setKnown] = useState(c.revision); // that the form was told of
  const [state, setState] = useState<FormState>('clean');
  const load = useCallback((to: Campaign) => {
    setBase(to);
    setKnown(to.revision);
  }, []);
  const newer = c.revision > known;
  useEffect(() => {
    if (newer && state === 'clean') load(c);
  }, [newer, state, c, load]);
  return (
    <>
      {newer && state === 'dirty' && (
        <Alert color="yellow" mb="md" role="alert" title={t('deskform.newer')} data-testid="campaign-newer">
          <Text size="sm" mb={8}>{t('deskform.newerHint')}</Text>
          <Group gap={8}>
            <Button size="compact-sm" variant="default" onClick={() => load(c)} data-testid="take-theirs">{t('deskform.takeTheirs')}</Button>
            <Button size="compact-sm" variant="default" onClick={() => setKnown(c.revision)} data-testid="keep-mine">{t('deskform.keepMine')}</Button>
          </Group>
        </Alert>
      )}
      <CampaignForm key={base.revision} id={c.id} initial={base} known={known} onState={setState} onSaved={(saved) => setKnown(saved.revision)} />
    </>
  );
}

const TABS = ['overview', 'agents', 'tests', 'why', 'pacing', 'whatif', 'costs', 'changes', 'settings'] as const;
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
    <Page title={<Title name={c.name} />} actions={<><StatusPill status={c.status} testid="campaign-status" /><SteerButton id={c.id} name={c.name} /><StatusButtons id={c.id} name={c.name} status={c.status} /></>}>
      <Tabs value={shown} onChange={(v) => go(v === 'overview' ? `/campaigns/${id}` : `/campaigns/${id}/${v}`)} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="overview" data-testid="tab-overview">{t('campaigns.overview')}</Tabs.Tab>
          <Tabs.Tab value="agents" data-testid="tab-agents">{t('steer.tab')}</Tabs.Tab>
          <Tabs.Tab value="tests" data-testid="tab-tests">{t('scripts.tab.tests')}</Tabs.Tab>
          <Tabs.Tab value="why" data-testid="tab-why">{t('why.tab')}</Tabs.Tab>
          <Tabs.Tab value="pacing" data-testid="tab-pacing">{t('pacing.tab')}</Tabs.Tab>
          <Tabs.Tab value="whatif" data-testid="tab-whatif">{t('whatif.tab')}</Tabs.Tab>
          <Tabs.Tab value="costs" data-testid="tab-costs">{t('costs.tab')}</Tabs.Tab>
          <Tabs.Tab value="changes" data-testid="tab-changes">{t('room.changes.tab')}</Tabs.Tab>
          {mayEdit && <Tabs.Tab value="settings" data-testid="tab-settings">{t('campaigns.settings')}</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="overview"><SummaryView campaign={c} /></Tabs.Panel>
        <Tabs.Panel value="agents"><AssignView campaign={c} /></Tabs.Panel>
        <Tabs.Panel value="tests"><TestsView campaign={c} /></Tabs.Panel>
        <Tabs.Panel value="why"><CampaignWhyView campaign={c} /></Tabs.Panel>
        <Tabs.Panel value="pacing"><PacingView campaign={c} /></Tabs.Panel>
        <Tabs.Panel value="whatif"><WhatIfView campaign={c} /></Tabs.Panel>
        <Tabs.Panel value="costs"><CostsView campaign={c.id} /></Tabs.Panel>
        <Tabs.Panel value="changes"><ChangesView campaign={c.id} /></Tabs.Panel>
        <Tabs.Panel value="settings"><SettingsView campaign={c} /></Tabs.Panel>
      </Tabs>
    </Page>
  );
}

export default function CampaignPage({ id, tab }: { id: string; tab: string }) {
  return id === 'new' ? <NewCampaign /> : <ExistingCampaign id={id} tab={tab} />;
}
