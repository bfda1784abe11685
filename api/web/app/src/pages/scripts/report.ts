import type { Diff, Group, Share, StepDrop } from './api';

/** Bars of a step: shares of the calls that reached the first one. */
export interface Bar { step: StepDrop; reached: number; exits: number; refusals: number; lost: number }

export function bars(steps: StepDrop[]): Bar[] {
  const all = Math.max(1, ...steps.map((s) => s.reached));
  return steps.map((step) => ({
    step, reached: step.reached / all, exits: Math.max(0, step.exits - step.refusals) / all, refusals: step.refusals / all, lost: step.reached ? step.exits / step.reached : 0,
  }));
}

/** The step where most calls end by a refusal, when that is more than chance would explain: a tenth of those that reached it, and ten calls. */
export function worstStep(steps: StepDrop[]): StepDrop | undefined {
  const worst = [...steps].sort((a, b) => b.refusals - a.refusals)[0];
  return worst && worst.refusals >= 10 && worst.refusals >= worst.reached * 0.1 ? worst : undefined;
}

/** Whether a difference is more than chance: its interval leaves out zero. */
export const significant = (d: Diff): boolean => d.low > 0 || d.high < 0;

export const emptyShare = (s: Share): boolean => s.of === 0;

export const verdictKey = (g: Group): 'opening' | 'offer' | 'both' | 'few' | 'fine' => g.verdict || 'fine';
