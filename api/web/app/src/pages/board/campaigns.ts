import type { BoardPlan } from '../../api/room';
import type { BoardCampaign } from '../../api/types';

function resting(p: BoardPlan): BoardCampaign {
  return {
    id: p.id, name: p.name, status: p.status, mode: p.mode, ready: 0, leaving: 0, reserved: 0, talking: 0, wrap_up: 0,
    not_ready: 0, dialing: 0, waiting: 0, in_calls: 0, dials: 0, live: 0, abandoned: 0, abandon_rate: 0,
    abandon_target: p.abandon_target, budget: 0, limit: '', server_time: '',
  };
}

/** The campaigns that a dialer works on, with what was just changed in them, and those it has put away: they are started again from the board. */
export function withPlans(live: BoardCampaign[], plans: BoardPlan[]): BoardCampaign[] {
  const by = new Map(plans.map((p) => [p.id, p]));
  const there = new Set(live.map((c) => c.id));
  const steered = live.map((c) => {
    const p = by.get(c.id);
    return p ? { ...c, name: p.name, status: p.status, mode: p.mode, abandon_target: p.abandon_target } : c;
  });
  return [...steered, ...plans.filter((p) => !there.has(p.id)).map(resting)];
}
