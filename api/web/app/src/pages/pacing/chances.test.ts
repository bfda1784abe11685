import { describe, expect, it } from 'vitest';
import type { ChanceScores } from '../../api/law';
import { ENOUGH, meaning, pointsOf, skill } from './chances';

const scores = (more: Partial<ChanceScores>): ChanceScores => ({ count: 5000, rate: 0.25, mean: 0.25, brier: 0.16, brier_base: 0.1875, log_loss: 0.5, calibration_error: 0.01, bins: [], ...more });

describe('what the chances mean', () => {
  it('is told from skill and distance', () => {
    expect(meaning(scores({}))).toBe('good');
    expect(meaning(scores({ calibration_error: 0.12 }))).toBe('skewed');
    expect(meaning(scores({ brier: 0.187 }))).toBe('flat');
    expect(meaning(scores({ brier: 0.2 }))).toBe('bad');
    expect(meaning(scores({ count: ENOUGH - 1 }))).toBe('few');
  });
  it('knows no skill where everybody or nobody answers', () => {
    expect(skill(scores({ brier: 0, brier_base: 0 }))).toBe(0);
    expect(skill(scores({ brier: 0.15, brier_base: 0.2 }))).toBeCloseTo(0.25);
  });
});

describe('points of the plot', () => {
  it('rise with the chance, without empty bins, and never claim certainty', () => {
    const p = pointsOf(scores({ bins: [{ from: 0.5, to: 0.55, mean: 0.52, rate: 1, count: 3 }, { from: 0.2, to: 0.25, mean: 0.22, rate: 0.2, count: 400 }, { from: 0, to: 0.05, mean: 0, rate: 0, count: 0 }] }));
    expect(p.given).toEqual([0.22, 0.52]);
    expect(p.ideal).toEqual(p.given);
    expect(p.half[0]).toBeCloseTo(1.96 * Math.sqrt(0.16 / 400));
    expect(p.half[1]).toBeGreaterThan(0.1);
    expect(pointsOf(scores({ bins: null })).given).toEqual([]);
  });
});
