import { ActionIcon, Input, Menu } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { checkFilter, useFields, type FilterChecked, type FilterProblem } from './api';
import { nameInText, spanOf } from './form';
import { fieldLabel, useProblemText } from './words';
import css from './segments.module.css';

// The language's words are English in both languages of the page.
const EXAMPLE = 'age >= 30 and last_attempt before 7 days ago';

interface AreaProps {
  value: string;
  onChange: (v: string) => void;
  listIDs: string[];
  problem?: FilterProblem;
  label: string;
  optional?: boolean;
  disabled?: boolean;
  rows?: number;
}

/** The text of a filter; what is wrong is marked where it stands, and said below. */
export function FilterArea({ value, onChange, listIDs, problem, label, optional, disabled, rows = 2 }: AreaProps) {
  const { t } = useTranslation();
  const words = useProblemText();
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const fields = useFields(listIDs).data ?? [];
  const span = problem && spanOf(value, problem.at);
  const goThere = () => {
    area.current?.focus();
    if (span) area.current?.setSelectionRange(span[0], span[1]);
  };
  const insert = (name: string, answer?: boolean) => {
    const bare = nameInText(name, answer);
    const at = area.current?.selectionStart ?? value.length;
    onChange(value.slice(0, at) + (at > 0 && !/\s$/.test(value.slice(0, at)) ? ' ' : '') + bare + ' ' + value.slice(area.current?.selectionEnd ?? at));
    area.current?.focus();
  };
  return (
    <Input.Wrapper label={label} labelProps={{ htmlFor: id }} description={optional ? t('ui.optional') : undefined}
      error={problem && (
        <button type="button" id={id + 'e'} className={css.problem} onClick={goThere} data-testid="filter-problem">{words(problem)}</button>
      )}>
      <div className={css.areaBox}>
        <div ref={mirror} className={css.mirror} aria-hidden>
          {span ? <>{value.slice(0, span[0])}<mark>{value.slice(span[0], span[1]) || ' '}</mark>{value.slice(span[1])}</> : value}{'\n'}
        </div>
        <textarea ref={area} id={id} className={css.area} rows={rows} spellCheck={false} disabled={disabled} maxLength={10000} value={value} data-testid="filter-text"
          aria-invalid={problem ? true : undefined} aria-describedby={problem ? id + 'e' : undefined} placeholder={EXAMPLE}
          onChange={(e) => onChange(e.currentTarget.value)}
          onScroll={(e) => {
            if (mirror.current) mirror.current.scrollTop = e.currentTarget.scrollTop;
          }} />
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon className={css.insert} variant="subtle" color="gray" disabled={disabled} aria-label={t('segments.insertField')}><IconPlus size={15} /></ActionIcon>
          </Menu.Target>
          <Menu.Dropdown mah={320} style={{ overflowY: 'auto' }}>
            {fields.map((f) => (
              <Menu.Item key={(f.custom ? 'c ' : '') + f.name} onClick={() => insert(f.name, f.answer)} rightSection={<code className={css.soft}>{f.name}</code>}>{fieldLabel(f.name, f.custom)}</Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
    </Input.Wrapper>
  );
}

/** Asks the server about a filter a moment after the last change. */
export function useChecked(filter: string, listIDs: string[], zone: string, count: boolean): FilterChecked | undefined {
  const [text] = useDebouncedValue(filter.trim(), 350);
  return useQuery({
    queryKey: ['filter-check', text, listIDs, zone, count],
    queryFn: () => checkFilter({ filter: text, list_ids: listIDs, zone, count }),
    enabled: text !== '',
    staleTime: 15_000,
    retry: false,
  }).data;
}

interface Props {
  label: string;
  value: string;
  onChange: (v: string) => void;
  listIDs: string[];
  optional?: boolean;
  disabled?: boolean;
}

/** A filter inside of a dialog. */
export function FilterField({ label, value, onChange, listIDs, optional, disabled }: Props) {
  const checked = useChecked(value, listIDs, '', false);
  return <FilterArea label={label} value={value} onChange={onChange} listIDs={listIDs} optional={optional} disabled={disabled} problem={value.trim() && !disabled ? checked?.problem : undefined} />;
}
