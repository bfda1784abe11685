// How somebody looks at the board: columns, filters, order, thresholds.
import { DEFAULTS, thresholdsOf, type Thresholds } from './thresholds';

export const PANELS = ['campaigns', 'traffic', 'trunks', 'lists', 'agents', 'calls'] as const;
export type PanelName = (typeof PANELS)[number];
export type AgentOrder = 'state' | 'name' | 'time' | 'worst';
export const ORDERS: AgentOrder[] = ['state', 'name', 'time', 'worst'];
export const AGENT_COLUMNS = ['campaign', 'contact'] as const;
export type AgentColumn = (typeof AGENT_COLUMNS)[number];

export interface View {
  panels: PanelName[];
  columns: AgentColumn[];
  order: AgentOrder;
  state: string | null;
  campaign: string | null;
  /** Whose agents are shown, with their requests for help and messages; null: all. */
  team: string | null;
  thresholds: Thresholds;
}

export const PLAIN: View = { panels: [...PANELS], columns: [...AGENT_COLUMNS], order: 'state', state: null, campaign: null, team: null, thresholds: DEFAULTS };

const some = <T extends string>(all: readonly T[], raw: unknown, plain: T[]): T[] =>
  Array.isArray(raw) ? all.filter((x) => raw.includes(x)) : plain;

/** Reads what is stored; what this page does not know is as usual. */
export function viewOf(raw: unknown): View {
  if (typeof raw !== 'object' || raw === null) return PLAIN;
  const r = raw as Record<string, unknown>;
  const text = (v: unknown) => (typeof v === 'string' && v !== '' ? v : null);
  const panels = some(PANELS, r.panels, PLAIN.panels);
  return {
    panels: panels.length ? panels : PLAIN.panels, columns: some(AGENT_COLUMNS, r.columns, PLAIN.columns),
    order: ORDERS.find((o) => o === r.order) ?? 'state', state: text(r.state), campaign: text(r.campaign), team: text(r.team), thresholds: thresholdsOf(r.thresholds),
  };
}

export const sameView = (a: View, b: View): boolean => JSON.stringify(a) === JSON.stringify(b);
