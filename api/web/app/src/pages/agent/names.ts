import i18next from 'i18next';
import type { Campaign, DispositionCode, Text } from '../../api/types';
import { codeName } from '../../i18n';
import { codes } from '../../i18n/en/codes';

export function labelOf(d: DispositionCode): string {
  return (i18next.language === 'zh-CN' && d.label_zh) || d.label || d.code;
}

/** A result's name as the campaign calls it; an older code that the campaign has no more is shown in words. */
export function dispositionName(known: DispositionCode[] | null | undefined, code: string): string {
  const d = known?.find((x) => x.code === code);
  return d ? labelOf(d) : code.replaceAll('_', ' ');
}

/** Why a contact waits, is finished or is excluded: an outcome, a rule, or one of the campaign's results. */
export function reasonName(reason: string, campaign: Campaign | undefined): string {
  if (reason in codes.outcome) return codeName('outcome', reason);
  const d = campaign?.settings?.dispositions.find((x) => x.code === reason);
  return d ? labelOf(d) : codeName('excluded', reason);
}

/** A script's text in the reader's language, else in any that it has. */
export function localText(text: Text | undefined): string {
  if (text === undefined) return '';
  if (typeof text === 'string') return text;
  const own = text[i18next.language as 'en' | 'zh-CN'];
  return own || text.en || Object.values(text).find(Boolean) || '';
}
