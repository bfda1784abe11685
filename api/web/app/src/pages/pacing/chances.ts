import type { ChanceScores } from '../../api/law';

/** Calls below which a score says little. */
export const ENOUGH = 300;

/** The share of the mere rate's Brier score that the chances save: 0 is no better than the rate, 1 perfect. */
export function skill(s: ChanceScores): number {
  return s.brier_base > 0 ? 1 - s.brier / s.brier_base : 0;
}

export type Meaning = 'few' | 'bad' | 'flat' | 'skewed' | 'good';

/** What the scores say in one word; there is a sentence for each. */
export function meaning(s: ChanceScores): Meaning {
  if (s.count < ENOUGH) return 'few';
  const gained = skill(s);
  if (gained < -0.01) return 'bad';
  if (gained < 0.02) return 'flat';
  return s.calibration_error > 0.05 ? 'skewed' : 'good';
}

export interface Points {
  given: number[];
  came: number[];
  ideal: number[];
  /** Half of the 95 % interval of what came. */
  half: number[];
  count: number[];
}

/** The reliability plot's columns, by rising chance. Wilson's interval would lean to the middle; at the counts shown here the simple one does. */
export function pointsOf(s: ChanceScores): Points {
  const bins = (s.bins ?? []).filter((b) => b.count > 0).sort((a, b) => a.mean - b.mean);
  return {
    given: bins.map((b) => b.mean), came: bins.map((b) => b.rate), ideal: bins.map((b) => b.mean), count: bins.map((b) => b.count),
    half: bins.map((b) => 1.96 * Math.sqrt(Math.max(b.rate * (1 - b.rate), 0.25 / (b.count + 4)) / b.count)),
  };
}
