/** One look at the statistics of a peer connection. Counters grow from the start of the call. */
export interface Sample {
  received: number;
  lost: number;
  jitterMs: number | null;
  rttMs: number | null;
  outLost: number | null; // share of our packets that the far end missed lately, 0 to 1
  codec: string;
}

export type Word = 'good' | 'fair' | 'poor' | 'unknown';

export interface Quality {
  word: Word;
  loss: number | null; // percent of the last ten seconds, the worse of both ways
  jitter_ms: number | null;
  rtt_ms: number | null;
  codec: string;
}

interface Stat {
  type?: string;
  kind?: string;
  id?: string;
  packetsReceived?: number;
  packetsLost?: number;
  jitter?: number;
  fractionLost?: number;
  roundTripTime?: number;
  currentRoundTripTime?: number;
  nominated?: boolean;
  codecId?: string;
  mimeType?: string;
}

/** Reads what a browser's statistics say of the one audio stream. */
export function read(report: Iterable<unknown>): Sample {
  const all = [...report] as Stat[];
  const audio = (type: string) => all.find((s) => s.type === type && s.kind === 'audio');
  const into = audio('inbound-rtp');
  const far = audio('remote-inbound-rtp');
  const pair = all.find((s) => s.type === 'candidate-pair' && s.nominated);
  const codec = all.find((s) => s.type === 'codec' && s.id === (audio('outbound-rtp')?.codecId ?? into?.codecId));
  const seconds = far?.roundTripTime ?? pair?.currentRoundTripTime;
  return {
    received: into?.packetsReceived ?? 0,
    lost: Math.max(0, into?.packetsLost ?? 0),
    jitterMs: into?.jitter === undefined ? null : into.jitter * 1000,
    rttMs: seconds === undefined ? null : seconds * 1000,
    outLost: far?.fractionLost ?? null,
    codec: (codec?.mimeType ?? '').replace(/^audio\//i, '').toLowerCase(),
  };
}

/** How many looks, two seconds apart, the loss is taken over. */
export const WINDOW = 6;

/**
 * What the looks add up to. The bounds follow ITU-T G.114 and G.113: a round trip over 300 ms is noticed and over 600 ms hampers
 * a talk; single lost packets are concealed, from 5 % on words are.
 */
export function judge(samples: readonly Sample[]): Quality {
  const last = samples.at(-1);
  const first = samples.at(-WINDOW) ?? samples[0];
  if (!last || !first) return { word: 'unknown', loss: null, jitter_ms: null, rtt_ms: null, codec: '' };
  const got = last.received - first.received;
  const lost = Math.max(0, last.lost - first.lost);
  // Between customers the switch sends next to nothing: a share of that would say nothing.
  const inward = got + lost >= 50 ? (100 * lost) / (got + lost) : null;
  const outward = last.outLost === null ? null : 100 * last.outLost;
  const loss = inward === null && outward === null ? null : Math.max(inward ?? 0, outward ?? 0);
  const jitter = last.jitterMs;
  const rtt = last.rttMs;
  return { word: wordOf(loss, jitter, rtt), loss, jitter_ms: jitter, rtt_ms: rtt, codec: last.codec };
}

function wordOf(loss: number | null, jitter: number | null, rtt: number | null): Word {
  if (loss === null && rtt === null) return 'unknown';
  const over = (l: number, j: number, r: number) => (loss ?? 0) >= l || (jitter ?? 0) >= j || (rtt ?? 0) >= r;
  if (over(5, 60, 600)) return 'poor';
  if (over(1.5, 30, 300)) return 'fair';
  return 'good';
}
