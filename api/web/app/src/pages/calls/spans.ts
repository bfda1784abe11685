import type { Attempt } from '../../api/types';

function seconds(from: string | null | undefined, to: string | null | undefined): number | null {
  if (!from || !to) return null;
  const s = (Date.parse(to) - Date.parse(from)) / 1000;
  return Number.isFinite(s) && s >= 0 ? s : null;
}

/** How long an attempt rang and how long agent and callee talked; null where it did not come to that. */
export function spans(a: Attempt): { ring: number | null; talk: number | null } {
  return { ring: seconds(a.permit_at, a.answered_at ?? a.ended_at), talk: seconds(a.bridged_at, a.ended_at) };
}
