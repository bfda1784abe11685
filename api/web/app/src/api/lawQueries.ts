import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { del, get, post, put, query } from './http';
import type {
  CampaignWhy, ChanceReport, Consent, ContactWhy, Erased, ListedOverride, NewConsent, NewOverride, Override, Pack, Registry, RegistryLoad, SearchResult, Timeline,
} from './law';
import type { DNC } from './types';

interface Collection<T> {
  items: T[];
}

const list = async <T>(path: string) => (await get<Collection<T>>(path)).items;

/** Rows of a page; a full page has another behind it. */
export const PAGE_ROWS = 100;

export const useSearch = (q: string, listID: string) =>
  useQuery({
    queryKey: ['search', q, listID],
    queryFn: () => get<SearchResult>('/contacts' + query({ q, list_id: listID, limit: 100 })),
    enabled: q !== '',
    placeholderData: keepPreviousData,
  });

export const useTimeline = (id: string, others: boolean) =>
  useInfiniteQuery({
    queryKey: ['journey', id, 'events', others],
    queryFn: ({ pageParam }) => get<Timeline>(`/contacts/${id}/journey` + query({ others: others ? 'true' : undefined, after: pageParam, limit: 50 })),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
  });

export const useContactWhy = (campaign: string, contact: string, enabled = true) =>
  useQuery({ queryKey: ['why', campaign, contact], queryFn: () => get<ContactWhy>(`/campaigns/${campaign}/contacts/${contact}/why`), enabled });

export const useCampaignWhy = (campaign: string) =>
  useQuery({ queryKey: ['why', campaign], queryFn: () => get<CampaignWhy>(`/campaigns/${campaign}/why`), refetchInterval: 30_000 });

export const useChances = (campaign: string) =>
  useQuery({ queryKey: ['campaigns', campaign, 'chances'], queryFn: () => get<ChanceReport>(`/campaigns/${campaign}/chances`), refetchInterval: 60_000 });

export const usePacks = () => useQuery({ queryKey: ['packs'], queryFn: () => list<Pack>('/rules/packs'), staleTime: Infinity });

export interface DNCFilter {
  phone?: string;
  q?: string;
  person?: string;
  campaign_id?: string;
}

/** Pages of rows, each read from behind the last row of the one before. */
function usePages<T extends { id: string }>(key: unknown[], path: string, filter: object, enabled = true) {
  return useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => list<T>(path + query({ ...filter, before: pageParam, limit: PAGE_ROWS })),
    initialPageParam: '',
    getNextPageParam: (last) => (last.length === PAGE_ROWS ? last.at(-1)!.id : undefined),
    placeholderData: keepPreviousData,
    enabled,
  });
}

export const useDNCPages = (filter: DNCFilter, enabled: boolean) => usePages<DNC>(['dnc', filter], '/dnc', filter, enabled);

export interface ConsentFilter {
  phone?: string;
  person?: string;
  purpose?: string;
  valid?: string;
}

export const useConsents = (filter: ConsentFilter) => usePages<Consent>(['consents', filter], '/consents', filter);

export const useRegistries = () =>
  useQuery({ queryKey: ['registries'], queryFn: () => list<Registry>('/registries'), refetchInterval: 15_000 });

const running = (loads: RegistryLoad[] | undefined) => loads?.some((l) => l.state === 'running') ?? false;

export const useRegistryLoads = (id: string) =>
  useQuery({
    queryKey: ['registries', id, 'loads'],
    queryFn: () => list<RegistryLoad>(`/registries/${id}/loads`),
    refetchInterval: (q) => (running(q.state.data) ? 1000 : 30_000),
  });

// Changes: each makes what it touched be read again.
function useChange<A, R>(change: (a: A) => Promise<R>, ...touched: string[]) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => Promise.all(touched.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}

export interface NewDNC {
  phone?: string;
  person?: string;
  reason: string;
  campaign_id?: string;
  until?: string;
}

export const useSuppress = () => useChange((d: NewDNC) => post<DNC>('/dnc', d), 'dnc', 'journey', 'why');
export const useAllow = () =>
  useChange((d: { id: string; reason: string }) => del(`/dnc/${d.id}` + query({ reason: d.reason })), 'dnc', 'journey', 'why');
export const useCreateRegistry = () =>
  useChange((r: { name: string; region: string; everyone: boolean; coverage: string[] }) => post<Registry>('/registries', r), 'registries');
export const useSetCoverage = () =>
  useChange((r: { id: string; coverage: string[] }) => put<Registry>(`/registries/${r.id}/coverage`, { coverage: r.coverage }), 'registries', 'why');
export const useDeleteRegistry = () => useChange((id: string) => del(`/registries/${id}`), 'registries', 'why');
export const useCancelLoad = () =>
  useChange((l: { id: string; no: number }) => del(`/registries/${l.id}/loads/${l.no}`), 'registries');
export const useAddConsents = () =>
  useChange((consents: NewConsent[]) => post<{ added: number; known: number }>('/consents', { consents }), 'consents', 'journey', 'why');
export const useWithdraw = () =>
  useChange((w: { id: string; how: string }) => post<{ withdrawn: number }>('/consents/withdrawals', w), 'consents', 'journey', 'why');
export const useErase = () =>
  useChange((e: { contact_id: string; reason: string; keep_calls: boolean; keep_recordings: boolean }) => post<Erased>('/people/erasures', e), 'journey', 'search', 'contacts', 'dnc', 'consents', 'overrides');

export interface OverrideFilter {
  phone?: string;
  contact_id?: string;
  rule?: string;
  valid?: string;
}

export const useOverrides = (filter: OverrideFilter) => usePages<ListedOverride>(['overrides', filter], '/overrides', filter);
export const useAddOverride = () => useChange((o: NewOverride) => post<Override>('/overrides', o), 'overrides', 'why');
export const useEndOverride = () =>
  useChange((o: { id: string; reason: string }) => del(`/overrides/${o.id}` + query({ reason: o.reason })), 'overrides', 'why');
