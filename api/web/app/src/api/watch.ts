import { useMutation } from '@tanstack/react-query';
import { del, post, put } from './http';

export const WATCH_MODES = ['listen', 'whisper', 'barge', 'takeover'] as const;
export type WatchMode = (typeof WATCH_MODES)[number];

/** A supervisor's phone beside an agent's. */
export interface Watch {
  id: string;
  supervisor_id: string;
  supervisor: string;
  agent_id: string;
  agent: string;
  mode: WatchMode;
  /** ringing: the supervisor's phone; waiting: the agent's phone is not up; on: beside the agent; talking: he has the call. */
  state: 'ringing' | 'waiting' | 'on' | 'talking';
  attempt_id: string | null;
  silent: boolean;
  since: string;
}

/** Who is beside an agent, as his own page is told. */
export interface Watcher {
  name: string;
  mode: WatchMode;
  since: string;
}

export const useStartWatch = () => useMutation({ mutationFn: (w: { agent_id: string; mode: WatchMode }) => post<Watch>('/watches', w) });
export const useChangeWatch = () =>
  useMutation({ mutationFn: ({ id, ...w }: { id: string; agent_id?: string; mode?: WatchMode }) => put<Watch>(`/watches/${id}`, w) });
export const useEndWatch = () => useMutation({ mutationFn: (id: string) => del(`/watches/${id}`) });
