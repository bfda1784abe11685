import type { Limit, Order } from '../../api/types';
import type { SegmentRef } from './api';

const DAY = 86_400;

/** Sets one choice of the order; what does not go with the others is left out. */
export function reorder(was: Order | undefined, change: Partial<Order>): Order | undefined {
  const o = { ...was, ...change };
  const next: Order = {};
  if (o.by && o.by !== 'list') next.by = o.by;
  if (o.by === 'field') {
    next.field = o.field ?? '';
    if (o.type && o.type !== 'text') next.type = o.type;
    if (o.descending) next.descending = true;
  }
  if (o.by === 'random' && o.seed) next.seed = o.seed;
  if (o.lists) next.lists = o.lists;
  if (o.lists === 'mix' && o.mix?.length) next.mix = o.mix;
  return Object.keys(next).length > 0 ? next : undefined;
}

/** The weight of each list in a mix; one that has none has 1. */
export function weights(order: Order | undefined, listIDs: string[]): { id: string; weight: number; share: number }[] {
  const of = (id: string) => order?.mix?.find((m) => m.list_id === id)?.weight ?? 1;
  const sum = listIDs.reduce((n, id) => n + of(id), 0);
  return listIDs.map((id) => ({ id, weight: of(id), share: sum > 0 ? of(id) / sum : 0 }));
}

/** The order with another weight of a list; lists that the campaign has no more are left out. */
export function weigh(order: Order | undefined, listIDs: string[], id: string, weight: number): Order | undefined {
  const mix = weights(order, listIDs).map((w) => ({ list_id: w.id, weight: w.id === id ? weight : w.weight })).filter((m) => m.weight !== 1);
  return reorder(order, { mix });
}

export function swapped<T>(all: readonly T[], i: number, by: -1 | 1): T[] {
  const out = [...all];
  [out[i], out[i + by]] = [out[i + by]!, out[i]!];
  return out;
}

export type Span = 'day' | 'hours' | 'days';

/** How a limit's time is shown: the callee's day, whole days, or hours. */
export function spanOf(l: Limit): { span: Span; n: number } {
  const s = l.window_seconds ?? 0;
  if (s === 0) return { span: 'day', n: 1 };
  return s % DAY === 0 ? { span: 'days', n: s / DAY } : { span: 'hours', n: s / 3600 };
}

export function withSpan(l: Limit, span: Span, n: number): Limit {
  const { window_seconds: _, ...rest } = l;
  if (span === 'day') return rest;
  return { ...rest, window_seconds: Math.max(1, Math.round(n * (span === 'days' ? DAY : 3600))) };
}

/** A segment of a campaign as one value of a choice, and back. */
export const refKey = (r: SegmentRef): string => `${r.segmentation_id ?? ''} ${r.segment_id ?? ''}`;

export function refOf(key: string): SegmentRef {
  const [set, segment] = key.split(' ');
  return { ...(segment ? { segment_id: segment } : {}), ...(set ? { segmentation_id: set } : {}) };
}
