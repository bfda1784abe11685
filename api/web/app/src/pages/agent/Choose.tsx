import { Button, Group, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { IconBroadcast, IconChevronRight, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCampaignNames } from '../../api/queries';
import { useConnection } from '../../stream/context';
import { usePhone } from '../../phone/context';
import { PhoneNotice, PhonePanel } from '../../phone/PhonePanel';
import { Empty, Failed } from '../../ui/ui';
import css from './agent.module.css';
import { useCommand } from './command';
import { QualityNotice } from './QualityNotice';

/** Before the work: which campaign to log in to. */
export function Choose({ phone }: { phone: string }) {
  const { t } = useTranslation();
  const campaigns = useCampaignNames();
  const { run, busy } = useCommand();
  const inPage = usePhone().state !== 'off';
  const online = useConnection() === 'open';
  const [chosen, setChosen] = useState('');
  const [filter, setFilter] = useState('');
  const login = async (id: string) => {
    setChosen(id);
    await run('login', { campaign_id: id });
    setChosen('');
  };
  const open = (campaigns.data ?? []).filter((c) => c.status === undefined || c.status === 'running');
  const shown = open.filter((c) => c.name.toLowerCase().includes(filter.toLowerCase()));
  return (
    <main className={css.choose} id="main" data-phone={phone}>
      <h1>{t('desk.choose.title')}</h1>
      <Group justify="space-between" wrap="nowrap" mb="md">
        <Text c="dimmed" size="sm">{inPage ? t('phone.chooseHint') : t('desk.choose.hint')}</Text>
        <PhonePanel server={phone} />
      </Group>
      {inPage && <div className={css.chooseNotice}><PhoneNotice /></div>}
      {open.length > 8 && (
        <TextInput mb="sm" placeholder={t('desk.choose.filter')} aria-label={t('desk.choose.filter')} value={filter}
          leftSection={<IconSearch size={16} />} onChange={(e) => setFilter(e.currentTarget.value)} />
      )}
      {campaigns.isPending && <Stack gap="xs">{[0, 1, 2].map((i) => <Skeleton key={i} h={52} />)}</Stack>}
      {campaigns.isError && !campaigns.data && <Failed error={campaigns.error} retry={() => void campaigns.refetch()} />}
      {campaigns.data && open.length === 0 && <Empty title={t('desk.choose.none')} hint={t('desk.choose.noneHint')} />}
      <Stack gap="xs">
        {shown.map((c) => (
          <Button key={c.id} variant="default" justify="space-between" h={52} disabled={!online || busy !== ''}
            loading={chosen === c.id} leftSection={<IconBroadcast size={18} stroke={1.6} />}
            rightSection={<IconChevronRight size={18} stroke={1.6} />} onClick={() => void login(c.id)}
            classNames={{ label: css.chooseLabel }} data-testid="campaign-login" data-campaign={c.id} title={c.name}>
            {c.name}
          </Button>
        ))}
      </Stack>
      <div className={css.chooseMore}><QualityNotice /></div>
    </main>
  );
}
