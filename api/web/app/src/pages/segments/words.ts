import i18next from 'i18next';
import { useTranslation } from 'react-i18next';
import { codeName } from '../../i18n';
import { codes } from '../../i18n/en/codes';
import type { FilterProblem } from './api';

/** A field's name in the reader's language; a field of the list keeps its own. */
export function fieldLabel(name: string, custom: boolean): string {
  if (custom) return name;
  return name in codes.filterField ? codeName('filterField', name) : name.replace(/^answer\./, '').replace('.', ' · '); // a row of a matrix
}

/** The name of one of a field's words. */
export function choiceLabel(field: string, choice: string): string {
  if (field === 'last_outcome') return codeName('outcome', choice);
  if (field === 'kind') return codeName('numberKind', choice);
  return choice.replaceAll('_', ' ');
}

/** The server words problems of filters in both languages, with their place. */
export function useProblemText(): (p: FilterProblem) => string {
  const { i18n } = useTranslation();
  return (p) => {
    const text = i18n.language === 'zh-CN' ? p.message_zh : p.message;
    return text.charAt(0).toUpperCase() + text.slice(1);
  };
}

/** An operator as the form names it; dates have words of their own. */
export function opLabel(op: string, not: boolean, type: string): string {
  const dated = type === 'date' || type === 'moment';
  const key = (not ? 'not ' : '') + op;
  const name = dated && key in codes.filterDateOp ? codeName('filterDateOp', key) : codeName('filterOp', key);
  return name || i18next.t('ui.unknown');
}
