// Campaign tests: treatments compared on contacts that were drawn before the start.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError, get, post } from './http';
import type { Week } from './types';

export type Outcome = 'success' | 'contact' | 'conversion';
export type Verdict = 'too_early' | 'go_on' | 'better' | 'worse' | 'undecided';

export interface Treatment {
  name: string;
  weight: number;
  hold_out?: boolean;
  script_id?: string;
  script_version?: number;
  caller_id?: string;
  hours?: Week;
  preview?: boolean;
}

export interface Experiment {
  id: string;
  campaign_id: string;
  name: string;
  arms: Treatment[];
  strata: string;
  seed: number;
  outcome: Outcome;
  planned: number;
  started_at: string;
  ended_at: string | null;
  ended_why: string;
}

export interface Share {
  n: number;
  of: number;
  share: number;
  low: number;
  high: number;
}

export interface Uplift {
  diff: number;
  low: number;
  high: number;
  sure_low: number;
  sure_high: number;
  verdict: Verdict;
  reached: number;
}

export interface ArmResult {
  arm: number;
  drawn: number;
  called: number;
  attempts: number;
  contact: Share;
  success: Share;
  conversion: Share;
  revenue: { currency: string; amount: number }[];
  imported: number;
  uplift: Uplift | null;
}

export type ExperimentResult = Experiment & { results: ArmResult[]; at: string };

export interface NewExperiment {
  campaign_id: string;
  name: string;
  arms: Treatment[];
  strata?: string;
  outcome: Outcome;
  planned: number;
}

export const useExperiments = () => useQuery({ queryKey: ['experiments'], queryFn: async () => (await get<{ items: Experiment[] }>('/experiments')).items });
export const useExperiment = (id: string) => useQuery({ queryKey: ['experiments', id], queryFn: () => get<ExperimentResult>(`/experiments/${id}`), refetchInterval: 30_000 });

function useChange<A, R>(change: (a: A) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: change, onSuccess: () => Promise.all([client.invalidateQueries({ queryKey: ['experiments'] }), client.invalidateQueries({ queryKey: ['campaigns'] })]) });
}

export const useStartExperiment = () => useChange((e: NewExperiment) => post<Experiment>('/experiments', e));
export const useEndExperiment = (id: string) => useChange((b: { why: string; release: boolean }) => post<Experiment>(`/experiments/${id}/end`, b));
export const useImportConversions = (id: string) =>
  useChange(async (file: File) => {
    const res = await fetch(`/api/experiments/${id}/conversions/file`, { method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'text/csv' }, body: file });
    const body = (await res.json().catch(() => null)) as { taken: number; unknown: number; code?: string; detail?: string } | null;
    if (!res.ok || !body) throw new ApiError(res.status, body?.code ?? 'unreachable', body?.detail ?? '');
    return body;
  });

/** Where a value of the plot lies, in percent of its width; the plot reaches equally far to both sides of zero. */
export function place(value: number, reach: number): number {
  return Math.max(0, Math.min(100, 50 + (value / reach) * 50));
}

/** How far the plot must reach so that every interval fits, in round steps. */
export function reachOf(results: ArmResult[]): number {
  const far = Math.max(0.01, ...results.flatMap((r) => (r.uplift ? [r.uplift.low, r.uplift.high, r.uplift.diff, ...(r.uplift.verdict === 'too_early' ? [] : [r.uplift.sure_low, r.uplift.sure_high])].map(Math.abs) : [])));
  return [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].find((s) => far <= s) ?? 1;
}
