import { useSyncExternalStore } from 'react';

// Whose drawer is open: rows of the table, the queue and the list of threads open it, one component shows it.
export interface Opened {
  agent: string;
  name: string;
}

let current: Opened | null = null;
const listeners = new Set<() => void>();

export function openAgent(opened: Opened | null): void {
  current = opened;
  listeners.forEach((f) => f());
}

const subscribe = (f: () => void) => {
  listeners.add(f);
  return () => listeners.delete(f);
};

export const useOpened = (): Opened | null => useSyncExternalStore(subscribe, () => current);
