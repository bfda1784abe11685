import { useRef } from 'react';

/** The list of before when nothing in it changed, so that what depends on it need not render again. */
export function useStableList<T>(list: T[]): T[] {
  const kept = useRef(list);
  const same = kept.current.length === list.length && kept.current.every((x, i) => Object.is(x, list[i]));
  if (!same) kept.current = list;
  return kept.current;
}

/** As useStableList, for names by id. */
export function useStableNames(entries: (readonly [string, string])[]): Map<string, string> {
  const kept = useRef(new Map<string, string>());
  const same = kept.current.size === entries.length && entries.every(([id, name]) => kept.current.get(id) === name);
  if (!same) kept.current = new Map(entries);
  return kept.current;
}

/** An entry of a held list; gone: it is no longer there, and only keeps its place. */
export interface Held<T> {
  key: string;
  value: T;
  gone: boolean;
}

/** Keys as they were first seen, new ones after them, and those that are gone still in their places: nothing moves under a hand. */
export function holdOrder<T>(before: Held<T>[], now: readonly (readonly [string, T])[]): Held<T>[] {
  const there = new Map(now);
  const known = new Set(before.map((h) => h.key));
  return [
    ...before.map((h) => (there.has(h.key) ? { key: h.key, value: there.get(h.key)!, gone: false } : { ...h, gone: true })),
    ...now.filter(([key]) => !known.has(key)).map(([key, value]) => ({ key, value, gone: false })),
  ];
}

/** As holdOrder, for as long as the component is on the page. */
export function useHeld<T>(now: readonly (readonly [string, T])[]): Held<T>[] {
  const kept = useRef<Held<T>[]>([]);
  kept.current = holdOrder(kept.current, now);
  return kept.current;
}
