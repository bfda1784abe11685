import { Table } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import { useChanges, type BoardPlan, type CampaignChange } from '../../api/room';
import { codeName } from '../../i18n';
import { useFormats } from '../../lib/format';
import { useItem, useTopic } from '../../stream/context';
import { Empty, Load, Panel, Scroll } from '../../ui/ui';
import { fieldName } from '../board/marks';

/** A value as it stands in the log of changes, short enough for a table. */
export function valueText(field: string, v: unknown, t: (key: string, o?: Record<string, unknown>) => string): string {
  if (v === null || v === undefined || v === '') return t('room.changes.unset');
  if (field === 'status') return codeName('campaignStatus', String(v));
  if (field === 'settings.mode') return codeName('mode', String(v));
  if (field === 'settings.abandon_target' && typeof v === 'number') return `${Math.round(v * 10_000) / 100} %`;
  if (field === 'list_ids' && Array.isArray(v)) return t('room.changes.lists', { n: v.length });
  if (Array.isArray(v) && v.length > 0 && v.every((x) => typeof x === 'string')) return v.join(', ');
  if (typeof v === 'object' && 'bytes' in v) return t('room.changes.long', { n: (v as { bytes: number }).bytes });
  return typeof v === 'string' ? v : JSON.stringify(v);
}

function Row({ c }: { c: CampaignChange }) {
  const { t } = useTranslation();
  const f = useFormats();
  const cell = (v: unknown) => {
    const text = valueText(c.field, v, t);
    return <Table.Td maw={260}><div className="truncate" title={text}>{text}</div></Table.Td>;
  };
  return (
    <Table.Tr data-testid="change-row" data-field={c.field}>
      <Table.Td style={{ whiteSpace: 'nowrap' }} className="num">{f.dateTime(c.at)}</Table.Td>
      <Table.Td maw={180}><div className="truncate" title={c.actor_name}>{c.actor_name || t('room.changes.system')}</div></Table.Td>
      <Table.Td>{fieldName(c.field)}</Table.Td>
      {cell(c.from)}
      {cell(c.to)}
    </Table.Tr>
  );
}

/** Who changed what in a campaign, newest first. */
export function ChangesView({ campaign }: { campaign: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const changes = useChanges(campaign);
  useTopic('board');
  const plan = useItem<BoardPlan>('board', 'plan/' + campaign);
  // The board tells that something was changed; what, is read once then.
  useEffect(() => void client.invalidateQueries({ queryKey: ['changes', campaign] }), [client, campaign, plan?.revision, plan?.status]);
  return (
    <Panel title={t('room.changes.title')} testid="changes">
      <Load query={changes} empty={(d) => d.length === 0} whenEmpty={<Empty title={t('room.changes.empty')} />}>
        {(rows) => (
          <Scroll label={t('room.changes.title')}>
            <Table verticalSpacing={5}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('room.changes.when')}</Table.Th><Table.Th>{t('room.changes.who')}</Table.Th><Table.Th>{t('room.changes.what')}</Table.Th>
                  <Table.Th>{t('room.changes.from')}</Table.Th><Table.Th>{t('room.changes.to')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>{rows.map((c) => <Row key={c.id} c={c} />)}</Table.Tbody>
            </Table>
          </Scroll>
        )}
      </Load>
    </Panel>
  );
}
