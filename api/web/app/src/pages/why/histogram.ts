import type { CampaignWhy, ReasonCount, WhyState } from '../../api/law';

/** How a row of the histogram is coloured: contacts that can be called, that wait, that are over, that never will be. */
export function tone(r: Pick<ReasonCount, 'state' | 'reason'>): 'good' | 'info' | 'warn' | 'plain' | 'bad' {
  switch (r.state) {
    case 'untouched':
      return r.reason === '' ? 'good' : 'warn';
    case 'waiting':
      return 'warn';
    case 'in_flight':
      return 'info';
    case 'finished':
      return 'plain';
    case 'excluded':
      return 'bad';
  }
}

const ORDER: WhyState[] = ['untouched', 'waiting', 'in_flight', 'finished', 'excluded'];

export interface Bar extends ReasonCount {
  share: number;
  /** Of the longest bar. */
  length: number;
}

/** The rows by where contacts stand, most of them first within; those without any are left out. */
export function barsOf(reasons: ReasonCount[]): Bar[] {
  const rows = reasons.filter((r) => r.contacts > 0);
  const all = rows.reduce((sum, r) => sum + r.contacts, 0);
  const most = Math.max(1, ...rows.map((r) => r.contacts));
  return rows
    .map((r) => ({ ...r, share: r.contacts / all, length: r.contacts / most }))
    .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || b.contacts - a.contacts);
}

/** Whether the rows make up what is loaded: exactly where they were counted, nearly where they were worked out from a sample. */
export function addsUp(why: Pick<CampaignWhy, 'loaded' | 'estimated' | 'reasons'>): boolean {
  const sum = why.reasons.reduce((n, r) => n + r.contacts, 0);
  // Reasons of the untouched are rounded shares: each row may be off by a half.
  return Math.abs(sum - why.loaded) <= (why.estimated ? why.loaded * 0.05 : why.reasons.length);
}
