// What is asked of the server when a supervisor changes a running campaign: only what differs.
import type { Steering } from '../../api/room';
import type { CallerChoice, Campaign, Mode } from '../../api/types';

export interface SteerDraft {
  mode: Mode;
  ratio: number;
  /** The abandonment cap in percent. */
  percent: number;
  caller_id: string;
  caller_ids: string[];
  caller_choice: CallerChoice;
  max_lines: number;
  weight: number;
  list_ids: string[];
  lists: '' | 'together' | 'mix';
  weights: Record<string, number>;
}

export function draftOf(c: Campaign): SteerDraft {
  const s = c.settings;
  return {
    mode: s.mode, ratio: s.ratio, percent: Math.round(s.abandon_target * 10_000) / 100, caller_id: s.caller_id, caller_ids: s.caller_ids ?? [], caller_choice: s.caller_choice ?? 'contact', max_lines: s.max_lines ?? 0, weight: s.weight ?? 0,
    list_ids: c.list_ids, lists: s.order?.lists ?? '', weights: Object.fromEntries((s.order?.mix ?? []).map((m) => [m.list_id, m.weight])),
  };
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** The change, or null when there is none. */
export function steering(c: Campaign, d: SteerDraft): Steering | null {
  const was = draftOf(c);
  const out: Steering = { revision: c.revision };
  if (d.mode !== was.mode) out.mode = d.mode;
  if (d.ratio !== was.ratio) out.ratio = d.ratio;
  if (d.percent !== was.percent) out.abandon_target = Math.round(d.percent * 100) / 10_000;
  if (d.caller_id.trim() !== was.caller_id) out.caller_id = d.caller_id.trim();
  if (!same(d.caller_ids, was.caller_ids)) out.caller_ids = d.caller_ids;
  if (d.caller_choice !== was.caller_choice) out.caller_choice = d.caller_choice;
  if (d.max_lines !== was.max_lines) out.max_lines = d.max_lines;
  if (d.weight !== was.weight) out.weight = d.weight;
  if (!same(d.list_ids, was.list_ids)) out.list_ids = d.list_ids;
  if (d.lists !== was.lists) out.lists = d.lists;
  const mix = (x: SteerDraft) => (x.lists === 'mix' ? x.list_ids.map((list_id) => ({ list_id, weight: x.weights[list_id] ?? 1 })) : []);
  if (d.lists === 'mix' && !same(mix(d), mix(was))) out.mix = mix(d);
  return Object.keys(out).length > 1 ? out : null;
}
