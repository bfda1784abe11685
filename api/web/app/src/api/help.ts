// Requests for help, messages between supervisors and agents, and supervisors' orders.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { newID } from '../stream/context';
import { del, get, post } from './http';

export interface HelpRequest {
  id: string;
  agent_id: string;
  agent_name: string;
  campaign_id: string;
  campaign_name: string;
  attempt_id: string | null;
  contact_id: string | null;
  contact_name: string;
  text: string;
  state: 'open' | 'taken' | 'closed' | 'withdrawn';
  asked_at: string;
  taken_at: string | null;
  taken_by: string | null;
  taken_by_name: string;
}

/** An agent's own request as his page shows it. */
export interface OwnHelp {
  id: string;
  text: string;
  asked_at: string;
  position: number;
  waiting: number;
  taken_by: string;
  taken_at: string | null;
}

export interface Message {
  id: string;
  seq: number;
  kind: 'chat' | 'coaching' | 'notice';
  from_id: string;
  from_name: string;
  agent_id: string | null;
  audience: '' | 'campaign' | 'team' | 'all';
  audience_id: string | null;
  attempt_id: string | null;
  contact_id: string | null;
  contact_name: string;
  body: string;
  at: string;
  until: string | null;
  read_at: string | null;
}

export interface Thread {
  agent_id: string;
  agent_name: string;
  last_seq: number;
  last_at: string;
  last_by: string;
  by_agent: boolean;
  body: string;
}

export interface Notice extends Message {
  audience_name: string;
  shown: number;
  read: number;
}

export interface Receipt {
  user_id: string;
  name: string;
  shown_at: string;
  read_at: string | null;
}

export interface Order {
  do: 'not_ready' | 'ready' | 'logout' | 'free';
  reason?: string;
  when?: 'now' | 'after';
}

export const MESSAGE_MOST = 1000;
export const HELP_MOST = 500;

/** What an agent has not read: others' words that still count. */
export function unread(all: Message[], agent: string, now: number): Message[] {
  return all.filter((m) => m.from_id !== agent && !m.read_at && (!m.until || Date.parse(m.until) > now));
}

export const useAskHelp = () => useMutation({ mutationFn: (text: string) => post('/desk/help', { id: newID(), text }) });
export const useWithdrawHelp = () => useMutation({ mutationFn: () => del('/desk/help') });
export const useWriteToSupervisors = () => useMutation({ mutationFn: (m: { id: string; body: string }) => post<Message>('/desk/messages', m) });
export const useMarkRead = () => useMutation({ mutationFn: (ids: string[]) => post('/desk/messages/read', { ids: ids.slice(0, 100) }) });

export const useOrder = () => useMutation({ mutationFn: ({ agent, order }: { agent: string; order: Order }) => post<{ done: boolean }>(`/agents/${agent}/orders`, order) });
export const useTakeHelp = () => useMutation({ mutationFn: (id: string) => post(`/help/${id}/take`) });
export const useCloseHelp = () => useMutation({ mutationFn: ({ id, answer }: { id: string; answer: string }) => post(`/help/${id}/close`, { answer }) });

interface Chats {
  items: Thread[];
  seen: Record<string, number>;
}

export const useChats = () => useQuery({ queryKey: ['chats'], queryFn: () => get<Chats>('/chats'), staleTime: 60_000 });
/** version makes it read again: the newest message's number, as the stream tells it. */
export const useThread = (agent: string, version: number) =>
  useQuery({ queryKey: ['chat', agent, version], queryFn: async () => (await get<{ items: Message[] }>(`/chats/${agent}`)).items, placeholderData: (before, query) => (query?.queryKey[1] === agent ? before : undefined) });

export function useWriteToAgent(agent: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (m: { id: string; body: string }) => post<Message>(`/chats/${agent}`, m),
    onSuccess: () => client.invalidateQueries({ queryKey: ['chat', agent] }),
  });
}

export function useCoach(agent: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (m: { id: string; body: string; attempt_id: string }) => post<Message>('/coaching', m),
    onSuccess: () => client.invalidateQueries({ queryKey: ['chat', agent] }),
  });
}

export function useSeeThread() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ agent, seq }: { agent: string; seq: number }) => post(`/chats/${agent}/seen`, { seq }),
    onMutate: ({ agent, seq }) => client.setQueryData<Chats>(['chats'], (old) => old && { ...old, seen: { ...old.seen, [agent]: Math.max(seq, old.seen[agent] ?? 0) } }),
  });
}

export const useNotices = (enabled: boolean) =>
  useQuery({ queryKey: ['notices'], queryFn: async () => (await get<{ items: Notice[] }>('/notices')).items, enabled, refetchInterval: 5000 });
export const useReceipts = (id: string) =>
  useQuery({ queryKey: ['receipts', id], queryFn: async () => (await get<{ items: Receipt[] }>(`/notices/${id}/receipts`)).items, enabled: !!id, refetchInterval: 5000 });

export function useSendNotice() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (n: { id: string; body: string; audience: string; audience_id?: string; minutes: number }) => post('/notices', n),
    onSuccess: () => client.invalidateQueries({ queryKey: ['notices'] }),
  });
}

export function useEndNotice() {
  const client = useQueryClient();
  return useMutation({ mutationFn: (id: string) => del(`/notices/${id}`), onSuccess: () => client.invalidateQueries({ queryKey: ['notices'] }) });
}
