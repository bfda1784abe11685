import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { codeName } from '../../i18n';
import { Panel } from '../../ui/ui';
import type { Inspection } from './api';
import css from './imports.module.css';
import { DELIMITERS, ENCODINGS, type Plan } from './plan';

interface Props {
  of: Inspection;
  plan: Plan;
  onChange: (p: Plan) => void;
}

/** What kind of file it is: found by looking at it, and changed where the look was wrong. */
export function Reading({ of, plan, onChange }: Props) {
  const { t } = useTranslation();
  const book = of.encoding === 'XLSX';
  return (
    <Panel title={t('imports.file')} testid="reading">
      <div className={css.reading}>
        {book
          ? <NativeSelect label={t('imports.encoding')} value="XLSX" disabled data={[{ value: 'XLSX', label: t('imports.workbook') }]} data-testid="encoding" />
          : (
            <NativeSelect label={t('imports.encoding')} description={plan.encoding ? t('imports.chosen') : t('imports.found')} value={of.encoding} data-testid="encoding"
              onChange={(e) => onChange({ ...plan, encoding: e.currentTarget.value })} data={ENCODINGS.map((x) => ({ value: x, label: x === 'GB18030' ? 'GB18030 / GBK / GB2312' : x }))} />
          )}
        {book
          ? (
            <NativeSelect label={t('imports.sheet')} value={of.sheet} data-testid="sheet" onChange={(e) => onChange({ ...plan, sheet: e.currentTarget.value })} data={of.sheets} />
          )
          : (
            <NativeSelect label={t('imports.delimiter')} description={plan.delimiter ? t('imports.chosen') : t('imports.found')} value={of.delimiter} data-testid="delimiter"
              onChange={(e) => onChange({ ...plan, delimiter: e.currentTarget.value })} data={Object.entries(DELIMITERS).map(([value, name]) => ({ value, label: codeName('delimiter', name) }))} />
          )}
        <NativeSelect label={t('imports.header')} description={plan.header ? t('imports.chosen') : t('imports.found')} value={of.header ? 'yes' : 'no'} data-testid="header"
          onChange={(e) => onChange({ ...plan, header: e.currentTarget.value as 'yes' | 'no' })}
          data={[{ value: 'yes', label: t('imports.headerYes') }, { value: 'no', label: t('imports.headerNo') }]} />
      </div>
    </Panel>
  );
}
