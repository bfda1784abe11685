import type { ContactCounts } from './api';

export const sumOf = (counts: Record<string, number> | null | undefined): number => Object.values(counts ?? {}).reduce((a, n) => a + n, 0);

export interface Standing {
  loaded: number;
  dialable: number;
  in_flight: number;
  finished: number;
  excluded: number;
}

export function standing(p: ContactCounts): Standing {
  return { loaded: p.loaded, dialable: p.dialable, in_flight: p.in_flight, finished: p.finished, excluded: sumOf(p.excluded) };
}

/** What the parts do not sum up to: not 0 means that the server counted wrong, and the page says so instead of hiding it. */
export function missing(s: Standing): number {
  return s.loaded - s.dialable - s.in_flight - s.finished - s.excluded;
}

/** Reasons by how many they concern; those without anybody are left out. */
export function ranked(counts: Record<string, number> | null | undefined): [string, number][] {
  return Object.entries(counts ?? {}).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

/** Share of the work that is done, 0 to 1: a job without contacts is done when it has ended. */
export function jobShare(j: { total: number; seen: number; state: string }): number {
  if (j.state === 'done') return 1;
  return j.total > 0 ? Math.min(1, j.seen / j.total) : 0;
}

export type SplitWay = 'weight' | 'count' | 'filter';

export interface SplitRow {
  name: string;
  value: string;
}

/** The rows of the split dialog as the server takes them, or the first row that is not complete. */
export function splitParts(way: SplitWay, rows: SplitRow[]): { parts: { name: string; weight?: number; count?: number; filter?: string }[]; bad: number } {
  const parts = rows.map((r) => {
    const name = r.name.trim();
    if (way === 'filter') return { name, filter: r.value.trim() };
    const n = /^\d{1,12}$/.test(r.value.trim()) ? Number(r.value) : 0;
    return way === 'weight' ? { name, weight: n } : { name, count: n };
  });
  const bad = parts.findIndex((p) => !p.name || !(('filter' in p && p.filter) || ('weight' in p && p.weight && p.weight <= 1000) || ('count' in p && p.count)));
  return { parts, bad };
}
