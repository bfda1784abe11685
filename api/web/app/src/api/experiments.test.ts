import { describe, expect, it } from 'vitest';
import { place, reachOf, type ArmResult, type Uplift } from './experiments';

const arm = (uplift: Partial<Uplift> | null): ArmResult => ({
  arm: 1, drawn: 1, called: 1, attempts: 1, revenue: [], imported: 0, contact: { n: 0, of: 0, share: 0, low: 0, high: 1 }, success: { n: 0, of: 0, share: 0, low: 0, high: 1 },
  conversion: { n: 0, of: 0, share: 0, low: 0, high: 1 }, uplift: uplift && { diff: 0, low: 0, high: 0, sure_low: -1, sure_high: 1, verdict: 'go_on', reached: 0, ...uplift },
});

describe('the plot of uplift', () => {
  it('reaches as far as the widest interval, in round steps', () => {
    expect(reachOf([arm(null)])).toBe(0.01);
    expect(reachOf([arm({ low: -0.01, high: 0.04, sure_low: -0.03, sure_high: 0.06 })])).toBe(0.1);
    expect(reachOf([arm({ verdict: 'too_early', low: -0.01, high: 0.04 })])).toBe(0.05);
  });
  it('has zero in its middle and cuts nothing off', () => {
    expect([place(0, 0.1), place(0.1, 0.1), place(-0.05, 0.1), place(9, 0.1)]).toEqual([50, 100, 25, 100]);
  });
});
