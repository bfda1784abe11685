// What the pages of segments ask the server for.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { del, get, post, put, query } from '../../api/http';
import type { FilterNode } from './form';

export interface FilterField {
  name: string;
  type: 'text' | 'number' | 'date' | 'bool' | 'money' | 'moment' | 'choice' | 'texts' | 'tags';
  custom: boolean;
  history: boolean;
  /** The newest answer to a question of a script. */
  answer?: boolean;
  ops: string[];
  choices?: string[] | null;
}

export interface FilterProblem {
  code: string;
  at: { line: number; column: number };
  path?: string;
  got?: string;
  message: string;
  message_zh: string;
}

export interface Count {
  contacts: number;
  of: number;
  exact: boolean;
  margin: number;
  at: string;
  took_ms: number;
}

export interface FilterChecked {
  valid: boolean;
  text?: string;
  form?: FilterNode;
  problem?: FilterProblem;
  count?: Count;
}

export interface Segment {
  id: string;
  name: string;
  filter: string;
  form?: FilterNode;
  list_ids: string[];
  zone: string;
  revision: number;
  count: Count | null;
  created_at: string;
  updated_at: string;
}

export interface Overlap {
  segment_ids: string[];
  contacts: number;
  examples: string[];
}

export interface SetCheck {
  of: number;
  parts: { segment_id: string; contacts: number; fits: number }[];
  rest: Overlap;
  overlaps: Overlap[];
  sound: boolean;
  at: string;
  took_ms: number;
}

/** Segments that part contacts among them: each contact in one. */
export interface Segmentation {
  id: string;
  name: string;
  segment_ids: string[];
  list_ids: string[];
  ordered: boolean;
  revision: number;
  check: SetCheck | null;
  created_at: string;
}

export type SegmentDraft = Pick<Segment, 'name' | 'filter' | 'list_ids' | 'zone'>;
export type SetDraft = Pick<Segmentation, 'name' | 'segment_ids' | 'list_ids' | 'ordered'>;

const items = async <T>(path: string) => (await get<{ items: T[] }>(path)).items;

export const useFields = (listIDs: string[]) =>
  useQuery({
    queryKey: ['filter-fields', listIDs],
    queryFn: () => items<FilterField>('/filters/fields' + query({ list_ids: listIDs.join(',') })),
    staleTime: 60_000,
  });

export interface CheckAsked {
  filter?: string;
  form?: FilterNode;
  list_ids: string[];
  zone?: string;
  count?: boolean;
}

export const checkFilter = (a: CheckAsked): Promise<FilterChecked> => post<FilterChecked>('/filters/check', a);

export const useSegments = () => useQuery({ queryKey: ['segments'], queryFn: () => items<Segment>('/segments') });

export const useSegment = (id: string) =>
  useQuery({ queryKey: ['segments', id], queryFn: () => get<Segment>(`/segments/${id}`), enabled: id !== 'new' });

/** Lets at most n of the calls run at the same time: counts are dear to the database. */
export function limited(n: number): <T>(f: () => Promise<T>) => Promise<T> {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (f) => {
    if (running >= n) await new Promise<void>((go) => queue.push(go));
    running++;
    try {
      return await f();
    } finally {
      running--;
      queue.shift()?.();
    }
  };
}

const twoAtOnce = limited(2);

/** The count of a segment that is looked at; it is counted again after a minute. */
export const useCount = (s: Segment, watched: boolean) =>
  useQuery({
    queryKey: ['segment-count', s.id, s.revision],
    queryFn: () => twoAtOnce(() => get<Count>(`/segments/${s.id}/count?max_age=30`)),
    enabled: watched,
    initialData: s.count ?? undefined,
    initialDataUpdatedAt: s.count ? Date.parse(s.count.at) : undefined,
    staleTime: 30_000,
    refetchInterval: watched ? 60_000 : false,
    retry: false,
  });

export const useSegmentations = () => useQuery({ queryKey: ['segmentations'], queryFn: () => items<Segmentation>('/segmentations') });

export const useSegmentation = (id: string) =>
  useQuery({ queryKey: ['segmentations', id], queryFn: () => get<Segmentation>(`/segmentations/${id}`), enabled: id !== 'new' });

function useChange<A, R>(change: (a: A) => Promise<R>, ...touched: string[]) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => Promise.all(touched.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}

export const useSaveSegment = (id: string) =>
  useChange((d: SegmentDraft & { revision?: number }) =>
    (id === 'new' ? post<Segment>('/segments', d) : put<Segment>(`/segments/${id}`, d)), 'segments', 'segmentations');
export const useDeleteSegment = () => useChange((id: string) => del(`/segments/${id}`), 'segments');
export const useExactCount = (id: string) =>
  useChange(() => get<Count>(`/segments/${id}/count?max_age=0&exact=true`), 'segments');
export const useSaveSet = (id: string) =>
  useChange((d: SetDraft & { revision?: number }) =>
    (id === 'new' ? post<Segmentation>('/segmentations', d) : put<Segmentation>(`/segmentations/${id}`, d)), 'segmentations');
export const useDeleteSet = () => useChange((id: string) => del(`/segmentations/${id}`), 'segmentations');
export const useCheckSet = (id: string) => useChange(() => post<SetCheck>(`/segmentations/${id}/check`), 'segmentations');
