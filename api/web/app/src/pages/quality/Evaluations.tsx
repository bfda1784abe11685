import { Button, Group, NumberInput, Select, Table } from '@mantine/core';
import { IconChecklist } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useCampaignNames } from '../../api/queries';
import { useCards, useEvaluations, type Evaluation } from '../../api/quality';
import { useFormats } from '../../lib/format';
import { useUser } from '../../lib/session';
import { Empty, Load, Panel, Scroll, StatePill } from '../../ui/ui';
import { useUserNames } from '../campaigns/api';
import css from './quality.module.css';
import { toneOf } from './score';
import { Score } from './SheetForm';

const appealTone = { none: 'plain', open: 'warn', upheld: 'plain', changed: 'info' } as const;

function Row({ e, own }: { e: Evaluation; own: boolean }) {
  const { t } = useTranslation();
  const f = useFormats();
  return (
    <Table.Tr data-testid="evaluation-row">
      <Table.Td><Link href={`/quality/evaluations/${e.id}`} data-testid="evaluation-open"><Score score={e.score} fatal={e.fatal} tone={toneOf(e.score)} /></Link></Table.Td>
      {!own && <Table.Td className={css.cut} title={e.agent}>{e.agent}</Table.Td>}
      <Table.Td>{f.dateTime(e.called_at)}</Table.Td>
      <Table.Td className={css.cut} title={e.campaign}>{e.campaign || '–'}</Table.Td>
      <Table.Td className={css.cut} title={e.card}>{e.card} · {e.card_version}</Table.Td>
      <Table.Td className={css.cut} title={e.evaluator}>{e.evaluator}</Table.Td>
      <Table.Td>{f.dateTime(e.submitted_at)}</Table.Td>
      <Table.Td className={css.states}>
        <Group gap={6}>
          {e.appeal !== 'none' && <StatePill state={appealTone[e.appeal]}>{t(`quality.appeals.${e.appeal}`)}</StatePill>}
          {e.changes > 0 && e.appeal !== 'changed' && <StatePill state="info">{t('quality.changed')}</StatePill>}
          {e.acknowledged_at ? <span className={css.soft}>{t('quality.seen')}</span> : <StatePill state={own ? 'warn' : 'plain'}>{t('quality.unread')}</StatePill>}
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

const STATES = ['unread', 'appealed', 'changed', 'fatal'] as const;

/** Evaluations, newest first; an agent's own ones. */
export function Evaluations({ own }: { own?: boolean }) {
  const { t } = useTranslation();
  const me = useUser();
  const staff = me.role !== 'agent';
  const campaigns = useCampaignNames().data ?? [];
  const cards = useCards(staff).data ?? [];
  const agents = (useUserNames(staff).data ?? []).filter((u) => u.role === 'agent');
  const [v, setV] = useState({ agent_id: '', campaign_id: '', card_id: '', state: '', least: '' as number | '', most: '' as number | '' });
  const set = (c: Partial<typeof v>) => setV({ ...v, ...c });
  const swapped = v.least !== '' && v.most !== '' && v.least > v.most;
  const list = useEvaluations({ agent_id: v.agent_id, campaign_id: v.campaign_id, card_id: v.card_id, state: v.state, ...(v.least !== '' && !swapped ? { least: v.least } : {}), ...(v.most !== '' && !swapped ? { most: v.most } : {}) });
  const all = list.data?.pages.flat();
  const filtered = Object.values(v).some((x) => x !== '');
  const named = (x: { id: string; name: string }[]) => x.map((c) => ({ value: c.id, label: c.name }));
  const number = (key: 'least' | 'most', label: string) => (
    <NumberInput size="xs" w={100} aria-label={label} placeholder={label} min={0} max={100} allowDecimal={false} hideControls suffix=" %" error={swapped && key === 'most'} value={v[key]} onChange={(x) => set({ [key]: x === '' ? '' : Number(x) })} data-testid={`evaluations-${key}`} />
  );
  return (
    <Panel title={own ? t('quality.mine') : undefined} testid="evaluations">
      <div className={css.filters} role="search" aria-label={t('quality.tab.evaluations')}>
        {staff && <Select size="xs" w={180} clearable searchable placeholder={t('quality.allAgents')} aria-label={t('quality.agent')} value={v.agent_id || null} onChange={(x) => set({ agent_id: x ?? '' })} data={named(agents)} data-testid="evaluations-agent" />}
        {staff && <Select size="xs" w={180} clearable searchable placeholder={t('quality.campaign')} aria-label={t('quality.campaign')} value={v.campaign_id || null} onChange={(x) => set({ campaign_id: x ?? '' })} data={named(campaigns)} />}
        {staff && <Select size="xs" w={180} clearable searchable placeholder={t('quality.card')} aria-label={t('quality.card')} value={v.card_id || null} onChange={(x) => set({ card_id: x ?? '' })} data={named(cards)} />}
        <Select size="xs" w={170} clearable placeholder={t('quality.anyState')} aria-label={t('quality.state')} value={v.state || null} onChange={(x) => set({ state: x ?? '' })} data={STATES.map((s) => ({ value: s, label: t(`quality.states.${s}`) }))} data-testid="evaluations-state" />
        {number('least', t('quality.scoreFrom'))}{number('most', t('quality.scoreTo'))}
      </div>
      <Load query={{ ...list, data: all }} empty={(x) => x.length === 0}
        whenEmpty={<Empty icon={<IconChecklist size={36} stroke={1.4} />} title={t(filtered ? 'quality.noMatch' : 'quality.noEvaluations')} hint={filtered ? undefined : t(own ? 'quality.noEvaluationsOwn' : 'quality.noEvaluationsHint')} />}>
        {(rows) => (
          <>
            <Scroll>
              <Table className={css.table}>
                <Table.Thead><Table.Tr><Table.Th>{t('quality.scoreNoun')}</Table.Th>{!own && <Table.Th>{t('quality.agent')}</Table.Th>}<Table.Th>{t('quality.called')}</Table.Th><Table.Th>{t('quality.campaign')}</Table.Th><Table.Th>{t('quality.card')}</Table.Th><Table.Th>{t('quality.evaluator')}</Table.Th><Table.Th>{t('quality.submittedAt')}</Table.Th><Table.Th>{t('quality.state')}</Table.Th></Table.Tr></Table.Thead>
                <Table.Tbody>{rows.map((e) => <Row key={e.id} e={e} own={!!own} />)}</Table.Tbody>
              </Table>
            </Scroll>
            {list.hasNextPage && <Group justify="center" p="sm"><Button variant="default" size="xs" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t('quality.moreRows')}</Button></Group>}
          </>
        )}
      </Load>
    </Panel>
  );
}
