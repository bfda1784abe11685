// Tags of contacts: of one, of some that somebody picked, and of who fits a segment.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { post, put } from '../../api/http';
import type { ListJob } from '../lists/api';

export interface TagChange {
  add: string[];
  remove: string[];
}

function useTagging<A, R>(change: (a: A) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => Promise.all(['journey', 'search', 'contacts', 'segment-count', 'list-jobs'].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}

export const useSetTags = () => useTagging((a: { id: string; tags: string[] }) => put(`/contacts/${a.id}/tags`, { tags: a.tags }));
export const useTagSome = () => useTagging((a: TagChange & { contact_ids: string[] }) => post<{ changed: number }>('/contacts/tags', a));
export const useTagSegment = () =>
  useTagging(async ({ id, ...change }: TagChange & { id: string }) => (await post<{ items: ListJob[] }>(`/segments/${id}/tags`, change)).items);
