import { Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { BadLine } from '../../api/law';
import { codeName } from '../../i18n';
import { useFormats } from '../../lib/format';
import css from './dnc.module.css';

/** The lines of a file that hold no number. */
export function BadLines({ lines }: { lines: BadLine[] }) {
  const { t } = useTranslation();
  const f = useFormats();
  if (lines.length === 0) return null;
  return (
    <div className={css.bad} tabIndex={0} role="region" aria-label={t('registry.reason')}>
      <Table stickyHeader>
        <Table.Thead><Table.Tr><Table.Th ta="right" w={90}>{t('registry.line')}</Table.Th><Table.Th>{t('registry.value')}</Table.Th><Table.Th>{t('registry.reason')}</Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>
          {lines.map((l) => (
            <Table.Tr key={l.line} data-testid="bad-line"><Table.Td ta="right" className="num">{f.number(l.line)}</Table.Td><Table.Td className={css.wrap}>{l.value}</Table.Td><Table.Td>{codeName('badLine', l.reason)}</Table.Td></Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
