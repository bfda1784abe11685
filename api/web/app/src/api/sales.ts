// Sales records: what may come, or came, of calls.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { newID } from '../stream/context';
import { get, post, put, query } from './http';

export type StageKind = 'open' | 'won' | 'lost';

export interface SaleStage {
  id?: string;
  name_en: string;
  name_zh: string;
  kind: StageKind;
}

export interface Sale {
  id: string;
  campaign_id: string;
  campaign_name: string;
  contact_id: string;
  contact_name: string;
  title: string;
  stage_id: string;
  stage_en: string;
  stage_zh: string;
  kind: StageKind;
  amount: number;
  currency: string;
  follow_up_at: string | null;
  owner_id: string | null;
  owner_name: string;
  note: string;
  created_by: string;
  creator_name: string;
  created_at: string;
  stage_at: string;
  revision: number;
  attempts: string[];
}

export interface SaleChange {
  at: string;
  by: string;
  stage_id: string;
  stage_en: string;
  stage_zh: string;
  amount: number;
  currency: string;
}

export interface SaleText {
  title: string;
  stage_id: string;
  amount: number;
  currency: string;
  follow_up_at?: string;
  owner_id?: string;
  note?: string;
}

export interface SaleSum {
  stage_id: string;
  kind: StageKind;
  currency: string;
  count: number;
  amount: number;
}

export interface SaleChoice {
  campaign_id?: string;
  kind?: string;
  due_before?: string;
  attempt_id?: string;
  contact_id?: string;
}

const PAGE = 100;

export const useSales = (f: SaleChoice, enabled = true) =>
  useInfiniteQuery({
    queryKey: ['sales', f],
    enabled,
    initialPageParam: null as Sale | null,
    queryFn: async ({ pageParam: last }) =>
      (await get<{ items: Sale[] }>('/sales' + query({ ...f, limit: PAGE, ...(last ? { before: last.created_at, before_id: last.id } : {}) }))).items,
    getNextPageParam: (page) => (page.length === PAGE && !f.due_before ? page.at(-1)! : undefined),
  });

export const useSale = (id: string) => useQuery({ queryKey: ['sale', id], queryFn: () => get<Sale & { history: SaleChange[] }>(`/sales/${id}`), enabled: !!id });
export const useSaleSums = (campaign: string) => useQuery({ queryKey: ['sales', 'sums', campaign], queryFn: async () => (await get<{ items: SaleSum[] }>('/sales/sums' + query({ campaign_id: campaign }))).items });
export const useSaleStages = (campaign: string, enabled = true) =>
  useQuery({ queryKey: ['sale-stages', campaign], queryFn: async () => (await get<{ items: SaleStage[] }>('/sale-stages' + query({ campaign_id: campaign }))).items, staleTime: 60_000, enabled });

export function useSaveSale() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ sale, id, attempt, text }: { sale: Sale | null; id: string; attempt: string; text: SaleText }) =>
      sale ? put<Sale>(`/sales/${sale.id}`, { ...text, revision: sale.revision, ...(attempt ? { attempt_id: attempt } : {}) }) : post<Sale>('/sales', { id, attempt_id: attempt, ...text }),
    onSuccess: (s) => Promise.all([client.invalidateQueries({ queryKey: ['sales'] }), client.invalidateQueries({ queryKey: ['sale', s.id] })]),
  });
}

export const salesURL = (campaign: string, format: 'csv' | 'xlsx') => '/api/sales/export' + query({ campaign_id: campaign, format });

export function useSaveStages(campaign: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (stages: SaleStage[]) => put('/sale-stages' + query({ campaign_id: campaign }), { stages }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['sale-stages'] }),
  });
}

/** Currencies to choose from; records may hold others. */
export const CURRENCIES = ['CNY', 'EUR', 'USD', 'GBP', 'JPY', 'HKD', 'TWD', 'SGD', 'CHF', 'AUD', 'CAD', 'INR'];

/** How many digits a currency has behind its point. */
export function digitsOf(currency: string): number {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/** An amount in smallest units, as the reader writes money. */
export function moneyText(language: string, amount: number, currency: string): string {
  const value = amount / 10 ** digitsOf(currency);
  try {
    return new Intl.NumberFormat(language, { style: 'currency', currency }).format(value);
  } catch {
    return `${new Intl.NumberFormat(language).format(value)} ${currency}`;
  }
}

export const toMinor = (value: number, currency: string): number => Math.round(value * 10 ** digitsOf(currency));
export const stageName = (s: { name_en: string; name_zh: string }, language: string): string => (language === 'zh-CN' ? s.name_zh : s.name_en);
export const stageOf = (s: Pick<Sale, 'stage_en' | 'stage_zh'>, language: string): string => (language === 'zh-CN' ? s.stage_zh : s.stage_en);
export { newID };
