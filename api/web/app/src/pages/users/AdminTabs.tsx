import { Tabs } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

/** What only administrators see, side by side: the head of a page has no room for each of them. */
export function AdminTabs({ at }: { at: 'users' | 'trunks' }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  return (
    <Tabs value={at} onChange={(v) => v && go(`/${v}`)}>
      <Tabs.List mb="md" aria-label={t('users.administration')}>
        <Tabs.Tab value="users" data-testid="tab-users">{t('users.title')}</Tabs.Tab>
        <Tabs.Tab value="trunks" data-testid="tab-trunks">{t('trunks.title')}</Tabs.Tab>
      </Tabs.List>
    </Tabs>
  );
}
