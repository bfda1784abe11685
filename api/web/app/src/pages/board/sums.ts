import type { BoardAgent, BoardCampaign } from '../../api/types';

export interface Sums {
  ready: number;
  talking: number;
  wrapUp: number;
  notReady: number;
  inFlight: number;
  waiting: number;
  live: number;
  abandoned: number;
  share: number;
  /** The strictest target of the campaigns; null without any. */
  target: number | null;
}

/** Agents are counted from their own rows; calls and answers from the campaigns. */
export function sums(campaigns: BoardCampaign[], agents: BoardAgent[]): Sums {
  const of = (pick: (c: BoardCampaign) => number) => campaigns.reduce((n, c) => n + pick(c), 0);
  const inState = (...states: string[]) => agents.filter((a) => states.includes(a.state)).length;
  const live = of((c) => c.live);
  const abandoned = of((c) => c.abandoned);
  const targets = campaigns.filter((c) => c.status === 'running').map((c) => c.abandon_target);
  return {
    ready: inState('Ready'), talking: inState('Talking', 'Reserved'), wrapUp: inState('WrapUp'), notReady: inState('NotReady'),
    inFlight: of((c) => c.dialing), waiting: of((c) => c.waiting), live, abandoned,
    share: live > 0 ? abandoned / live : 0, target: targets.length ? Math.min(...targets) : null,
  };
}
