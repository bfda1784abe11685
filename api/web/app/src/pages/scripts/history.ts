// The draft's past and future within the page.
export interface History<T> {
  past: T[];
  now: T;
  future: T[];
  /** What the last change was of, and when: typing in one field is one step back. */
  key: string;
  at: number;
}

const KEPT = 200;
const TOGETHER = 1500;

export const began = <T>(now: T): History<T> => ({ past: [], now, future: [], key: '', at: 0 });

/** A change. Changes with the same key, one soon after the other, are taken back together; '' never joins. */
export function did<T>(h: History<T>, now: T, key: string, at: number): History<T> {
  if (now === h.now) return h;
  const joins = key !== '' && key === h.key && at - h.at < TOGETHER && h.past.length > 0;
  return { past: joins ? h.past : [...h.past.slice(1 - KEPT), h.now], now, future: [], key, at };
}

export function undone<T>(h: History<T>): History<T> {
  if (h.past.length === 0) return h;
  return { past: h.past.slice(0, -1), now: h.past.at(-1)!, future: [h.now, ...h.future], key: '', at: 0 };
}

export function redone<T>(h: History<T>): History<T> {
  if (h.future.length === 0) return h;
  return { past: [...h.past, h.now], now: h.future[0]!, future: h.future.slice(1), key: '', at: 0 };
}
