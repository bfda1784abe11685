import type { BoardCampaign } from '../../api/types';

/** Totals at a moment, and the differences between them: what happened per interval. */
export interface Sample {
  at: number;
  dialled: number;
  live: number;
  abandoned: number;
}

export const STEP = 5000;
const KEEP = 121;

export function total(campaigns: BoardCampaign[], at: number): Sample {
  const s: Sample = { at, dialled: 0, live: 0, abandoned: 0 };
  for (const c of campaigns) {
    s.dialled += c.dials;
    s.live += c.live;
    s.abandoned += c.abandoned;
  }
  return s;
}

/** The samples kept for one browser page: they go on while other pages are looked at, if the board comes back soon. */
export class Traffic {
  samples: Sample[] = [];

  add(s: Sample): boolean {
    const last = this.samples.at(-1);
    if (last && s.at - last.at < STEP) return false;
    // After a long pause the difference would look like a burst.
    if (last && s.at - last.at > 6 * STEP) this.samples = [];
    this.samples = [...this.samples, s].slice(-KEEP);
    return true;
  }

  /** The time shown, in seconds: at most ten minutes, at least two, so that a young chart is not a mere sliver. */
  range(now: number): [number, number] {
    const first = this.samples[0]?.at ?? now;
    return [Math.max(now - 600_000, Math.min(first, now - 120_000)) / 1000, now / 1000];
  }

  /** Columns for the chart: seconds, and per interval dials, answers, abandoned calls. Never negative. */
  columns(): [number[], number[], number[], number[]] {
    const cols: [number[], number[], number[], number[]] = [[], [], [], []];
    for (let i = 1; i < this.samples.length; i++) {
      const [a, b] = [this.samples[i - 1]!, this.samples[i]!];
      cols[0].push(b.at / 1000);
      cols[1].push(Math.max(0, b.dialled - a.dialled));
      cols[2].push(Math.max(0, b.live - a.live));
      cols[3].push(Math.max(0, b.abandoned - a.abandoned));
    }
    return cols;
  }
}
