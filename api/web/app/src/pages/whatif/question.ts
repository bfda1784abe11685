import type { Campaign, CaseName, Mode, SimulatedCase, Simulation, SimulationQuestion, StaffingHour } from '../../api/types';

/** What the form holds; empty texts are as now. */
export interface Draft {
  agents: number | '';
  from: string | null;
  until: string | null;
  target: number | '';
  mode: 'progressive' | 'power' | 'predictive';
  ratio: number | '';
  most: number | '';
}

export const TRIED = ['progressive', 'power', 'predictive'] as const;

export function tried(mode: Mode): Draft['mode'] {
  return mode === 'preview' ? 'predictive' : mode;
}

/** The first question: what would predictive dialling do, all else as now. */
export function firstDraft(c: Campaign): Draft {
  return { agents: '', from: null, until: null, target: '', mode: 'predictive', ratio: Math.max(1.5, c.settings.ratio), most: '' };
}

export function draftOf(q: SimulationQuestion, c: Campaign): Draft {
  const hour = (h: number | undefined) => (h === undefined ? null : String(h));
  return {
    agents: q.agents ?? '', from: hour(q.from), until: hour(q.until), target: q.target === undefined ? '' : Math.round(q.target * 1e6) / 1e4,
    mode: q.mode ?? tried(c.settings.mode), ratio: q.ratio ?? Math.max(1.5, c.settings.ratio), most: q.most ?? '',
  };
}

/** Codes of code.invalid by field. */
export function check(d: Draft): Partial<Record<keyof Draft, string>> {
  const errors: Partial<Record<keyof Draft, string>> = {};
  if (d.from !== null && d.until === null) errors.until = 'required';
  if (d.until !== null && d.from === null) errors.from = 'required';
  if (d.from !== null && d.until !== null && Number(d.until) <= Number(d.from)) errors.until = 'range';
  const within = (v: number | '', lo: number, hi: number) => v === '' || (v >= lo && v <= hi);
  if (!within(d.agents, 1, 500)) errors.agents = 'range';
  if (!within(d.most, 1, 500)) errors.most = 'range';
  if (!within(d.target, 0, 10)) errors.target = 'range';
  if (d.mode === 'power' && (d.ratio === '' || !within(d.ratio, 1, 10))) errors.ratio = 'range';
  return errors;
}

export function questionOf(d: Draft, zone: string): SimulationQuestion {
  const q: SimulationQuestion = { mode: d.mode };
  if (d.agents !== '') q.agents = d.agents;
  if (d.from !== null && d.until !== null) [q.from, q.until] = [Number(d.from), Number(d.until)];
  if (d.target !== '') q.target = d.target / 100;
  if (d.mode === 'power' && d.ratio !== '') q.ratio = d.ratio;
  if (d.most !== '') q.most = d.most;
  if (zone) q.zone = zone;
  return q;
}

export const isOpen = (s: Simulation | undefined) => s?.state === 'waiting' || s?.state === 'running';

/** Cases in the order in which they are compared: as now, asked, then the others, each mode once. */
export function compared(cases: SimulatedCase[]): SimulatedCase[] {
  const rank: Record<CaseName, number> = { as_now: 0, asked: 1, predictive: 2, power: 3, progressive: 4 };
  return [...cases].sort((a, b) => rank[a.name] - rank[b.name]);
}

export const MEASURES = ['connects', 'utilisation', 'abandonment'] as const;
export type Measure = (typeof MEASURES)[number];

/** How deep a cell is coloured, 0 to 1: conversations and utilisation against the table's most, abandonment against the cap. */
export function depth(rows: StaffingHour[], measure: Measure, value: number, cap: number): number {
  if (measure === 'abandonment') return Math.min(1, value / Math.max(2 * cap, 0.001));
  if (measure === 'utilisation') return Math.min(1, Math.max(0, (value - 0.3) / 0.7));
  const most = Math.max(1e-9, ...rows.flatMap((r) => r.cells.map((c) => c.connects.mean)));
  return Math.min(1, value / most);
}
