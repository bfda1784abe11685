import { keepPreviousData, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { get, post, put, query, del } from './http';
import type {
  Attempt, Campaign, CampaignDraft, CampaignName, CampaignStatus, Contact, ContactList, ImportJob, Journey,
  NewUser, PacingStatus, PhoneKind, Reject, ScriptName, ScriptVersion, Simulation, SimulationQuestion, Summary, Trunk, User,
} from './types';

interface Collection<T> {
  items: T[];
  next?: string;
}

const list = async <T>(path: string) => (await get<Collection<T>>(path)).items;

export const useMe = () =>
  useQuery({ queryKey: ['me'], queryFn: () => get<User | null>('/me'), staleTime: Infinity, retry: false });

/** Puts another user, or nobody, in place; what was read for the one before is forgotten. */
export function switchUser(client: QueryClient, user: User | null): void {
  // The query of the user himself stays: the page watches that very one.
  client.removeQueries({ predicate: (q) => q.queryKey[0] !== 'me' });
  client.setQueryData<User | null>(['me'], user);
}

export const useLists = (refresh?: number) =>
  useQuery({
    queryKey: ['lists'],
    queryFn: () => list<ContactList>('/lists'),
    refetchInterval: refresh,
  });

export const useList = (id: string) =>
  useQuery({ queryKey: ['lists', id], queryFn: () => get<ContactList>(`/lists/${id}`) });

export const useImports = (listID: string, enabled: boolean) =>
  useQuery({ queryKey: ['imports', listID], queryFn: () => list<ImportJob>(`/lists/${listID}/imports`), enabled });

export const useContacts = (listID: string, q: string, after: string) =>
  useQuery({
    queryKey: ['contacts', listID, q, after],
    queryFn: async () => {
      const c = await get<Collection<Contact>>(`/lists/${listID}/contacts` + query({ q, after, limit: 50 }));
      return { items: c.items, next: c.next ?? '' };
    },
    placeholderData: keepPreviousData,
  });

export const useImport = (id: string | null, live: boolean) =>
  useQuery({
    queryKey: ['import', id],
    queryFn: () => get<ImportJob>(`/imports/${id}`),
    enabled: id !== null,
    // The stream tells of progress; asking is for when it is away, or for the end of a very short import.
    refetchInterval: (q) => (q.state.data?.state === 'running' ? (live ? 5000 : 1500) : false),
  });

export const useRejects = (id: string, enabled: boolean) =>
  useQuery({ queryKey: ['rejects', id], queryFn: () => list<Reject>(`/imports/${id}/rejects`), enabled });

export const useCampaigns = (refresh?: number) =>
  useQuery({ queryKey: ['campaigns'], queryFn: () => list<Campaign>('/campaigns'), refetchInterval: refresh });

export const useCampaignNames = () =>
  useQuery({ queryKey: ['campaigns'], queryFn: () => list<CampaignName>('/campaigns'), refetchInterval: 15_000 });

export const useCampaign = (id: string) =>
  useQuery({ queryKey: ['campaigns', id], queryFn: () => get<Campaign>(`/campaigns/${id}`), enabled: id !== 'new' });

export const useSummary = (id: string) =>
  useQuery({
    queryKey: ['campaigns', id, 'summary'],
    queryFn: () => get<Summary>(`/campaigns/${id}/summary`),
    refetchInterval: 5000,
  });

export const usePacing = (id: string) =>
  useQuery({
    queryKey: ['campaigns', id, 'pacing'],
    queryFn: () => get<PacingStatus>(`/campaigns/${id}/pacing`),
    refetchInterval: 2000,
    gcTime: 0, // what is minutes old says nothing of now
  });

const active = (s: Simulation | undefined) => s?.state === 'waiting' || s?.state === 'running';

export const useSimulations = (campaign: string) =>
  useQuery({
    queryKey: ['simulations', campaign],
    queryFn: () => list<Simulation>(`/campaigns/${campaign}/simulations`),
    refetchInterval: (q) => (q.state.data?.some(active) ? 2000 : 15_000),
  });

export const useSimulation = (id: string | undefined) =>
  useQuery({
    queryKey: ['simulation', id],
    queryFn: () => get<Simulation>(`/simulations/${id}`),
    enabled: !!id,
    refetchInterval: (q) => (active(q.state.data) ? 1000 : false),
  });

export const useTrunks = () => useQuery({ queryKey: ['trunks'], queryFn: () => list<Trunk>('/trunks') });
export const useScripts = () => useQuery({ queryKey: ['scripts'], queryFn: () => list<ScriptName>('/scripts') });

export const useScript = (id: string | undefined, version: number | undefined) =>
  useQuery({
    queryKey: ['scripts', id, version],
    queryFn: () => get<ScriptVersion>(`/scripts/${id}/versions/${version}`),
    enabled: !!id && !!version && !/^[0-]+$/.test(id),
    staleTime: Infinity,
  });

export interface AttemptFilter {
  campaign_id?: string;
  phone?: string;
  before?: string;
}

export const useAttempts = (f: AttemptFilter) =>
  useQuery({
    queryKey: ['attempts', f],
    queryFn: () => list<Attempt>('/attempts' + query({ ...f, limit: 100 })),
    placeholderData: keepPreviousData,
    refetchInterval: f.before ? false : 10_000,
  });

// Go writes an empty list of a nested value as null.
type Nullable<T> = { [K in keyof T]: T[K] extends unknown[] ? T[K] | null : T[K] };

export const useJourney = (id: string) =>
  useQuery({
    queryKey: ['journey', id],
    queryFn: async (): Promise<Journey> => {
      const j = await get<Nullable<Journey>>(`/contacts/${id}`);
      return { contact: j.contact, places: j.places ?? [], attempts: j.attempts ?? [], callbacks: j.callbacks ?? [], dnc: j.dnc ?? [], tags: j.tags ?? [] };
    },
  });

export const useUsers = () => useQuery({ queryKey: ['users'], queryFn: () => list<User>('/users') });

// Changes: each makes what it touched be read again.
function useChange<A, R>(change: (a: A) => Promise<R>, ...touched: string[]) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => Promise.all(touched.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}

export const useCreateList = () =>
  useChange((l: { name: string; region: string }) => post<ContactList>('/lists', l), 'lists');
export const useSaveCampaign = (id: string) =>
  useChange(
    (c: CampaignDraft) => (id === 'new' ? post<Campaign>('/campaigns', c) : put<Campaign>(`/campaigns/${id}`, c)),
    'campaigns',
  );
export const useSetStatus = () =>
  useChange((a: { id: string; status: CampaignStatus }) => post(`/campaigns/${a.id}/status`, { status: a.status }), 'campaigns');
export const useAskSimulation = (campaign: string) =>
  useChange((q: SimulationQuestion) => post<Simulation>(`/campaigns/${campaign}/simulations`, q), 'simulations');
export const useCancelSimulation = () => useChange((id: string) => del(`/simulations/${id}`), 'simulations', 'simulation');
export const useSaveTrunk = () =>
  useChange(({ id, fields }: { id?: string; fields: object }) => (id ? put<Trunk>(`/trunks/${id}`, fields) : post<Trunk>('/trunks', fields)), 'trunks');
export const useCreateUser = () => useChange((u: NewUser) => post<User>('/users', u), 'users');
export const useChangePhone = () =>
  useChange(({ id, ...change }: { id: string; phone_kind: PhoneKind; endpoint: string }) => put<User>(`/users/${id}`, change), 'users');
