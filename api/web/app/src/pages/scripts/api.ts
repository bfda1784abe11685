// What the pages of scripts ask the server for.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ScriptAt, ScriptDoc } from '../../api/desk';
import { del, get, post, put, query } from '../../api/http';
import type { Language, Text } from '../../api/types';

/** A fault of a document. path is a JSON path such as steps[2].next[0].to. */
export interface Fault {
  path: string;
  code: string;
  reason: string;
  text: Text;
  line?: number;
}

export interface Named { id: string; name: string }
export interface Draft { script_id: string; name: string; body: unknown; revision: number; base: number; updated_at: string; updated_by: string; problems: Fault[] }
export interface LibraryItem {
  id: string;
  name: string;
  version: number;
  published_at: string | null;
  draft: { revision: number; updated_at: string; updated_by: string } | null;
  campaigns: (Named & { version: number })[];
}
export interface VersionInfo { version: number; name: string; note: string; created_at: string; created_by: string; campaigns: Named[] }
export interface Overview { id: string; name: string; draft: Draft | null; versions: VersionInfo[] }
export interface Checked { problems: Fault[]; document: ScriptDoc | null; text: string | null; pages: number; questions: number }
export interface LogEntry { at: string; by: string; act: 'publish' | 'rollback'; version: number; note: string; campaigns: string[] }

export interface ViewQuestion { id: string; type: string; text: string; hint?: string; required: boolean; options?: { value: string; label: string; alone?: boolean }[]; rows?: { value: string; label: string }[] }
export interface View { id: string; title: string; text: string; hint?: string; disclosure?: string; suggest?: string; questions: ViewQuestion[] | null }
export interface Play {
  body: ScriptDoc;
  position?: ScriptAt | null;
  act?: 'begin' | 'next' | 'back' | 'go' | 'read' | 'look';
  step?: string;
  answers: Record<string, unknown>;
  contact?: { name: string; phone: string; zone: string; fields: Record<string, string> };
  agent?: string;
  campaign?: string;
  segments?: string[];
  now?: string;
  language?: Language;
}
export interface Played { at: ScriptAt; view: View | null; refused: string; problems: { question: string; code: string; limit?: string; reason: string }[] }

/** A share with its Wilson interval of 95 %. */
export interface Share { n: number; of: number; share: number; low: number; high: number }
export interface StepDrop { step: string; title: Text; reached: number; exits: number; refusals: number; early: number; answered: number; median_ms: number; p90_ms: number }
export interface Way { from: string; to: string; calls: number; conversion: Share; refusals: number }
export interface Group {
  key: string;
  label: string;
  version: number;
  calls: number;
  ended: number;
  conversion: Share;
  refusal: Share;
  early: Share;
  after_opening: Share;
  verdict: '' | 'opening' | 'offer' | 'both' | 'few';
  steps: StepDrop[] | null;
  ways: Way[] | null;
}
export interface Dropoff { by: string; groups: Group[] | null; as_of: string }
export interface QuestionResult {
  id: string;
  step: string;
  type: string;
  text: Text;
  answered: number;
  options: { value: string; label: Text; row?: string; count: number; share: number; low: number; high: number }[] | null;
  mean: number | null;
  median: number | null;
}
export interface Results { calls: number; questions: QuestionResult[] | null }
export interface Diff { diff: number; low: number; high: number }
export interface Arm { script_id: string; version: number; weight: number; name: string; calls: number; contacts: number; conversion: Share; refusal: Share; early: Share }
export interface ScriptTest {
  id: string;
  campaign_id: string;
  name: string;
  state: 'running' | 'ended';
  started_at: string;
  ended_at: string | null;
  winner: number | null;
  arms: Arm[];
  differences: { arm: number; conversion: Diff; refusal: Diff; early: Diff }[] | null;
}
export interface ReportFilter { version?: number; campaign_id?: string; from?: string; to?: string }

export const checkDoc = (asked: { body?: unknown; text?: string; campaign_id?: string }) => post<Checked>('/scripts/check', asked);
export const play = (p: Play) => post<Played>('/scripts/play', p);
export const overview = (id: string) => get<Overview>(`/scripts/${id}`);
export const saveDraft = (id: string, d: { name: string; body: unknown; revision: number }) => put<Draft>(`/scripts/${id}/draft`, d);
export const fileURL = (id: string, version: number, format: 'json' | 'text') => `/api/scripts/${id}/versions/${version}/file?format=${format}`;
export const answersURL = (id: string, format: 'csv' | 'xlsx', f: ReportFilter) => `/api/scripts/${id}/answers/export${query({ format, ...f })}`;

export const useLibrary = () => useQuery({ queryKey: ['script-library'], queryFn: async () => (await get<{ items: LibraryItem[] }>('/script-library')).items });
export const useOverview = (id: string) => useQuery({ queryKey: ['script-overview', id], queryFn: () => overview(id), refetchOnWindowFocus: false });
export const useLog = (id: string) => useQuery({ queryKey: ['script-log', id], queryFn: async () => (await get<{ items: LogEntry[] }>(`/scripts/${id}/log`)).items });
export const useDropoff = (id: string, by: string, f: ReportFilter) =>
  useQuery({ queryKey: ['script-dropoff', id, by, f], queryFn: () => get<Dropoff>(`/scripts/${id}/dropoff${query({ by, ...f })}`), placeholderData: (before) => before });
export const useResults = (id: string, f: ReportFilter) =>
  useQuery({ queryKey: ['script-results', id, f], queryFn: () => get<Results>(`/scripts/${id}/results${query({ ...f })}`), placeholderData: (before) => before });
export const useTests = (campaign: string) =>
  useQuery({ queryKey: ['script-tests', campaign], queryFn: async () => (await get<{ items: ScriptTest[] }>(`/campaigns/${campaign}/script-tests`)).items, enabled: campaign !== '' });

function useChange<A, R>(change: (a: A) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => client.invalidateQueries({ predicate: (q) => /^script|^campaign/.test(String(q.queryKey[0])) }),
  });
}

export const useCreateDraft = () => useChange((d: { name: string; body: unknown }) => post<Draft>('/script-drafts', d));
export const useDiscard = (id: string) => useChange(() => del(`/scripts/${id}/draft`));
export const usePublish = (id: string) =>
  useChange((p: { revision: number; note: string; campaign_ids: string[] }) => post<{ version: number; campaigns: Named[] }>(`/scripts/${id}/publish`, p));
export const useRollback = (id: string) =>
  useChange((p: { version: number; note: string; campaign_ids?: string[] }) => post<{ version: number; campaigns: Named[] }>(`/scripts/${id}/rollback`, p));
export const useStartTest = (campaign: string) =>
  useChange((p: { name: string; arms: { script_id: string; version: number; weight: number }[] }) => post<ScriptTest>(`/campaigns/${campaign}/script-tests`, p));
export const useEndTest = (campaign: string) =>
  useChange(({ test, winner }: { test: string; winner?: number }) => post<ScriptTest>(`/campaigns/${campaign}/script-tests/${test}/end`, winner === undefined ? {} : { winner }));
