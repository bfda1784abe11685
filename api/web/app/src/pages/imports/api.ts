// What the import wizard asks the server for.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { del, get, post, upload } from '../../api/http';
import type { ImportJob } from '../../api/types';
import type { Column, Plan } from './plan';

export interface Preview {
  row: number;
  record: string[];
  phone: string;
  kind: string;
  region: string;
  zones: string[];
  carrier: string;
  name: string;
  key: string;
  priority: number;
  tags: string[];
  phones: { phone: string; kind: string; label: string }[];
  fields: Record<string, string> | null;
  field: string;
  reason: string;
  value: string;
}

export interface Inspection {
  encoding: string;
  delimiter: string;
  sheets: string[];
  sheet: string;
  header: boolean;
  columns: Column[];
  rows: Preview[];
  template?: string;
}

export interface Template {
  id: string;
  name: string;
  plan: Plan;
}

export interface NearContact {
  id: string;
  name: string;
  phone: string;
  fields: Record<string, string> | null;
}

export interface NearDuplicate {
  id: string;
  score: number;
  why: string[];
  first: NearContact | null;
  second: NearContact | null;
}

/** A file that the server keeps, and what it looks like. */
export interface Inspected {
  import: ImportJob;
  inspection: Inspection;
}

/** Sends a file; nothing of it is stored until it is started. */
export const sendFile = (listID: string, file: File, onProgress: (share: number) => void, stop: AbortSignal): Promise<Inspected> =>
  upload<Inspected>(`/lists/${listID}/imports/inspect`, file, onProgress, stop);

export const useInspection = (id: string, plan: Plan, enabled: boolean) =>
  useQuery({
    queryKey: ['inspection', id, plan],
    queryFn: async () => (await post<Inspected>(`/imports/${id}/inspect`, plan)).inspection,
    enabled,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    retry: false,
  });

export const useTemplates = () =>
  useQuery({ queryKey: ['import-templates'], queryFn: async () => (await get<{ items: Template[] }>('/import-templates')).items });

export const useNearDuplicates = (listID: string, enabled = true) =>
  useQuery({ queryKey: ['near-duplicates', listID], queryFn: async () => (await get<{ items: NearDuplicate[] }>(`/lists/${listID}/near-duplicates`)).items, enabled, retry: false });

function useChange<A, R>(change: (a: A) => Promise<R>, ...touched: string[]) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => Promise.all(touched.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}

export const useStart = (id: string) => useChange((plan: Plan) => post<ImportJob>(`/imports/${id}/start`, { plan }), 'import', 'imports', 'lists');
export const useCancelImport = () => useChange((id: string) => post<ImportJob>(`/imports/${id}/cancel`), 'import', 'imports');
export const useSaveTemplate = () =>
  useChange((a: { name: string; plan: Plan }) => post<Template>('/import-templates', a), 'import-templates');
export const useRemoveTemplate = () => useChange((id: string) => del(`/import-templates/${id}`), 'import-templates');
export const useFindNear = (listID: string) => useChange(() => post<{ found: number }>(`/lists/${listID}/near-duplicates`), 'near-duplicates');
export const useDecide = () =>
  useChange((a: { id: string; decision: 'merge' | 'different'; keep?: string }) => post(`/near-duplicates/${a.id}`, { decision: a.decision, keep: a.keep }), 'near-duplicates', 'contacts', 'lists');
