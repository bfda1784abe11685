import type { PacingSample, PacingStatus } from '../../api/types';

/** Reasons that have a sentence of their own under pacing.why; others are told by their name. */
const KNOWN = [
  'risk', 'budget', 'agents', 'ratio', 'ceiling', 'contacts', 'no_agents', 'learning', 'lines', 'cps', 'switch_down', 'status', 'lease', 'starting', 'stopping',
  'journal', 'breaker', 'originate', 'ledger', 'trunk', 'counts', 'slow', 'list_empty', 'list_hours', 'list_all_waiting', 'list_assigned',
] as const;
export type Why = (typeof KNOWN)[number];

export function whyOf(limit: string): Why | null {
  return (KNOWN as readonly string[]).includes(limit) ? (limit as Why) : null;
}

/** How serious a reason is: held by rules that one wants (plain), short of something (warn), cannot dial (bad). */
export function gravity(limit: string): 'plain' | 'warn' | 'bad' {
  if (['risk', 'agents', 'ratio', 'status', 'list_hours', 'stopping', 'no_agents', 'learning'].includes(limit)) return 'plain';
  if (['budget', 'ceiling', 'lines', 'cps', 'contacts', 'starting', 'counts', 'slow', 'list_empty', 'list_all_waiting', 'list_assigned', 'lease'].includes(limit)) return 'warn';
  return 'bad';
}

export interface Columns {
  at: number[];
  inFlight: number[];
  wanted: number[];
  ready: number[];
  utilisation: (number | null)[];
  abandonment: number[];
  cap: number[];
  risk: (number | null)[];
  allowed: number[];
  budget: number[];
  reserved: number[];
  free: (number | null)[];
  cameFree: (number | null)[];
  coming: (number | null)[];
  cameAnswer: (number | null)[];
}

/** Seconds without a sample after which a line is broken. */
const HOLE = 12;

function row(s: PacingSample, target: number) {
  const busy = s.talking + s.wrap_up;
  return {
    at: Date.parse(s.at) / 1000, inFlight: s.in_flight, wanted: s.wanted, ready: s.ready,
    utilisation: busy + s.ready + s.leaving > 0 || s.utilisation > 0 ? s.utilisation : null,
    abandonment: s.abandonment, cap: target,
    // A risk of 0 says that something else was the limit.
    risk: s.limit === 'risk' ? s.risk : null, allowed: s.allowed, budget: s.budget, reserved: s.reserved,
    free: s.then?.free ?? null, cameFree: s.then?.came_free ?? null, coming: s.then?.coming ?? null, cameAnswer: s.then?.came_answer ?? null,
  };
}

/** The samples as columns for plots, in the order of time; a hole in time breaks the lines. */
export function columnsOf(p: PacingStatus): Columns {
  const c: Columns = {
    at: [], inFlight: [], wanted: [], ready: [], utilisation: [], abandonment: [], cap: [], risk: [], allowed: [], budget: [], reserved: [],
    free: [], cameFree: [], coming: [], cameAnswer: [],
  };
  const keys = Object.keys(c) as (keyof Columns)[];
  for (const s of p.samples) {
    const r = row(s, p.target);
    if (!Number.isFinite(r.at)) continue;
    const last = c.at.at(-1);
    if (last !== undefined && r.at <= last) continue;
    if (last !== undefined && r.at - last > HOLE) for (const k of keys) (c[k] as (number | null)[]).push(k === 'at' ? last + 1 : null);
    for (const k of keys) (c[k] as (number | null)[]).push(r[k]);
  }
  return c;
}
