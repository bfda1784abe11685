import { describe, expect, it } from 'vitest';
import type { PacingSample, PacingStatus } from '../../api/types';
import { columnsOf, gravity, whyOf } from './why';

const sample = (second: number, more: Partial<PacingSample> = {}): PacingSample => ({
  at: new Date(1_700_000_000_000 + second * 1000).toISOString(), in_flight: 5, wanted: 7, dialled: 2, limit: 'risk', risk: 0.05, allowed: 0.06, budget: 3,
  reserved: 2, ready: 2, leaving: 0, talking: 6, wrap_up: 2, utilisation: 0.8, abandonment: 0.02, ahead: 12, free: 3.1, coming: 1.4, then: null, ...more,
});
const status = (samples: PacingSample[]): PacingStatus => ({
  campaign_id: 'c', here: true, mode: 'predictive', target: 0.03, caution: 'window', aim: 'abandonment', aim_value: 0, max_occupancy: 0, max_lines: 0,
  windows: [], now: null, dialled: 0, forecasts: 0, error_free: 0, error_coming: 0, sample_seconds: 2, samples,
});

describe('columns', () => {
  it('keep the order of time and break at holes', () => {
    const c = columnsOf(status([sample(0), sample(2), sample(2), sample(1), sample(60)]));
    expect(c.at).toHaveLength(4);
    expect(c.inFlight).toEqual([5, 5, null, 5]);
    expect(c.cap.at(-1)).toBe(0.03);
  });

  it('show a risk only where it was the limit, and no utilisation of nobody', () => {
    const idle = sample(4, { limit: 'no_agents', ready: 0, talking: 0, wrap_up: 0, utilisation: 0 });
    const c = columnsOf(status([sample(0), sample(2, { limit: 'agents', risk: 0 }), idle]));
    expect(c.risk).toEqual([0.05, null, null]);
    expect(c.utilisation).toEqual([0.8, 0.8, null]);
  });

  it('hold forecasts against what came', () => {
    const c = columnsOf(status([sample(0), sample(2, { then: { at: '', free: 3, came_free: 4, coming: 1.5, came_answer: 1 } })]));
    expect(c.free).toEqual([null, 3]);
    expect(c.cameAnswer).toEqual([null, 1]);
  });

  it('survive nonsense', () => {
    expect(columnsOf(status([sample(0, { at: 'x' })])).at).toEqual([]);
  });
});

describe('reasons', () => {
  it('are known or told by their name', () => {
    expect(whyOf('risk')).toBe('risk');
    expect(whyOf('new_reason')).toBeNull();
    expect(gravity('switch_down')).toBe('bad');
    expect(gravity('budget')).toBe('warn');
    expect(gravity('agents')).toBe('plain');
  });
});
