import { Tabs } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { may, useUser } from '../../lib/session';
import { Page } from '../../ui/ui';
import { Consents } from './Consents';
import { Entries } from './Entries';
import { Overrides } from './Overrides';
import { Registries } from './Registries';

const TABS = ['entries', 'registries', 'consents', 'overrides'] as const;
type Tab = (typeof TABS)[number];

/** Who must not be called, who has said yes, and whom a rule does not hold for. Supervisors look, but not at the entries. */
export default function DncPage({ tab }: { tab: string }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const manage = may(useUser(), 'manage');
  const tabs = TABS.filter((x) => x !== 'entries' || manage);
  const name = (x: Tab) => (x === 'overrides' ? t('override.tab') : t(`registry.${x === 'registries' ? 'tab' : x}`));
  const shown: Tab = tabs.find((x) => x === tab) ?? tabs[0]!;
  return (
    <Page title={t('dnc.title')}>
      <Tabs value={shown} onChange={(v) => go(v === tabs[0] ? '/dnc' : `/dnc/${v}`)} keepMounted={false}>
        <Tabs.List mb="md">{tabs.map((x) => <Tabs.Tab key={x} value={x} data-testid={`tab-${x}`}>{name(x)}</Tabs.Tab>)}</Tabs.List>
        <Tabs.Panel value="entries"><Entries /></Tabs.Panel>
        <Tabs.Panel value="registries"><Registries /></Tabs.Panel>
        <Tabs.Panel value="consents"><Consents /></Tabs.Panel>
        <Tabs.Panel value="overrides"><Overrides /></Tabs.Panel>
      </Tabs>
    </Page>
  );
}
