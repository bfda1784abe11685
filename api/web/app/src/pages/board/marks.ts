// Changes of campaigns as marks on charts.
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Mark } from '../../api/room';
import { codeName } from '../../i18n';
import { useFormats } from '../../lib/format';
import { useFresh, useTopic } from '../../stream/context';

export interface ChartMark {
  /** Seconds. */
  at: number;
  text: string;
}

/** Field names as people say them. */
export const fieldName = (field: string) => codeName('changed', field.replace(/^settings\./, ''));

/** One mark for all that one person changed in one moment, oldest first. */
export function groupMarks(marks: Mark[]): { at: number; actor: string; fields: string[] }[] {
  const out: { at: number; actor: string; fields: string[] }[] = [];
  for (const m of [...marks].sort((a, b) => a.at.localeCompare(b.at))) {
    const at = Date.parse(m.at) / 1000;
    const last = out.at(-1);
    if (last && last.actor === m.actor && at - last.at < 2) last.fields.push(m.field);
    else out.push({ at, actor: m.actor, fields: [m.field] });
  }
  return out;
}

/** Marks of one campaign, or of all when none is named. */
export function useMarks(campaign = ''): ChartMark[] {
  const { t, i18n } = useTranslation();
  const f = useFormats();
  useTopic('board');
  const rows = useFresh<Mark[]>('board', 'mark/' + campaign, 500);
  return useMemo(
    () => rows.flatMap(([, marks]) => groupMarks(marks)).map((m) => ({
      at: m.at, text: t('room.changes.mark', { time: f.time(m.at * 1000), who: m.actor || t('room.changes.system'), what: m.fields.map(fieldName).join(', ') }),
    })),
    // The words change with the language.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [rows, i18n.language],
  );
}
