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
