import type { Attempt, Callback, Disposed, Journey } from '../../api/types';

export type Entry =
  | { kind: 'attempt'; at: string; attempt: Attempt; disposed?: Disposed; recorded: boolean }
  | { kind: 'callback'; at: string; callback: Callback };

/** Everything that happened to a contact, newest first: each attempt with its result, and the callbacks agreed. */
export function entries(j: Journey): Entry[] {
  const disposed = new Map(j.dispositions.map((d) => [d.attempt_id, d]));
  const recorded = new Set(j.recordings);
  const all: Entry[] = j.attempts.map((attempt) => ({
    kind: 'attempt', at: attempt.permit_at, attempt, disposed: disposed.get(attempt.id),
    recorded: recorded.has(attempt.id) || attempt.recorded === true,
  }));
  for (const callback of j.callbacks) all.push({ kind: 'callback', at: callback.due_at, callback });
  return all.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}
