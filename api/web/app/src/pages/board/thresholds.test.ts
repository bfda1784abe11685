import { describe, expect, it } from 'vitest';
import type { BoardAgent, BoardCampaign } from '../../api/types';
import type { BoardList, BoardTrunk } from '../../api/room';
import { abandonVerdict, agentVerdict, DEFAULTS, listVerdict, sumTrunks, thresholdsOf, trunkVerdict } from './thresholds';
import { PLAIN, sameView, viewOf } from './views';

const at = Date.parse('2026-05-04T12:00:00Z');
const agent = (state: BoardAgent['state'], seconds: number, more: Partial<BoardAgent> = {}) =>
  ({ state, since: new Date(at - seconds * 1000).toISOString(), ...more }) as BoardAgent;

describe('thresholds', () => {
  it('judge time in a state, with words', () => {
    expect(agentVerdict(DEFAULTS, agent('Ready', 119), at)).toBeNull();
    expect(agentVerdict(DEFAULTS, agent('Ready', 120), at)).toEqual({ level: 'warn', code: 'idle' });
    expect(agentVerdict(DEFAULTS, agent('Ready', 300), at)).toEqual({ level: 'bad', code: 'idle' });
    expect(agentVerdict(DEFAULTS, agent('NotReady', 5, { pause_until: new Date(at - 1).toISOString() }), at)).toEqual({ level: 'bad', code: 'pauseOver' });
    expect(agentVerdict(DEFAULTS, agent('Reserved', 9999), at)).toBeNull();
  });

  it('judge abandonment against the cap, not before there are enough answers', () => {
    const c = (live: number, abandoned: number) => ({ live, abandoned, abandon_rate: abandoned / live, abandon_target: 0.03 }) as BoardCampaign;
    expect(abandonVerdict(DEFAULTS, c(10, 5))).toBeNull();
    expect(abandonVerdict(DEFAULTS, c(1000, 23))).toBeNull();
    expect(abandonVerdict(DEFAULTS, c(1000, 24))).toEqual({ level: 'warn', code: 'nearCap' });
    expect(abandonVerdict(DEFAULTS, c(1000, 31))).toEqual({ level: 'bad', code: 'overCap' });
  });

  it('say nothing of lists that nobody calls', () => {
    const l = { dry: 'finished' } as BoardList;
    expect(listVerdict(l, false)).toBeNull();
    expect(listVerdict(l, true)?.level).toBe('bad');
    expect(listVerdict({ ...l, dry: 'hours' }, true)?.level).toBe('warn');
  });

  it('add trunks up over processes; the worst breaker counts', () => {
    const row = (node: string, in_use: number, breaker: BoardTrunk['breaker']): BoardTrunk =>
      ({ id: 'a', name: 'A', node, in_use, max_channels: 30, cps: 5, cps_now: 1, ended: 20, failed: 3, breaker });
    const [sum, ...rest] = sumTrunks([row('n1', 3, 'open'), row('n2', 4, 'closed')]);
    expect(rest).toEqual([]);
    expect(sum).toMatchObject({ in_use: 7, max_channels: 30, cps_now: 2, ended: 40, failed: 6, breaker: 'open' });
    expect(trunkVerdict(DEFAULTS, sum!)?.code).toBe('trunkOpen');
    expect(trunkVerdict(DEFAULTS, { ...sum!, breaker: 'closed', failed: 8 })).toEqual({ level: 'warn', code: 'trunkFails' });
  });

  it('take only what makes sense from a stored view', () => {
    expect(thresholdsOf({ ready: [5, 10], talking: [10, 5], wrapUp: 'x', notReady: [1], waiting: [NaN, 3] })).toEqual({ ...DEFAULTS, ready: [5, 10] });
    expect(viewOf(null)).toEqual(PLAIN);
    expect(viewOf({ panels: ['agents', 'nonsense'], columns: [], order: 'DROP', state: 7 })).toEqual({ ...PLAIN, panels: ['agents'], columns: [] });
    expect(viewOf({ panels: [] }).panels).toEqual(PLAIN.panels);
    expect(sameView(viewOf(JSON.parse(JSON.stringify(PLAIN))), PLAIN)).toBe(true);
  });
});
