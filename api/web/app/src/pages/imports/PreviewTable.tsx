import { SegmentedControl, Table } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { codeName } from '../../i18n';
import { phoneText } from '../../lib/format';
import { Joined } from '../../ui/Joined';
import { Empty, Panel, Scroll, StatePill } from '../../ui/ui';
import type { Inspection, Preview } from './api';
import css from './imports.module.css';
import { fieldsOf } from './plan';
import { rowText } from './words';

const ROOM = 160; // characters of a rejected row's cells

/** The cells of a row, as many as find room in a line. */
function beginning(cells: string[]): string[] {
  const out: string[] = [];
  let room = ROOM;
  for (const c of cells) {
    if (room <= 0) return [...out, '…'];
    out.push(c.slice(0, room));
    room -= c.length + 3;
  }
  return out;
}

function Stored({ rows }: { rows: Preview[] }) {
  const { t } = useTranslation();
  const fields = fieldsOf(rows);
  const key = rows.some((r) => r.key);
  const tags = rows.some((r) => r.tags.length > 0);
  const priority = rows.some((r) => r.priority !== 0);
  const further = rows.some((r) => r.phones.length > 0);
  const width = 3 + fields.length + [key, tags, priority, further].filter(Boolean).length;
  return (
    <Table className={css.preview}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th ta="right">{t('lists.row')}</Table.Th><Table.Th>{t('lists.phone')}</Table.Th>
          {further && <Table.Th>{t('imports.further')}</Table.Th>}
          <Table.Th>{t('lists.person')}</Table.Th><Table.Th>{t('imports.where')}</Table.Th>
          {key && <Table.Th>{codeName('columnAs', 'key')}</Table.Th>}
          {priority && <Table.Th>{codeName('columnAs', 'priority')}</Table.Th>}
          {tags && <Table.Th>{codeName('columnAs', 'tags')}</Table.Th>}
          {fields.map((f) => <Table.Th key={f}>{f}</Table.Th>)}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((r) => (
          <Table.Tr key={r.row} data-testid="preview-row" data-reason={r.reason || undefined}>
            <Table.Td ta="right" className="num">{r.row}</Table.Td>
            {r.reason ? (
              <Table.Td colSpan={width}>
                <StatePill state="bad">{codeName('reject', r.reason)}</StatePill> <span className={css.soft}>{r.reason === 'row_broken' && `${rowText(r.value)} `}{r.field && r.field !== 'phone' ? `${r.field}: ` : ''}<Joined parts={beginning(r.record)} /></span>
              </Table.Td>
            ) : (
              <>
                <Table.Td className="num"><span title={[codeName('numberKind', r.kind), r.carrier].filter(Boolean).join(' · ')}>{phoneText(r.phone)}</span></Table.Td>
                {further && <Table.Td className="num">{r.phones.map((p) => `${phoneText(p.phone)}${p.label ? ` (${p.label})` : ''}`).join(', ')}</Table.Td>}
                <Table.Td>{r.name}</Table.Td>
                <Table.Td className={css.soft}>{[r.region, ...r.zones.slice(0, 1)].filter(Boolean).join(' · ')}{r.zones.length > 1 && ` +${r.zones.length - 1}`}</Table.Td>
                {key && <Table.Td>{r.key}</Table.Td>}
                {priority && <Table.Td className="num">{r.priority}</Table.Td>}
                {tags && <Table.Td>{r.tags.join(', ')}</Table.Td>}
                {fields.map((f) => <Table.Td key={f}>{r.fields?.[f] ?? ''}</Table.Td>)}
              </>
            )}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Raw({ of }: { of: Inspection }) {
  return (
    <Table className={css.preview}>
      <Table.Thead><Table.Tr>{of.columns.map((c, i) => <Table.Th key={i}>{c.header}</Table.Th>)}</Table.Tr></Table.Thead>
      <Table.Tbody>
        {of.rows.map((r) => <Table.Tr key={r.row}>{of.columns.map((_, i) => <Table.Td key={i}>{r.record[i] ?? ''}</Table.Td>)}</Table.Tr>)}
      </Table.Tbody>
    </Table>
  );
}

/** The first rows: as they will be stored, or as they are in the file. */
export function PreviewTable({ of, stale }: { of: Inspection; stale: boolean }) {
  const { t } = useTranslation();
  const [mode, setMode] = useState<'stored' | 'raw'>('stored');
  return (
    <Panel title={t('imports.preview', { n: of.rows.length })} testid="preview"
      aside={<SegmentedControl size="xs" value={mode} onChange={(m) => setMode(m as 'stored' | 'raw')} aria-label={t('imports.show')} data={[{ value: 'stored', label: t('imports.stored') }, { value: 'raw', label: t('imports.raw') }]} />}>
      {of.rows.length === 0 ? <Empty title={t('imports.noRows')} /> : (
        <div style={{ opacity: stale ? 0.5 : 1 }} tabIndex={0} role="group" aria-label={t('imports.preview', { n: of.rows.length })} aria-busy={stale}>
          <Scroll>{mode === 'stored' ? <Stored rows={of.rows} /> : <Raw of={of} />}</Scroll>
        </div>
      )}
    </Panel>
  );
}
