// What the pages of a campaign ask the server for about its order, its agents and whom it calls.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { del, get, post, put } from '../../api/http';
import type { OrderBy, Role } from '../../api/types';
import type { ListJob, ListProgress } from '../lists/api';

/** How far the places are made that an order needs. */
export interface OrderStatus {
  by: OrderBy | '';
  state: 'none' | 'building' | 'ready';
  placed: number;
  total: number;
  ready_at: string | null;
}

export interface Assignment {
  campaign_id: string;
  list_id: string;
  agents: string[];
  teams: string[];
  state: 'open' | 'paused';
  created_at: string;
}

export interface AssignmentStatus extends Assignment {
  name: string;
  progress: ListProgress;
  /** The sum of the parts was checked. */
  sound: boolean;
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

export const useAssignments = (campaign: string) =>
  useQuery({ queryKey: ['campaigns', campaign, 'assignments'], queryFn: () => items<AssignmentStatus>(`/campaigns/${campaign}/assignments`), refetchInterval: 5000 });

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
  list: string;
  agents: string[];
  teams: string[];
  state: 'open' | 'paused';
  /** Only these contacts of the list: they move to a list of their own first. */
  part?: { name: string; filter: string; revision: number };
}

async function assign({ campaign, list, part, ...body }: AssignAsked): Promise<Assignment> {
  let to = list;
  if (part) {
    const { revision, ...fits } = part;
    const job = await post<ListJob>(`/lists/${list}/split`, { parts: [fits], campaigns: true, revision });
    to = job.new_lists[0] ?? list;
  }
  return put<Assignment>(`/campaigns/${campaign}/assignments/${to}`, body);
}

export const useAssign = () => useChange(assign, 'campaigns', 'lists', 'list-progress', 'list-jobs');
export const useUnassign = () => useChange((a: { campaign: string; list: string }) => del(`/campaigns/${a.campaign}/assignments/${a.list}`), 'campaigns');
export const useSaveTeam = () =>
  useChange((t: { id: string; name: string; members: string[] }) => {
    const body = { name: t.name, members: t.members };
    return t.id ? put<Team>(`/teams/${t.id}`, body) : post<Team>('/teams', body);
  }, 'teams');
export const useDeleteTeam = () => useChange((id: string) => del(`/teams/${id}`), 'teams');
export const useSaveSegments = (campaign: string) =>
  useChange((s: CampaignSegments) => put<CampaignSegments>(`/campaigns/${campaign}/segments`, s), 'campaigns', 'why');
