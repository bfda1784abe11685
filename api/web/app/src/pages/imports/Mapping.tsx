import { NativeSelect, Table, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { codeName } from '../../i18n';
import { Joined } from '../../ui/Joined';
import { Panel, Scroll } from '../../ui/ui';
import type { Preview } from './api';
import css from './imports.module.css';
import { COLUMN_AS, DATE_ORDERS, FIELD_TYPES, readAs, samplesOf, type Column, type ColumnAs, type FieldType } from './plan';

interface RowProps {
  column: Column;
  index: number;
  samples: string[];
  wrong: boolean;
  onChange: (c: Column) => void;
}

function Details({ column: c, onChange, at }: { column: Column; onChange: (c: Column) => void; at: string }) {
  const { t } = useTranslation();
  if (c.as === 'phone') {
    return (
      <div className={css.details}>
        <NativeSelect size="xs" aria-label={`${t('imports.kind')}: ${at}`} value={c.kind ?? ''} onChange={(e) => onChange({ ...c, kind: e.currentTarget.value as Column['kind'] })}
          data={[{ value: '', label: t('imports.kindAny') }, { value: 'mobile', label: codeName('numberKind', 'mobile') }, { value: 'fixed', label: codeName('numberKind', 'fixed') }]} />
        <TextInput size="xs" aria-label={`${t('imports.label')}: ${at}`} placeholder={t('imports.labelHint')} maxLength={40} value={c.label ?? ''} onChange={(e) => onChange({ ...c, label: e.currentTarget.value })} />
      </div>
    );
  }
  if (c.as !== 'field') return null;
  return (
    <div className={css.details}>
      <TextInput size="xs" aria-label={`${t('imports.fieldName')}: ${at}`} placeholder={c.header} maxLength={60} value={c.field ?? ''} onChange={(e) => onChange({ ...c, field: e.currentTarget.value })} />
      <NativeSelect size="xs" aria-label={`${t('imports.type')}: ${at}`} value={c.type || 'text'} data-testid="column-type"
        onChange={(e) => onChange({ ...c, type: e.currentTarget.value as FieldType, format: e.currentTarget.value === 'date' ? c.format : undefined })}
        data={FIELD_TYPES.map((x) => ({ value: x, label: codeName('fieldType', x) }))} />
      {c.type === 'date' && (
        <NativeSelect size="xs" aria-label={`${t('imports.dateOrder')}: ${at}`} value={c.format ?? ''} onChange={(e) => onChange({ ...c, format: e.currentTarget.value || undefined })}
          data={[{ value: '', label: t('imports.dateAny') }, ...DATE_ORDERS.map((x) => ({ value: x, label: codeName('dateOrder', x) }))]} />
      )}
    </div>
  );
}

function ColumnRow({ column: c, index, samples, wrong, onChange }: RowProps) {
  const { t } = useTranslation();
  return (
    <Table.Tr data-testid="map-column" data-column={c.header} data-as={c.as} data-bad={wrong || undefined} className={css.mapRow}>
      <Table.Td className={`num ${css.soft}`}>{index + 1}</Table.Td>
      <Table.Td maw={180}>
        <div className="truncate" title={c.header}><b>{c.header}</b></div>
        <div className={`truncate ${css.soft}`} title={samples.join(' · ')}>{samples.length > 0 ? <Joined parts={samples} /> : '–'}</div>
      </Table.Td>
      <Table.Td>
        <NativeSelect size="xs" aria-label={`${t('imports.readAs')}: ${c.header}`} value={c.as} error={wrong} data-testid="column-as" onChange={(e) => onChange(readAs(c, e.currentTarget.value as ColumnAs))}
          data={COLUMN_AS.map((x) => ({ value: x, label: codeName('columnAs', x) }))} />
      </Table.Td>
      <Table.Td><Details column={c} onChange={onChange} at={c.header} /></Table.Td>
    </Table.Tr>
  );
}

interface Props {
  columns: Column[];
  rows: Preview[];
  wrong: number | undefined;
  aside: React.ReactNode;
  onChange: (c: Column[]) => void;
}

/** What each column of the file is read as. */
export function Mapping({ columns, rows, wrong, aside, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <Panel title={t('imports.columns')} aside={aside} testid="mapping">
      <Scroll>
        <Table className={css.mapping}>
          <Table.Thead>
            <Table.Tr><Table.Th w={40}>#</Table.Th><Table.Th>{t('imports.inFile')}</Table.Th><Table.Th w={180}>{t('imports.readAs')}</Table.Th><Table.Th w="46%">{t('imports.details')}</Table.Th></Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {columns.map((c, i) => (
              <ColumnRow key={i} column={c} index={i} samples={samplesOf(rows, i)} wrong={wrong === i} onChange={(x) => onChange(columns.map((old, k) => (k === i ? x : old)))} />
            ))}
          </Table.Tbody>
        </Table>
      </Scroll>
    </Panel>
  );
}
