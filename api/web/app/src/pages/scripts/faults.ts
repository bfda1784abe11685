import type { Fault } from './api';

/** The page that a fault's path speaks of; -1: of none. */
export function pageIndex(path: string): number {
  const m = /^steps\[(\d+)\]/.exec(path);
  return m ? Number(m[1]) : -1;
}

/** Faults of a field and of all within it; exactly: of the field itself only. */
export const faultsAt = (faults: Fault[], path: string, exactly = false): Fault[] =>
  faults.filter((f) => f.path === path || (!exactly && (f.path.startsWith(path + '.') || f.path.startsWith(path + '['))));

/** Counts of faults by page. */
export function countByPage(faults: Fault[]): Map<number, Fault[]> {
  const out = new Map<number, Fault[]>();
  for (const f of faults) {
    const i = pageIndex(f.path);
    if (i >= 0) out.set(i, [...(out.get(i) ?? []), f]);
  }
  return out;
}

/** A path and those around it, nearest first: the field to go to may be that of its parent. */
export function around(path: string): string[] {
  const out = [path];
  for (let p = path; ;) {
    const shorter = p.replace(/(\.[^.[\]]+|\[\d+\])$/, '');
    if (shorter === p || shorter === '') return out;
    out.push(shorter);
    p = shorter;
  }
}
