import { ActionIcon, Button, Select, Table, Tabs, TextInput, Tooltip, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlayerPlay, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useSearch } from 'wouter';
import { useAttempts, useCampaigns } from '../../api/queries';
import type { Attempt, Campaign } from '../../api/types';
import { clockText, phoneText, useFormats } from '../../lib/format';
import { may, useUser } from '../../lib/session';
import { Empty, Load, OutcomePill, Page, Panel, Scroll } from '../../ui/ui';
import { dispositionName } from '../agent/names';
import { spans } from './spans';
import { Player } from './Player';
import { Recordings } from './Recordings';
import css from './calls.module.css';

function PlayButton({ id, playing, play }: { id: string; playing: string; play: (id: string) => void }) {
  const { t } = useTranslation();
  return (
    <Tooltip label={t('calls.play')}>
      <ActionIcon variant={playing === id ? 'filled' : 'light'} size="sm" onClick={() => play(id)} aria-label={t('calls.play')} data-testid="play">
        <IconPlayerPlay size={13} />
      </ActionIcon>
    </Tooltip>
  );
}

interface RowsProps<T> {
  rows: T[];
  playing: string;
  play: (id: string) => void;
  campaigns: Campaign[];
  mayPlay: boolean;
}

function AttemptRows({ rows, playing, play, campaigns, mayPlay }: RowsProps<Attempt>) {
  const { t } = useTranslation();
  const f = useFormats();
  return (
    <Scroll>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('calls.when')}</Table.Th><Table.Th>{t('calls.number')}</Table.Th><Table.Th>{t('calls.contact')}</Table.Th>
            <Table.Th>{t('calls.campaign')}</Table.Th><Table.Th>{t('calls.outcome')}</Table.Th><Table.Th>{t('calls.agent')}</Table.Th>
            <Table.Th ta="right">{t('calls.ring')}</Table.Th><Table.Th ta="right">{t('calls.talk')}</Table.Th><Table.Th>{t('calls.result')}</Table.Th><Table.Th><VisuallyHidden>{t('board.actions')}</VisuallyHidden></Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((a) => {
            const s = spans(a);
            const name = a.contact_name || '–';
            const campaign = campaigns.find((c) => c.id === a.campaign_id);
            return (
              <Table.Tr key={a.id} data-testid="attempt-row" data-attempt={a.id} data-outcome={a.outcome}>
                <Table.Td style={{ whiteSpace: 'nowrap' }}>{f.dateTime(a.permit_at)}</Table.Td>
                <Table.Td className="num" style={{ whiteSpace: 'nowrap' }}>{phoneText(a.phone)}</Table.Td>
                <Table.Td maw={180}><div className="truncate" title={name}>{a.contact_id ? <Link href={`/contacts/${a.contact_id}`}>{name}</Link> : name}</div></Table.Td>
                <Table.Td maw={170}><div className="truncate" title={campaign?.name}>{campaign?.name}</div></Table.Td>
                <Table.Td>{a.outcome && <OutcomePill outcome={a.outcome} />}</Table.Td>
                <Table.Td maw={140}><div className="truncate">{a.agent_name}</div></Table.Td>
                <Table.Td ta="right" className="num">{s.ring === null ? '' : clockText(s.ring)}</Table.Td>
                <Table.Td ta="right" className="num">{s.talk === null ? '' : clockText(s.talk)}</Table.Td>
                <Table.Td maw={150}><div className="truncate">{a.disposition && dispositionName(campaign?.settings?.dispositions, a.disposition)}</div></Table.Td>
                <Table.Td ta="right">{a.recorded && mayPlay && <PlayButton id={a.id} playing={playing} play={play} />}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}

function Attempts({ campaign, phone, ...rest }: { campaign: string; phone: string } & Omit<RowsProps<Attempt>, 'rows'>) {
  const { t } = useTranslation();
  const [before, setBefore] = useState('');
  const attempts = useAttempts({ campaign_id: campaign, phone, before });
  const last = attempts.data?.at(-1)?.permit_at;
  return (
    <>
      <Load query={attempts} empty={(a) => a.length === 0 && !before} whenEmpty={<Empty title={t('calls.empty')} hint={t('calls.emptyHint')} />}>
        {(rows) => <AttemptRows rows={rows} {...rest} />}
      </Load>
      {(before || attempts.data?.length === 100) && (
        <div className={css.pager}>
          <Button size="xs" variant="default" disabled={!before} onClick={() => setBefore('')}>{t('calls.newest')}</Button>
          <Button size="xs" variant="default" disabled={attempts.data?.length !== 100 || !last} onClick={() => last && setBefore(last)}>{t('calls.older')}</Button>
        </div>
      )}
    </>
  );
}

export default function CallsPage() {
  const { t } = useTranslation();
  const campaigns = useCampaigns();
  const search = useSearch();
  const [, go] = useLocation();
  const mayPlay = may(useUser(), 'play');
  const address = new URLSearchParams(search);
  const tab = mayPlay && address.get('tab') === 'recordings' ? 'recordings' : 'attempts';
  const campaign = address.get('campaign') ?? '';
  const set = (key: string, value: string) => {
    const next = new URLSearchParams(search);
    if (value) next.set(key, value);
    else next.delete(key);
    go(next.size ? `/calls?${next}` : '/calls', { replace: true });
  };
  const [q, setQ] = useState('');
  const [phone] = useDebouncedValue(q.replace(/[\s()-]/g, ''), 300);
  const [playing, setPlaying] = useState('');
  const rest = { playing, play: setPlaying, campaigns: campaigns.data ?? [] };
  return (
    <Page title={t('calls.title')} actions={
      <>
        <Select w={220} clearable searchable placeholder={t('ui.all')} aria-label={t('calls.campaign')} value={campaign || null}
          onChange={(v) => set('campaign', v ?? '')} data={(campaigns.data ?? []).map((c) => ({ value: c.id, label: c.name }))} data-testid="calls-campaign" />
        {tab === 'attempts' && <TextInput w={190} placeholder={t('calls.searchNumber')} aria-label={t('calls.searchNumber')} value={q} leftSection={<IconSearch size={15} />}
          onChange={(e) => setQ(e.currentTarget.value)} data-testid="calls-phone" />}
      </>
    }>
      {playing && <Player key={playing} id={playing} onClose={() => setPlaying('')} />}
      <Panel>
        <Tabs value={tab} onChange={(v) => set('tab', v === 'recordings' ? 'recordings' : '')} keepMounted={false}>
          <Tabs.List px="xs">
            <Tabs.Tab value="attempts" data-testid="tab-attempts">{t('calls.attempts')}</Tabs.Tab>
            {mayPlay && <Tabs.Tab value="recordings" data-testid="tab-recordings">{t('calls.recordings')}</Tabs.Tab>}
          </Tabs.List>
          <Tabs.Panel value="attempts"><Attempts key={campaign + phone} campaign={campaign} phone={phone} mayPlay={mayPlay} {...rest} /></Tabs.Panel>
          <Tabs.Panel value="recordings"><Recordings key={campaign} campaign={campaign} {...rest} /></Tabs.Panel>
        </Tabs>
      </Panel>
    </Page>
  );
}
