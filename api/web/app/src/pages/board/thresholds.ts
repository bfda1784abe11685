// From when on something on the board deserves a look: pure, so that colour and text always say the same.
import type { AgentState, BoardAgent, BoardCampaign } from '../../api/types';
import type { BoardList, BoardTrunk } from '../../api/room';
import { byText } from '../../lib/order';

export type Level = 'warn' | 'bad';

/** A verdict in words: code is a key below room.level, n goes into it. */
export interface Verdict {
  level: Level;
  code: string;
}

/** Seconds, or shares; two steps each: worth a look, and bad. */
export interface Thresholds {
  ready: [number, number];
  talking: [number, number];
  wrapUp: [number, number];
  notReady: [number, number];
  waiting: [number, number];
  abandonment: [number, number];
  trunkFailures: [number, number];
}

export const DEFAULTS: Thresholds = {
  ready: [120, 300], talking: [600, 1200], wrapUp: [60, 180], notReady: [900, 1800], waiting: [1, 5], abandonment: [0.8, 1], trunkFailures: [0.2, 0.5],
};

export const THRESHOLDS = Object.keys(DEFAULTS) as (keyof Thresholds)[];

/** What a stored view says, field by field; what makes no sense is as usual. */
export function thresholdsOf(raw: unknown): Thresholds {
  const out = { ...DEFAULTS };
  if (typeof raw !== 'object' || raw === null) return out;
  for (const key of THRESHOLDS) {
    const v = (raw as Record<string, unknown>)[key];
    if (!Array.isArray(v) || v.length !== 2) continue;
    const [warn, bad] = v as unknown[];
    if (typeof warn === 'number' && typeof bad === 'number' && warn >= 0 && bad >= warn && bad <= 1e6) out[key] = [warn, bad];
  }
  return out;
}

function judge([warn, bad]: [number, number], value: number, code: string): Verdict | null {
  if (value >= bad) return { level: 'bad', code };
  return value >= warn ? { level: 'warn', code } : null;
}

const ofState: Partial<Record<AgentState, [keyof Thresholds, string]>> = {
  Ready: ['ready', 'idle'], Talking: ['talking', 'longTalk'], WrapUp: ['wrapUp', 'longWrapUp'], NotReady: ['notReady', 'longPause'],
};

export function agentVerdict(t: Thresholds, a: BoardAgent, now: number): Verdict | null {
  const rule = ofState[a.state];
  if (a.pause_until && a.state === 'NotReady' && Date.parse(a.pause_until) < now) return { level: 'bad', code: 'pauseOver' };
  return rule ? judge(t[rule[0]], (now - Date.parse(a.since)) / 1000, rule[1]) : null;
}

// So few live answers say nothing of a rate yet.
const LEAST_LIVE = 30;

export function abandonVerdict(t: Thresholds, c: BoardCampaign): Verdict | null {
  if (c.live < LEAST_LIVE || c.abandoned === 0) return null;
  if (c.abandon_target === 0) return { level: 'bad', code: 'overCap' };
  const part = c.abandon_rate / c.abandon_target;
  return judge(t.abandonment, part, part > 1 ? 'overCap' : 'nearCap');
}

export const waitingVerdict = (t: Thresholds, waiting: number): Verdict | null => judge(t.waiting, waiting, 'callersWait');

const hardDry = new Set(['empty', 'finished', 'rules']);

export function listVerdict(l: BoardList, running: boolean): Verdict | null {
  if (!l.dry || !running) return null;
  return { level: hardDry.has(l.dry) ? 'bad' : 'warn', code: l.dry };
}

/** What all processes tell of each trunk, added up; its limits are the same for all. */
export function sumTrunks(rows: BoardTrunk[]): BoardTrunk[] {
  const by = new Map<string, BoardTrunk>();
  const rank = { closed: 0, half_open: 1, open: 2 };
  for (const r of rows) {
    const s = by.get(r.id);
    by.set(r.id, s ? {
      ...r, in_use: s.in_use + r.in_use, cps_now: s.cps_now + r.cps_now, ended: s.ended + r.ended, failed: s.failed + r.failed,
      breaker: rank[s.breaker] > rank[r.breaker] ? s.breaker : r.breaker,
    } : r);
  }
  return [...by.values()].sort((a, b) => byText(a.name, b.name));
}

export function trunkVerdict(t: Thresholds, r: BoardTrunk): Verdict | null {
  if (r.breaker === 'open') return { level: 'bad', code: 'trunkOpen' };
  if (r.ended < 20) return null;
  return judge(t.trunkFailures, r.failed / r.ended, 'trunkFails');
}
