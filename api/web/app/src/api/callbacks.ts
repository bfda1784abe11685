import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, post, put, query } from './http';

export interface AgreedCallback {
  id: string;
  campaign_id: string;
  campaign_name: string;
  agent_id: string | null;
  agent_name: string;
  contact_id: string;
  contact_name: string;
  phone: string;
  /** IANA zone of the callee, "" when unknown. */
  zone: string;
  due_at: string;
  /** When it is tried next, where that is later than agreed. */
  next_at: string | null;
  calling: boolean;
  note: string;
  state: 'open' | 'done' | 'cancelled';
  attempt_id: string;
}

export interface Lawful {
  ok: boolean;
  at: string;
  zone: string;
  rule: string;
  reason: string;
  reason_zh: string;
  next: string | null;
}

export interface CallbackQuery {
  from?: string;
  to?: string;
  campaign_id?: string;
  agent_id?: string;
  /** "true": only those for anyone. */
  shared?: string;
  state?: string;
}

export const useCallbacks = (q: CallbackQuery) =>
  useQuery({
    queryKey: ['callbacks', q],
    queryFn: async () => (await get<{ items: AgreedCallback[] }>('/callbacks' + query({ ...q, limit: 1000 }))).items,
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });

const PAUSE = 400;

/** What the law says of calling the contact at a moment; asked when it has not changed for a while. */
export function useLawful(of: { attempt_id: string } | { callback_id: string }, at: Date | null, enabled = true) {
  const iso = at && Number.isFinite(at.getTime()) ? at.toISOString() : '';
  const [asked] = useDebouncedValue(iso, PAUSE);
  const found = useQuery({
    queryKey: ['lawful', of, asked],
    queryFn: () => get<Lawful>('/callbacks/lawful' + query({ ...of, at: asked })),
    enabled: enabled && asked !== '' && asked === iso,
    staleTime: 60_000,
    retry: false,
  });
  return { law: asked === iso ? found.data : undefined, asking: enabled && iso !== '' && (asked !== iso || found.isLoading) };
}

function useChange<T>(change: (v: T) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: change, onSettled: () => client.invalidateQueries({ queryKey: ['callbacks'] }) });
}

export const useMoveCallback = () =>
  useChange((k: { id: string; due_at: string; agent_id: string | null; note: string }) => put(`/callbacks/${k.id}`, { due_at: k.due_at, agent_id: k.agent_id, note: k.note }));

export const useCancelCallback = () => useChange((k: { id: string; reason: string }) => post(`/callbacks/${k.id}/cancel`, { reason: k.reason }));
