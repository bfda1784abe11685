// What the pages of a campaign ask the server for about its order, its agents and whom it calls.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { del, get, post, put } from '../../api/http';
import type { OrderBy, Role } from '../../api/types';
import type { ContactCounts } from '../lists/api';

/** How far the places are made that an order needs. */
export interface OrderStatus {
  by: OrderBy | '';
  state: 'none' | 'building' | 'ready';
  placed: number;
  total: number;
  ready_at: string | null;
}

/** What is for some agents only: a list of the campaign, or those of its contacts who fit a segment. */
export type AssignedKind = 'list' | 'segment';

export interface Assignment {
  kind: AssignedKind;
  /** Of the list or the segment. */
  id: string;
  name: string;
  agents: string[];
  teams: string[];
  state: 'open' | 'paused';
  /** Missing: too many to count them while somebody waits. */
  progress?: ContactCounts;
}

interface AssignmentStatus extends Omit<Assignment, 'kind' | 'id'> {
  list_id?: string;
  segment_id?: string;
  counted?: boolean;
}

export interface Team {
  id: string;
  name: string;
  members: string[] | null;
}

export interface UserName {
  id: string;
  name: string;
  role: Role;
  disabled: boolean;
}

/** A segment, a part of a set, or the rest of a set (without a segment). */
export interface SegmentRef {
  segment_id?: string;
  segmentation_id?: string;
}

export interface CampaignSegments {
  segments: SegmentRef[];
  revision: number;
}

const items = async <T>(path: string) => (await get<{ items: T[] }>(path)).items;

export const useOrderStatus = (campaign: string) =>
  useQuery({
    queryKey: ['campaigns', campaign, 'order'],
    queryFn: () => get<OrderStatus>(`/campaigns/${campaign}/order`),
    enabled: campaign !== 'new',
    refetchInterval: (q) => (q.state.data?.state === 'building' ? 2000 : 15_000),
  });

const paths = { list: 'assignments', segment: 'segment-assignments' } as const;

async function assignments(campaign: string, kind: AssignedKind): Promise<Assignment[]> {
  const all = await items<AssignmentStatus>(`/campaigns/${campaign}/${paths[kind]}`);
  return all.map((a) => ({ kind, id: a.list_id ?? a.segment_id ?? '', name: a.name, agents: a.agents, teams: a.teams, state: a.state, progress: a.counted === false ? undefined : a.progress }));
}

export const useAssignments = (campaign: string, kind: AssignedKind) =>
  useQuery({ queryKey: ['campaigns', campaign, paths[kind]], queryFn: () => assignments(campaign, kind), refetchInterval: kind === 'list' ? 5000 : 15_000 });

export const useTeams = () => useQuery({ queryKey: ['teams'], queryFn: () => items<Team>('/teams') });
export const useUserNames = (enabled = true) => useQuery({ queryKey: ['user-names'], queryFn: () => items<UserName>('/user-names'), staleTime: 60_000, enabled });

export const useCampaignSegments = (campaign: string) =>
  useQuery({ queryKey: ['campaigns', campaign, 'segments'], queryFn: () => get<CampaignSegments>(`/campaigns/${campaign}/segments`) });

function useChange<A, R>(change: (a: A) => Promise<R>, ...touched: string[]) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => Promise.all(touched.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}

export interface AssignAsked {
  campaign: string;
  kind: AssignedKind;
  id: string;
  agents: string[];
  teams: string[];
  state: 'open' | 'paused';
}

export const useAssign = () =>
  useChange(({ campaign, kind, id, ...body }: AssignAsked) => put(`/campaigns/${campaign}/${paths[kind]}/${id}`, body), 'campaigns');
export const useUnassign = () =>
  useChange((a: { campaign: string; kind: AssignedKind; id: string }) => del(`/campaigns/${a.campaign}/${paths[a.kind]}/${a.id}`), 'campaigns');
export const useSaveTeam = () =>
  useChange((t: { id: string; name: string; members: string[] }) => {
    const body = { name: t.name, members: t.members };
    return t.id ? put<Team>(`/teams/${t.id}`, body) : post<Team>('/teams', body);
  }, 'teams');
export const useDeleteTeam = () => useChange((id: string) => del(`/teams/${id}`), 'teams');
export const useSaveSegments = (campaign: string) =>
  useChange((s: CampaignSegments) => put<CampaignSegments>(`/campaigns/${campaign}/segments`, s), 'campaigns', 'why');
