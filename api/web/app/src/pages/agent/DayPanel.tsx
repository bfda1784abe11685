import { Popover, Table, UnstyledButton } from '@mantine/core';
import { IconChartBar } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Screen } from '../../api/desk';
import { clockText, useFormats } from '../../lib/format';
import agentCss from './agent.module.css';
import css from './desk.module.css';

/** The agent's day against the team's mean; the three most looked-at figures stay on the bar where it has room for them. */
export function DayPanel({ screen }: { screen: Screen }) {
  const { t } = useTranslation();
  const f = useFormats();
  const { today, team } = screen;
  const share = (s: number, n: number) => (n > 0 ? f.percent(s / n) : '–');
  const rows: [string, string, string][] = [
    ['calls', f.number(today.calls), team ? f.number(Math.round(team.calls * 10) / 10) : '–'],
    ['talk', clockText(today.talk_seconds), team ? clockText(Math.round(team.talk_seconds)) : '–'],
    ['mean', clockText(today.calls ? Math.round(today.talk_seconds / today.calls) : 0), team ? clockText(team.calls ? Math.round(team.talk_seconds / team.calls) : 0) : '–'],
    ['successes', f.number(today.successes), team ? f.number(Math.round(team.successes * 10) / 10) : '–'],
    ['conversion', share(today.successes, today.calls), team ? f.percent(team.conversion) : '–'],
    ['idle', clockText(today.idle_seconds ?? 0), team ? clockText(Math.round(team.idle_seconds)) : '–'],
    ['wrapUp', clockText(today.wrap_up_seconds ?? 0), ''],
    ['pause', clockText(today.pause_seconds ?? 0), ''],
  ];
  const words: Record<string, string> = {
    calls: t('desk.bar.calls'), talk: t('desk.bar.talk'), mean: t('desk.day.mean'), successes: t('desk.bar.successes'), conversion: t('desk.day.conversion'), idle: t('desk.day.idle'),
    wrapUp: t('desk.day.wrapUp'), pause: t('desk.day.pause'),
  };
  return (
    <Popover position="bottom-end" withArrow width={330} trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton className={css.dayButton} data-testid="today" title={t('desk.bar.today')}>
          <span className={css.heard}>{t('desk.bar.today')}</span>
          <IconChartBar size={19} stroke={1.6} className={css.dayIcon} aria-hidden />
          <dl className={agentCss.today}>
            <div><dt>{t('desk.bar.calls')}</dt><dd className="num">{f.number(today.calls)}</dd></div>
            <div><dt>{t('desk.bar.talk')}</dt><dd className="num">{clockText(today.talk_seconds)}</dd></div>
            <div><dt>{t('desk.bar.successes')}</dt><dd className="num">{f.number(today.successes)}</dd></div>
          </dl>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p="xs" maw="96vw" aria-label={t('desk.bar.today')}>
        <Table className={css.day} withRowBorders={false} verticalSpacing={3} tabIndex={0} data-autofocus data-testid="day">
          <Table.Thead><Table.Tr><Table.Th>{t('desk.bar.today')}</Table.Th><Table.Th>{t('desk.day.you')}</Table.Th><Table.Th>{t('desk.day.team', { count: team?.agents ?? 0 })}</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {rows.map(([key, own, all]) => <Table.Tr key={key}><Table.Td>{words[key]}</Table.Td><Table.Td className="num">{own}</Table.Td><Table.Td className="num">{all}</Table.Td></Table.Tr>)}
          </Table.Tbody>
        </Table>
      </Popover.Dropdown>
    </Popover>
  );
}
