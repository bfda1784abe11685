import { Button, Group, SegmentedControl, Select, Table, UnstyledButton } from '@mantine/core';
import { IconCoins, IconListNumbers } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useCampaignNames } from '../../api/queries';
import { moneyText, salesURL, stageOf, useSales, useSaleSums, type Sale, type SaleSum, type StageKind } from '../../api/sales';
import { clock } from '../../lib/clock';
import { useFormats } from '../../lib/format';
import { useUser } from '../../lib/session';
import { Files } from '../../ui/Files';
import { Empty, Load, Page, Panel, Scroll, StatePill } from '../../ui/ui';
import { SaleDialog } from './SaleDialog';
import { StagesDialog } from './StagesDialog';
import css from './sales.module.css';

export const pillOf: Record<StageKind, string> = { open: 'info', won: 'good', lost: 'plain' };

function Sums({ campaign }: { campaign: string }) {
  const { t, i18n } = useTranslation();
  const f = useFormats();
  const sums = useSaleSums(campaign).data ?? [];
  const by = (kind: StageKind) => sums.filter((s) => s.kind === kind);
  const money = (all: SaleSum[]) => [...new Set(all.map((s) => s.currency))].map((c) => moneyText(i18n.language, all.filter((s) => s.currency === c).reduce((n, s) => n + s.amount, 0), c)).join(' · ');
  return (
    <section className={css.sums} data-testid="sale-sums">
      {(['open', 'won', 'lost'] as const).map((kind) => (
        <div key={kind}><span>{t(`sales.kind.${kind}`)}</span><b className="num">{f.number(by(kind).reduce((n, s) => n + s.count, 0))}</b><small className="num">{money(by(kind))}</small></div>
      ))}
    </section>
  );
}

function Row({ s, onOpen }: { s: Sale; onOpen: () => void }) {
  const { t, i18n } = useTranslation();
  const f = useFormats();
  const late = s.kind === 'open' && !!s.follow_up_at && Date.parse(s.follow_up_at) < clock.now();
  return (
    <Table.Tr data-testid="sale-row">
      <Table.Td><UnstyledButton className={css.title} onClick={onOpen} title={s.title} data-testid="sale-open">{s.title}</UnstyledButton></Table.Td>
      <Table.Td className={css.who}><Link href={`/contacts/${s.contact_id}`} title={s.contact_name}>{s.contact_name || '–'}</Link><small title={s.campaign_name}>{s.campaign_name}</small></Table.Td>
      <Table.Td><StatePill state={pillOf[s.kind]}>{stageOf(s, i18n.language)}</StatePill></Table.Td>
      <Table.Td className="num" ta="right">{moneyText(i18n.language, s.amount, s.currency)}</Table.Td>
      <Table.Td className={css.due} data-late={late || undefined}>{s.follow_up_at ? <>{f.dateTime(s.follow_up_at)}{late && <small>{t('sales.late')}</small>}</> : '–'}</Table.Td>
      <Table.Td className={css.cut}>{s.owner_name || '–'}</Table.Td>
      <Table.Td>{f.dateTime(s.created_at)}</Table.Td>
    </Table.Tr>
  );
}

/** Sales: what stands where, what is to be followed up, and what was won. */
export default function SalesPage() {
  const { t } = useTranslation();
  const manage = useUser().role !== 'agent';
  const campaigns = useCampaignNames().data ?? [];
  const [campaign, setCampaign] = useState('');
  const [view, setView] = useState('all');
  const [tomorrow] = useState(() => new Date(clock.now() + 86_400_000).toISOString());
  const sales = useSales({ campaign_id: campaign, ...(view === 'due' ? { due_before: tomorrow } : view === 'all' ? {} : { kind: view }) });
  const [opened, setOpened] = useState<Sale | null>(null);
  const [stages, setStages] = useState(false);
  const all = sales.data?.pages.flat();
  const name = campaigns.find((c) => c.id === campaign)?.name ?? t('sales.everywhere');
  const actions = manage && (
    <Group gap={8}>
      <Button size="sm" variant="default" leftSection={<IconListNumbers size={16} />} onClick={() => setStages(true)} data-testid="stages">{t('sales.stages')}</Button>
      <Files size="sm" url={(format) => salesURL(campaign, format)} testid="sales" />
    </Group>
  );
  return (
    <Page title={t('sales.title')} actions={actions}>
      <Sums campaign={campaign} />
      <Panel aside={(
        <Group gap={8}>
          <SegmentedControl size="xs" value={view} onChange={setView} aria-label={t('sales.view')} data={['all', 'due', 'open', 'won', 'lost'].map((value) => ({ value, label: value === 'all' || value === 'due' ? t(`sales.${value}`) : t(`sales.kind.${value}`) }))} />
          <Select size="xs" w={220} clearable searchable placeholder={t('sales.everywhere')} aria-label={t('sales.campaign')} value={campaign || null} onChange={(v) => setCampaign(v ?? '')} data={campaigns.map((c) => ({ value: c.id, label: c.name }))} />
        </Group>
      )}>
        <Load query={{ ...sales, data: all }} empty={(x) => x.length === 0} whenEmpty={<Empty icon={<IconCoins size={36} stroke={1.4} />} title={t('sales.none')} hint={t('sales.noneHint')} />}>
          {(list) => (
            <>
              <Scroll>
                <Table className={css.table}>
                  <Table.Thead><Table.Tr><Table.Th>{t('sales.what')}</Table.Th><Table.Th>{t('sales.contact')}</Table.Th><Table.Th>{t('sales.stage')}</Table.Th><Table.Th ta="right">{t('sales.amount')}</Table.Th><Table.Th>{t('sales.followUp')}</Table.Th><Table.Th>{t('sales.owner')}</Table.Th><Table.Th>{t('sales.created')}</Table.Th></Table.Tr></Table.Thead>
                  <Table.Tbody>{list.map((s) => <Row key={s.id} s={s} onOpen={() => setOpened(s)} />)}</Table.Tbody>
                </Table>
              </Scroll>
              {sales.hasNextPage && <Group justify="center" p="sm"><Button variant="default" size="xs" loading={sales.isFetchingNextPage} onClick={() => void sales.fetchNextPage()}>{t('sales.more')}</Button></Group>}
            </>
          )}
        </Load>
      </Panel>
      {opened && <SaleDialog key={opened.id} sale={opened} campaign={opened.campaign_id} attempt="" onClose={() => setOpened(null)} />}
      {stages && <StagesDialog key={campaign} campaign={campaign} name={name} onClose={() => setStages(false)} />}
    </Page>
  );
}
