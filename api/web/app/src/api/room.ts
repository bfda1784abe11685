// Shapes and questions of the supervisors' room: steering, alerts, views of the board, webhooks.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { del, get, post, put, query, request } from './http';
import type { CallerChoice, Campaign, CampaignStatus, Mode } from './types';

/** How a campaign is set up, on the board. */
export interface BoardPlan {
  id: string;
  name: string;
  status: CampaignStatus;
  mode: Mode;
  ratio: number;
  abandon_target: number;
  caller_id: string;
  max_lines: number;
  weight: number;
  trunk_id: string;
  lists: '' | 'together' | 'mix';
  revision: number;
  alert_near: number;
  alert_idle: number;
}

/** Where a list stands in a campaign. */
export interface BoardList {
  campaign_id: string;
  list_id: string;
  name: string;
  position: number;
  weight: number;
  loaded: number;
  dialable: number;
  /** Of these, never tried or due. */
  now: number;
  in_flight: number;
  finished: number;
  excluded: number;
  dry: '' | 'empty' | 'finished' | 'waiting' | 'hours' | 'rules';
  why: string;
  next_at: string | null;
}

/** A trunk as one process uses it. */
export interface BoardTrunk {
  id: string;
  name: string;
  node: string;
  in_use: number;
  max_channels: number;
  cps: number;
  cps_now: number;
  ended: number;
  failed: number;
  /** Of the circuit breaker: open means that the trunk fails and is left alone for a while. */
  breaker: 'closed' | 'open' | 'half_open';
}

export interface Mark {
  id: number;
  at: string;
  actor: string;
  field: string;
  from: unknown;
  to: unknown;
}

export interface CampaignChange {
  id: number;
  campaign_id: string;
  at: string;
  actor: string | null;
  actor_name: string;
  field: string;
  from: unknown;
  to: unknown;
}

export interface Steering {
  revision: number;
  mode?: Mode;
  ratio?: number;
  abandon_target?: number;
  caller_id?: string;
  caller_ids?: string[];
  caller_choice?: CallerChoice;
  max_lines?: number;
  weight?: number;
  list_ids?: string[];
  lists?: '' | 'together' | 'mix';
  mix?: { list_id: string; weight: number }[];
}

export type Severity = 'info' | 'warning' | 'critical';

export interface Alert {
  id: string;
  kind: string;
  object: string;
  name: string;
  severity: Severity;
  code: string;
  args: Record<string, string | number> | null;
  raised_at: string;
  cleared_at: string | null;
  acked_at: string | null;
  acked_by: string | null;
  acked_name: string;
}

export interface SavedView {
  id: string;
  owner: string;
  owner_name: string;
  name: string;
  shared: boolean;
  body: unknown;
  revision: number;
  updated_at: string;
}

export interface Webhook {
  id: string;
  name: string;
  url: string;
  topics: string[];
  enabled: boolean;
  revision: number;
  created_at: string;
  delivered: number;
  waiting: number;
  dead: number;
  last_ok: string | null;
  last_error: string;
  failing: string | null;
  secret?: string;
}

export interface WebhookPost {
  id: number;
  message_id: string;
  topic: string;
  at: string;
  tries: number;
  due_at: string;
  dead_at: string | null;
  error: string;
}

export const TOPICS = ['attempt.ended', 'disposition.made', 'dnc.added', 'alert.raised', 'alert.cleared', 'alert.acknowledged', 'report.ready'] as const;

const items = async <T>(path: string) => (await get<{ items: T[] }>(path)).items;

export const useChanges = (campaign: string) =>
  useQuery({ queryKey: ['changes', campaign], queryFn: () => items<CampaignChange>(`/campaigns/${campaign}/changes?limit=200`) });
export const useViews = () => useQuery({ queryKey: ['views'], queryFn: () => items<SavedView>('/views') });
export const useWebhooks = (enabled = true) => useQuery({ queryKey: ['webhooks'], queryFn: () => items<Webhook>('/webhooks'), refetchInterval: 5000, enabled });
export const useWebhookPosts = (id: string, dead: boolean) =>
  useQuery({ queryKey: ['webhooks', id, dead], queryFn: () => items<WebhookPost>(`/webhooks/${id}/posts` + query({ dead: String(dead), limit: 100 })), enabled: !!id });
export const useAlertLog = (enabled: boolean) => useQuery({ queryKey: ['alerts'], queryFn: () => items<Alert>('/alerts?limit=100'), enabled });

function useChange<A, R>(change: (a: A) => Promise<R>, ...touched: string[]) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => Promise.all(touched.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}

export const useSteer = (id: string) => useChange((s: Steering) => request<Campaign>('PATCH', `/campaigns/${id}`, s), 'campaigns', 'changes');
export const useAck = () => useChange((id: string) => post<Alert>(`/alerts/${id}/ack`), 'alerts');
export const useSaveView = () =>
  useChange((v: Pick<SavedView, 'name' | 'shared' | 'body'> & { id?: string; revision?: number }) => {
    const { id, revision, ...draft } = v;
    return id ? put<SavedView>(`/views/${id}`, { ...draft, revision }) : post<SavedView>('/views', draft);
  }, 'views');
export const useDeleteView = () => useChange((id: string) => del(`/views/${id}`), 'views');
export const useSaveWebhook = () =>
  useChange((w: Pick<Webhook, 'name' | 'url' | 'topics' | 'enabled'> & { id?: string; revision?: number }) => {
    const { id, revision, ...draft } = w;
    return id ? put<Webhook>(`/webhooks/${id}`, { ...draft, revision }) : post<Webhook>('/webhooks', draft);
  }, 'webhooks');
export const useDeleteWebhook = () => useChange((id: string) => del(`/webhooks/${id}`), 'webhooks');
export const useRenewSecret = () => useChange((id: string) => post<{ secret: string }>(`/webhooks/${id}/secret`), 'webhooks');
export const useTestWebhook = () => useChange((id: string) => post(`/webhooks/${id}/test`), 'webhooks');
export const useRetryPosts = () => useChange((a: { id: string; post: number }) => post(`/webhooks/${a.id}/retry`, { post: a.post }), 'webhooks');
