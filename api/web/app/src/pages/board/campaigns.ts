import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useCampaigns } from '../../api/queries';
import type { BoardCampaign, Campaign } from '../../api/types';

function resting(c: Campaign): BoardCampaign {
  return {
    id: c.id, name: c.name, status: c.status, mode: c.settings.mode, ready: 0, leaving: 0, reserved: 0, talking: 0, wrap_up: 0,
    not_ready: 0, dialing: 0, waiting: 0, in_calls: 0, dials: 0, live: 0, abandoned: 0, abandon_rate: 0,
    abandon_target: c.settings.abandon_target, budget: 0, limit: '', server_time: '',
  };
}

/** The campaigns that the dialer works on, then those it has put away: they are started again from the board. */
export function withResting(live: BoardCampaign[], known: Campaign[]): BoardCampaign[] {
  const there = new Set(live.map((c) => c.id));
  return [...live, ...known.filter((c) => c.status !== 'stopped' && !there.has(c.id)).map(resting)];
}

export function useBoardCampaigns(live: BoardCampaign[]): BoardCampaign[] {
  const known = useCampaigns(10_000).data ?? [];
  const client = useQueryClient();
  const there = live.map((c) => c.id).sort().join();
  // A row that comes or goes tells of a campaign whose status has changed.
  useEffect(() => void client.invalidateQueries({ queryKey: ['campaigns'], exact: true }), [client, there]);
  return withResting(live, known);
}
