// What the list pages ask the server for.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { del, get, post, put, query } from '../../api/http';
import type { ContactList } from '../../api/types';

/** Where contacts stand in a campaign. loaded = dialable + in_flight + finished + all of excluded. */
export interface ContactCounts {
  loaded: number;
  dialable: number;
  untouched: number;
  in_flight: number;
  finished: number;
  finished_by: Record<string, number> | null;
  excluded: Record<string, number> | null;
  waiting_for: Record<string, number> | null;
}

export interface ListProgress extends ContactCounts {
  list_id: string;
  campaign_id: string;
}

export interface ListsProgress {
  items: ListProgress[];
  at: string;
}

export type JobKind = 'split' | 'merge' | 'copy' | 'reset' | 'tag' | 'rewalk' | 'recheck';
export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

export interface ListJob {
  id: string;
  kind: JobKind;
  list_id: string | null;
  campaign_id: string | null;
  state: JobState;
  total: number;
  seen: number;
  changed: number;
  skipped: number;
  problem: string;
  new_lists: string[];
  created_at: string;
  ended_at: string | null;
}

export interface SplitPart {
  name: string;
  filter?: string;
  weight?: number;
  count?: number;
}

export const jobEnded = (j: ListJob): boolean => j.state !== 'waiting' && j.state !== 'running';

const items = async <T>(path: string) => (await get<{ items: T[] }>(path)).items;

export const useAllProgress = () =>
  useQuery({ queryKey: ['list-progress'], queryFn: () => get<ListsProgress>('/list-progress'), refetchInterval: 10_000 });

export const useListProgress = (id: string) =>
  useQuery({ queryKey: ['list-progress', id], queryFn: () => get<ListsProgress>(`/lists/${id}/progress`), refetchInterval: 5000 });

export const useListJobs = (listID: string) =>
  useQuery({
    queryKey: ['list-jobs', listID],
    queryFn: () => items<ListJob>('/list-jobs' + query({ list_id: listID, limit: 20 })),
    refetchInterval: (q) => (q.state.data?.every(jobEnded) === false ? 700 : 5000),
  });

// Every change of lists makes all that shows them be read again.
function useListChange<A, R>(change: (a: A) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => Promise.all(['lists', 'list-progress', 'list-jobs', 'contacts'].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}

export const useRename = () =>
  useListChange((a: { id: string; name: string; revision: number }) => put<ContactList>(`/lists/${a.id}`, { name: a.name, revision: a.revision }));
export const useArchive = () =>
  useListChange((a: { id: string; archived: boolean; revision: number }) =>
    post<ContactList>(`/lists/${a.id}/archive`, { archived: a.archived, revision: a.revision }));
export const useSplit = () =>
  useListChange((a: { id: string; parts: SplitPart[]; stay?: number; campaigns: boolean; revision: number }) => {
    const { id, ...body } = a;
    return post<ListJob>(`/lists/${id}/split`, body);
  });
export const useMerge = () =>
  useListChange((a: { id: string; sources: string[]; archive: boolean; campaigns: boolean; revision: number }) => {
    const { id, ...body } = a;
    return post<ListJob>(`/lists/${id}/merge`, body);
  });
export const useCopy = () =>
  useListChange((a: { into: string; source: string; filter?: string; revision: number }) => {
    const { into, ...body } = a;
    return post<ListJob>(`/lists/${into}/copy`, body);
  });
export const useReset = () =>
  useListChange((a: { campaign: string; list: string; reasons: string[]; revision: number }) =>
    post<ListJob>(`/campaigns/${a.campaign}/lists/${a.list}/reset`, { reasons: a.reasons, revision: a.revision }));
export const useCancelJob = () => useListChange((id: string) => del(`/list-jobs/${id}`));
export const useMakeList = () => useListChange((l: { name: string; region: string }) => post<ContactList>('/lists', l));

/** Address of an export: the browser downloads it by itself. */
export const exportURL = (id: string, format: 'csv' | 'xlsx', filter: string, segment: string): string =>
  `/api/lists/${id}/export` + query({ format, filter, segment_id: segment });
