import type { Both, Definition, Group, ReportRow } from '../../api/reports';
import { clockText, type Formats } from '../../lib/format';

export const say = (b: Both, language: string) => (language.startsWith('zh') ? b.zh : b.en);

/** Which columns are shown together: all at once nobody reads. */
export const SETS: Record<'result' | 'contact' | 'agents' | 'money' | 'outcomes', string[]> = {
  result: ['attempts', 'connects', 'connect_rate', 'contacts', 'contact_rate', 'successes', 'success_rate', 'early_refusal_rate', 'aht', 'abandonment', 'penetration'],
  contact: ['attempts', 'contacts', 'contact_rate', 'right_party', 'right_party_rate', 'successes', 'success_rate', 'kept_rate', 'refusals', 'early_refusals', 'early_refusal_rate'],
  agents: ['attempts', 'connects', 'login_hours', 'occupancy', 'idle', 'talk_per_hour', 'aht', 'talk', 'successes'],
  money: ['successes', 'sales', 'sales_elsewhere', 'cost', 'cost_data', 'cost_labour', 'cost_telephony', 'cost_commission', 'cost_fulfilment', 'revenue', 'cost_per_contact', 'revenue_per_contact', 'return'],
  outcomes: [],
};
export type SetName = keyof typeof SETS;

export const OUTCOMES = ['connected', 'abandoned', 'early_hangup', 'machine', 'busy', 'no_answer', 'invalid_number', 'rejected', 'trunk_failed', 'cancelled', 'switch_lost', 'unknown', 'not_placed', 'inbound', 'inbound_missed'];

/** A number as its unit is written; a dash when it cannot be told. */
export function text(v: number | null | undefined, unit: Definition['unit'], f: Formats, currency: string, language: string): string {
  if (v === null || v === undefined || !Number.isFinite(v)) return '–';
  switch (unit) {
    case 'count': return f.number(v);
    case 'share': return f.percent(v);
    case 'seconds': return clockText(v);
    case 'money': return new Intl.NumberFormat(language, currency ? { style: 'currency', currency, maximumFractionDigits: Math.abs(v) < 100 ? 2 : 0 } : { maximumFractionDigits: 2 }).format(v);
    default: return f.number(Math.round(v * 10) / 10);
  }
}

/** The change against the period before: of shares in points, of others as a share. Null: cannot be told. */
export function change(now: number | null | undefined, before: number | null | undefined, unit: Definition['unit']): number | null {
  if (now === null || now === undefined || before === null || before === undefined) return null;
  if (unit === 'share') return now - before;
  return before === 0 ? null : now / before - 1;
}

export const isTime = (g: Group) => g === 'day' || g === 'month' || g === 'hour';

export type Preset = 'today' | 'yesterday' | 'last7' | 'last30' | 'thisMonth' | 'lastMonth' | 'year';
export const PRESETS: Preset[] = ['today', 'yesterday', 'last7', 'last30', 'thisMonth', 'lastMonth', 'year'];

const DAY = 86_400_000;

/** First and last day of a period, as seen on a day. */
export function preset(p: Preset, today: string): [string, string] {
  const at = Date.parse(today + 'T00:00:00Z');
  const iso = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const first = today.slice(0, 8) + '01';
  switch (p) {
    case 'yesterday': return [iso(at - DAY), iso(at - DAY)];
    case 'last7': return [iso(at - 6 * DAY), today];
    case 'last30': return [iso(at - 29 * DAY), today];
    case 'thisMonth': return [first, today];
    case 'lastMonth': {
      const end = iso(Date.parse(first + 'T00:00:00Z') - DAY);
      return [end.slice(0, 8) + '01', end];
    }
    case 'year': return [iso(at - 364 * DAY), today];
    default: return [today, today];
  }
}

/** Sorts by a column; what cannot be told comes last, whichever way. */
export function sorted(rows: ReportRow[], by: string, down: boolean): ReportRow[] {
  if (!by) return rows;
  const value = (r: ReportRow) => (by in r.kpi ? r.kpi[by] : r.sums[by]) ?? null;
  return [...rows].sort((a, b) => {
    const x = value(a), y = value(b);
    if (x === null || y === null) return (x === null ? 1 : 0) - (y === null ? 1 : 0);
    return down ? y - x : x - y;
  });
}
