import type { Attempt, Callback, Journey } from '../../api/types';

export type Entry = { kind: 'attempt'; at: string; attempt: Attempt } | { kind: 'callback'; at: string; callback: Callback };

/** Everything that happened to a contact and what is agreed for later, newest first. */
export function entries(j: Journey): Entry[] {
  const attempts: Entry[] = j.attempts.map((attempt) => ({ kind: 'attempt', at: attempt.permit_at, attempt }));
  const callbacks: Entry[] = j.callbacks.map((callback) => ({ kind: 'callback', at: callback.due_at, callback }));
  return [...attempts, ...callbacks].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}
