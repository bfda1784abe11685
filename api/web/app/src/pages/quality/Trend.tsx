import { Group, SegmentedControl, Select, Table } from '@mantine/core';
import { IconChartLine } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearch } from 'wouter';
import { trendURL, useCards, useTrend, type Trend } from '../../api/quality';
import { useFormats } from '../../lib/format';
import { Files } from '../../ui/Files';
import { Empty, Load, Panel, Scroll } from '../../ui/ui';
import { Plot, type Line } from '../../ui/Plot';
import { useTeams, useUserNames } from '../campaigns/api';
import css from './quality.module.css';

const WEEK = 604_800_000;

function linesOf(x: Trend, name: string, against: string): Line[] {
  const of = (name: string, mean: (number | null)[], half: (number | null)[], ink: Line['ink'], dash: boolean): Line => ({ name, ink, dash, points: true, values: mean, half });
  const own = of(name, x.weeks.map((w) => w.mean), x.weeks.map((w) => w.half), 'main', false);
  if (!against) return [own];
  return [own, of(against, x.weeks.map((w) => w.team_mean), x.weeks.map((w) => w.team_half), 'soft', true)];
}

/** Scores by week with their intervals and how many calls they are of. */
export function TrendView({ x, name, against }: { x: Trend; name: string; against: string }) {
  const { t, i18n } = useTranslation();
  const f = useFormats();
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
  // Weeks are counted: marks on the axis are Mondays then.
  const at = x.weeks.map((_, i) => i);
  const band = (mean: number | null, half: number | null) => (mean === null ? '–' : `${number.format(mean)}${half === null ? '' : ` ± ${number.format(half)}`}`);
  const first = Date.parse(x.weeks[0]!.week);
  const day = (i: number) => (Number.isInteger(i) ? new Intl.DateTimeFormat(i18n.language, { month: 'short', day: 'numeric', timeZone: 'UTC' }).format(first + i * WEEK) : '');
  return (
    <>
      <div className={css.plot}>
        <Plot title={t('quality.trendTitle')} hint={t('quality.trendHint')} x={at} xRange={[-0.5, at.length - 0.5]} xText={day} xSteps={[1, 2, 4, 13]} yText={(y) => `${number.format(y)} %`} least={100} most={100}
          lines={linesOf(x, name, against)} height={240} />
      </div>
      <p className={css.note}>{t('quality.trendHint')}</p>
      <Scroll label={t('quality.byWeek')}>
        <Table className={css.table} data-testid="trend-table">
          <Table.Thead><Table.Tr><Table.Th>{t('quality.week')}</Table.Th><Table.Th ta="right">{name}</Table.Th><Table.Th ta="right">n</Table.Th>{against && <><Table.Th ta="right">{against}</Table.Th><Table.Th ta="right">n</Table.Th></>}</Table.Tr></Table.Thead>
          <Table.Tbody>
            {x.weeks.toReversed().map((w) => (
              <Table.Tr key={w.week}><Table.Td>{f.day(Date.parse(w.week), 'UTC')}</Table.Td><Table.Td ta="right" className="num">{band(w.mean, w.half)}</Table.Td><Table.Td ta="right" className="num">{w.n}</Table.Td>
                {against && <><Table.Td ta="right" className="num">{band(w.team_mean, w.team_half)}</Table.Td><Table.Td ta="right" className="num">{w.team_mean === null ? '–' : w.team_n}</Table.Td></>}</Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Scroll>
    </>
  );
}

const SPANS = ['12', '26', '52'] as const;

export function useAgainst(x: Trend | undefined): string {
  const { t } = useTranslation();
  return !x || x.agent_id === '00000000-0000-0000-0000-000000000000' ? '' : t(x.against === 'team' ? 'quality.hisTeam' : 'quality.others');
}

/** An agent's scores over the weeks against his team's; without an agent, all together. */
export function TrendTab() {
  const { t } = useTranslation();
  const address = new URLSearchParams(useSearch());
  const [, go] = useLocation();
  const agent = address.get('agent') ?? '';
  const [card, setCard] = useState('');
  const [team, setTeam] = useState('');
  const [weeks, setWeeks] = useState('12');
  const asked = { agent_id: agent, team_id: agent ? '' : team, card_id: card, weeks: Number(weeks) };
  const trend = useTrend(asked);
  const agents = (useUserNames().data ?? []).filter((u) => u.role === 'agent');
  const cards = useCards().data ?? [];
  const teams = useTeams().data ?? [];
  const against = useAgainst(trend.data);
  const name = agents.find((a) => a.id === agent)?.name ?? t('quality.together');
  return (
    <Panel testid="trend" aside={(
      <Group gap={8}>
        <Select size="xs" w={200} clearable searchable placeholder={t('quality.allAgents')} aria-label={t('quality.agent')} value={agent || null} onChange={(v) => go(v ? `/quality/trend?agent=${v}` : '/quality/trend', { replace: true })} data={agents.map((u) => ({ value: u.id, label: u.name }))} data-testid="trend-agent" />
        <Select size="xs" w={170} clearable searchable disabled={!!agent} placeholder={t('quality.anyTeam')} aria-label={t('quality.team')} value={agent ? null : team || null} onChange={(v) => setTeam(v ?? '')} data={teams.map((c) => ({ value: c.id, label: c.name }))} />
        <Select size="xs" w={190} clearable searchable placeholder={t('quality.anyCard')} aria-label={t('quality.card')} value={card || null} onChange={(v) => setCard(v ?? '')} data={cards.map((c) => ({ value: c.id, label: c.name }))} />
        <SegmentedControl size="xs" aria-label={t('quality.span')} value={weeks} onChange={setWeeks} data={SPANS.map((value) => ({ value, label: t('quality.weeks', { n: value }) }))} data-testid="trend-weeks" />
        <Files url={(format) => trendURL(asked, format)} testid="trend" />
      </Group>
    )}>
      <Load query={trend} rows={10} empty={(x) => x.n === 0} whenEmpty={<Empty icon={<IconChartLine size={36} stroke={1.4} />} title={t('quality.noTrend')} hint={t('quality.noTrendHint')} />}>
        {(x) => <TrendView x={x} name={name} against={against} />}
      </Load>
    </Panel>
  );
}
