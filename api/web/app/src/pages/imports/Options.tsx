import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { codeName } from '../../i18n';
import { Panel } from '../../ui/ui';
import css from './imports.module.css';
import type { Duplicates, Plan } from './plan';

/** What happens to contacts that are there already. */
export function Options({ plan, onChange }: { plan: Plan; onChange: (p: Plan) => void }) {
  const { t } = useTranslation();
  const d = plan.duplicates ?? {};
  const set = (x: Partial<Duplicates>) => onChange({ ...plan, duplicates: { ...d, ...x } });
  const words = (list: readonly string[]) => list.map((value) => ({ value, label: codeName('duplicates', value) }));
  const three = ['skip', 'update', 'merge'] as const;
  return (
    <Panel title={t('imports.duplicates')} testid="duplicates">
      <div className={css.options}>
        <NativeSelect label={t('imports.by')} value={d.by ?? 'number'} onChange={(e) => set({ by: e.currentTarget.value as Duplicates['by'] })} data-testid="dup-by"
          data={[{ value: 'number', label: t('lists.phone') }, { value: 'key', label: codeName('columnAs', 'key') }]} />
        <NativeSelect label={t('imports.inFileTwice')} value={d.in_file ?? 'skip'} onChange={(e) => set({ in_file: e.currentTarget.value as Duplicates['in_file'] })} data={words(three)} data-testid="dup-file" />
        <NativeSelect label={t('imports.inList')} value={d.in_list ?? 'skip'} onChange={(e) => set({ in_list: e.currentTarget.value as Duplicates['in_list'] })} data={words(three)} data-testid="dup-list" />
        <NativeSelect label={t('imports.across')} value={d.across ?? 'allow'} onChange={(e) => set({ across: e.currentTarget.value as Duplicates['across'] })} data={words(['allow', ...three])} data-testid="dup-across" />
        <NativeSelect label={t('imports.onDNC')} value={plan.on_dnc ?? 'mark'} onChange={(e) => onChange({ ...plan, on_dnc: e.currentTarget.value as Plan['on_dnc'] })} data-testid="on-dnc"
          data={[{ value: 'mark', label: t('imports.dncMark') }, { value: 'reject', label: t('imports.dncReject') }]} />
      </div>
    </Panel>
  );
}
