import { Button, Group, Table } from '@mantine/core';
import { IconListCheck, IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useCards } from '../../api/quality';
import { useFormats } from '../../lib/format';
import { Empty, Load, Panel, Scroll, StatePill } from '../../ui/ui';
import css from './quality.module.css';

/** All scorecards. */
export function CardsTab() {
  const { t } = useTranslation();
  const f = useFormats();
  const cards = useCards();
  const create = <Button size="compact-sm" variant="light" component={Link} href="/quality/scorecards/new" leftSection={<IconPlus size={14} />} data-testid="card-new">{t('quality.newCard')}</Button>;
  return (
    <Panel title={t('quality.tab.scorecards')} aside={create} testid="cards">
      <Load query={cards} empty={(x) => x.length === 0} whenEmpty={<Empty icon={<IconListCheck size={36} stroke={1.4} />} title={t('quality.noCards')} hint={t('quality.noCardsHint')} action={create} />}>
        {(all) => (
          <Scroll>
            <Table className={css.table}>
              <Table.Thead><Table.Tr><Table.Th>{t('ui.name')}</Table.Th><Table.Th>{t('quality.state')}</Table.Th><Table.Th ta="right">{t('quality.questions')}</Table.Th><Table.Th ta="right">{t('quality.used')}</Table.Th><Table.Th>{t('quality.changedAt')}</Table.Th></Table.Tr></Table.Thead>
              <Table.Tbody>
                {all.map((c) => (
                  <Table.Tr key={c.id} data-testid="card-row">
                    <Table.Td className={css.wide} title={c.name}><Link href={`/quality/scorecards/${c.id}`} data-testid="card-open">{c.name}</Link></Table.Td>
                    <Table.Td>
                      <Group gap={6} wrap="nowrap">
                        {c.retired ? <StatePill state="plain">{t('quality.retired')}</StatePill> : c.version > 0 ? <StatePill state="good">{t('quality.version', { n: c.version })}</StatePill> : null}
                        {c.drafted && <StatePill state="warn">{t('quality.draft')}</StatePill>}
                      </Group>
                    </Table.Td>
                    <Table.Td ta="right" className="num">{c.questions}</Table.Td>
                    <Table.Td ta="right" className="num">{f.number(c.used)}</Table.Td>
                    <Table.Td>{f.dateTime(c.updated_at)}{c.updated_by ? ` · ${c.updated_by}` : ''}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Scroll>
        )}
      </Load>
    </Panel>
  );
}
