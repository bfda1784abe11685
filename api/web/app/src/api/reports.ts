import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { del, get, post, put, query } from './http';

export const GROUPS = ['campaign', 'list', 'segment', 'agent', 'hour', 'day', 'month', 'version', 'caller', 'trunk', 'mode'] as const;
export type Group = (typeof GROUPS)[number];

export interface Both {
  en: string;
  zh: string;
}

export interface Definition {
  id: string;
  unit: 'count' | 'share' | 'seconds' | 'hours' | 'minutes' | 'money';
  name: Both;
  formula: Both;
}

export type Values = Record<string, number | null>;

export interface ReportRow {
  key: string;
  label: string;
  sums: Record<string, number>;
  kpi: Values;
  previous?: Values;
}

export interface ReportTable {
  from: string;
  to: string;
  zone: string;
  group: Group;
  as_of: string;
  behind: boolean;
  currency: string;
  rows: ReportRow[];
  total: ReportRow;
  truncated: boolean;
}

export interface Ask {
  from: string;
  to: string;
  zone: string;
  group: Group;
  campaigns: string[];
  compare: boolean;
}

export interface HeatCell {
  attempts: number;
  connects: number;
  contacts: number;
  rate: number | null;
  low: number;
  high: number;
}

export interface Counts {
  live: number;
  abandoned: number;
  amd_false: number;
  rate: number | null;
  room: number;
}

export interface Ledger {
  campaign_id: string;
  name: string;
  zone: string;
  cap: number;
  windows: (Counts & { span: 'day' | '30d' | 'month'; start: string; end: string; enforced: boolean })[];
  days: (Counts & { day: string })[];
}

export interface Delivery {
  due_at: string;
  state: 'waiting' | 'sent' | 'failed' | 'unknown';
  tries: number;
  error: string;
  ended_at: string | null;
}

export interface Schedule {
  id: string;
  name: string;
  plan: Plan;
  way: 'mail' | 'webhook';
  target: string;
  format: 'csv' | 'xlsx';
  language: 'en' | 'zh-CN';
  zone: string;
  enabled: boolean;
  due_at: string;
  revision: number;
  last?: Delivery;
}

export interface Plan {
  group: Group;
  period: 'yesterday' | 'last_7_days' | 'last_week' | 'this_month' | 'last_month';
  campaign_ids?: string[];
  every: 'day' | 'week' | 'month';
  weekday?: number;
  at: string;
}

const span = (a: Ask) => ({ from: a.from, to: a.to, zone: a.zone, campaign_ids: a.campaigns.join() });

export const useReport = (a: Ask) =>
  useQuery({ queryKey: ['report', a], queryFn: () => get<ReportTable>('/reports' + query({ ...span(a), group: a.group, compare: a.compare ? 'true' : undefined })), placeholderData: keepPreviousData, retry: false, refetchInterval: 60_000 });

export const useDefinitions = () => useQuery({ queryKey: ['report', 'definitions'], queryFn: async () => (await get<{ items: Definition[] }>('/reports/definitions')).items, staleTime: Infinity });

export const useHeat = (a: Ask) => useQuery({ queryKey: ['heat', span(a)], queryFn: () => get<{ cells: HeatCell[]; unknown: number }>('/reports/heat' + query(span(a))), placeholderData: keepPreviousData, retry: false });

export const useLedgers = (campaigns: string[]) =>
  useQuery({ queryKey: ['abandonment', campaigns], queryFn: async () => (await get<{ items: Ledger[] }>('/abandonment' + query({ campaign_ids: campaigns.join(), days: 60 }))).items, placeholderData: keepPreviousData, refetchInterval: 30_000 });

export const reportURL = (a: Ask, format: 'csv' | 'xlsx', language: string) => '/api/reports/file' + query({ ...span(a), group: a.group, format, language });

export const heatURL = (a: Ask, format: 'csv' | 'xlsx') => '/api/reports/heat/file' + query({ ...span(a), format });

export const ledgerURL = (campaigns: string[], format: 'csv' | 'xlsx') => '/api/abandonment/file' + query({ campaign_ids: campaigns.join(), days: 60, format });

export const evidenceURL = (campaign: string, a: Ask) => `/api/campaigns/${campaign}/evidence` + query({ from: a.from, to: a.to, zone: a.zone });

export const useSchedules = () => useQuery({ queryKey: ['report-schedules'], queryFn: async () => (await get<{ items: Schedule[] }>('/report-schedules')).items, refetchInterval: 60_000 });

function useChange<T>(change: (v: T) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: change, onSettled: () => client.invalidateQueries({ queryKey: ['report-schedules'] }) });
}

export type ScheduleDraft = Omit<Schedule, 'id' | 'due_at' | 'last' | 'revision'>;

export const usePutSchedule = () => useChange((s: { id: string; revision: number; draft: ScheduleDraft }) => (s.id ? put(`/report-schedules/${s.id}`, { ...s.draft, revision: s.revision }) : post('/report-schedules', s.draft)));
export const useDropSchedule = () => useChange((id: string) => del(`/report-schedules/${id}`));

/** What a campaign costs and earns: prices in its currency's unit. */
export const RATES = ['data', 'labour', 'call', 'minute', 'commission', 'fulfilment', 'revenue'] as const;
export type Rate = (typeof RATES)[number];
export type Rates = Record<Rate, number> & { since: string; currency: string };

export const useCosts = (campaign: string) => useQuery({ queryKey: ['costs', campaign], queryFn: async () => (await get<{ items: Rates[] }>(`/campaigns/${campaign}/costs`)).items });

export function useSaveCosts(campaign: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (items: Rates[]) => (await put<{ items: Rates[] }>(`/campaigns/${campaign}/costs`, { items })).items,
    onSuccess: (items) => {
      client.setQueryData(['costs', campaign], items);
      void client.invalidateQueries({ queryKey: ['report'] });
    },
  });
}
