// Fields of the designer: each knows its path in the document, shows its faults and can be jumped to.
import { ActionIcon, Menu, Textarea, TextInput, Tooltip } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconBraces, IconTrash } from '@tabler/icons-react';
import { createContext, useContext, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ScriptDoc } from '../../api/desk';
import type { Language, Text } from '../../api/types';
import { localText } from '../agent/names';
import type { Fault } from './api';
import { textIn, withText } from './edit';
import { faultsAt } from './faults';
import css from './scripts.module.css';

export interface Editing {
  doc: ScriptDoc;
  faults: Fault[];
  change: (f: (doc: ScriptDoc) => ScriptDoc, key?: string) => void;
  select: (id: string) => void;
}

export const EditingContext = createContext<Editing | null>(null);

export function useEditing(): Editing {
  const e = useContext(EditingContext);
  if (!e) throw new Error('not within the designer');
  return e;
}

/** What is wrong at a path, in the reader's language; undefined when nothing is. */
export function useFault(path: string, exactly = false): string | undefined {
  const found = faultsAt(useEditing().faults, path, exactly);
  return found.length ? [...new Set(found.map((f) => localText(f.text) || f.reason))].join('; ') : undefined;
}

interface LineProps {
  path: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  description?: string;
  mono?: boolean;
  /** For a reader who sees it beside others: the label is not shown. */
  bare?: boolean;
  id?: string;
  w?: number | string;
  testid?: string;
}

export function Line({ path, label, value, onChange, placeholder, description, mono, bare, id, w, testid }: LineProps) {
  const error = useFault(path);
  return (
    <TextInput size="xs" id={id} w={w} label={bare ? undefined : label} aria-label={bare ? label : undefined} description={description} placeholder={placeholder} value={value} error={error} data-path={path} data-testid={testid}
      classNames={mono ? { input: css.mono } : undefined} spellCheck={mono ? false : undefined} onChange={(e) => onChange(e.currentTarget.value)} />
  );
}

const LANGUAGES: Language[] = ['en', 'zh-CN'];

function Placeholders({ onPick, language }: { onPick: (s: string) => void; language: Language }) {
  const { t } = useTranslation();
  const { doc } = useEditing();
  const known = ['contact.name', 'contact.phone', 'contact.fields.', 'agent.name', 'campaign.name', ...doc.steps.flatMap((s) => (s.questions ?? []).map((q) => `answers.${q.id}`)).slice(0, 80), ...(doc.values ?? []).map((v) => `values.${v.id}`)];
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('scripts.insertValue', { language })}><IconBraces size={14} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown mah={300} style={{ overflowY: 'auto' }}>
        <Menu.Label>{t('scripts.insertHint')}</Menu.Label>
        {known.map((k) => <Menu.Item key={k} className={css.mono} onClick={() => onPick(k)}>{`{{${k}}}`}</Menu.Item>)}
      </Menu.Dropdown>
    </Menu>
  );
}

interface TextsProps {
  path: string;
  label: string;
  value: Text | undefined;
  onChange: (value: Text | undefined, key: string) => void;
  /** Several lines; with a menu of placeholders. */
  long?: boolean;
  bare?: boolean;
  id?: string;
  testid?: string;
}

/** A text in both languages, side by side or one below the other. */
export function Texts({ path, label, value, onChange, long, bare, id, testid }: TextsProps) {
  const { t } = useTranslation();
  const own = useFault(path, true);
  const faults = [useFault(`${path}.en`), useFault(`${path}.zh-CN`)];
  const areas = useRef<Partial<Record<Language, HTMLTextAreaElement | null>>>({});
  const set = (l: Language, v: string) => onChange(withText(value, l, v), `${path}.${l}`);
  const insert = (l: Language, name: string) => {
    const el = areas.current[l];
    const now = textIn(value, l);
    const at = el?.selectionStart ?? now.length;
    onChange(withText(value, l, `${now.slice(0, at)}{{${name}}}${now.slice(el?.selectionEnd ?? at)}`), '');
    setTimeout(() => el?.focus());
  };
  return (
    <div className={long ? css.textsLong : css.texts} data-path={path} tabIndex={-1}>
      {LANGUAGES.map((l, i) => {
        const name = `${label} · ${t(l === 'en' ? 'scripts.en' : 'scripts.zh')}`;
        const common = { size: 'xs' as const, lang: l, value: textIn(value, l), error: (i === 0 ? own : undefined) ?? faults[i], 'data-path': `${path}.${l}`, ...(bare ? { 'aria-label': name, placeholder: t(l === 'en' ? 'scripts.en' : 'scripts.zh') } : { label: name }) };
        const ids = { id: i === 0 ? id : undefined, 'data-testid': testid && `${testid}-${l}` };
        if (!long) return <TextInput key={l} {...common} {...ids} onChange={(e) => set(l, e.currentTarget.value)} />;
        return (
          <div key={l} className={css.area}>
            <Textarea {...common} {...ids} autosize minRows={2} maxRows={9} ref={(el) => { areas.current[l] = el; }} onChange={(e) => set(l, e.currentTarget.value)} />
            <span className={css.areaTool}><Placeholders language={t(l === 'en' ? 'scripts.en' : 'scripts.zh') as Language} onPick={(k) => insert(l, k)} /></span>
          </div>
        );
      })}
    </div>
  );
}

interface RowToolsProps {
  name: string;
  first: boolean;
  last: boolean;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

export function RowTools({ name, first, last, onMove, onRemove }: RowToolsProps) {
  const { t } = useTranslation();
  return (
    <span className={css.rowTools}>
      <ActionIcon variant="subtle" color="gray" size="sm" disabled={first} aria-label={`${t('campaigns.moveUp')}: ${name}`} onClick={() => onMove(-1)}><IconArrowUp size={14} /></ActionIcon>
      <ActionIcon variant="subtle" color="gray" size="sm" disabled={last} aria-label={`${t('campaigns.moveDown')}: ${name}`} onClick={() => onMove(1)}><IconArrowDown size={14} /></ActionIcon>
      <Tooltip label={t('act.remove')}><ActionIcon variant="subtle" color="gray" size="sm" aria-label={`${t('act.remove')}: ${name}`} onClick={onRemove}><IconTrash size={14} /></ActionIcon></Tooltip>
    </span>
  );
}
