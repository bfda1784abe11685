// The server's time, estimated. A message tells a server time that is never later than the true one (it was put into the
// hub and travelled since), so the largest difference seen is the best estimate.

type Now = () => number;

export class ServerClock {
  private offset: number | null = null;

  constructor(private readonly local: Now = Date.now) {}

  /** Learns from a time that the server wrote at or before this moment. */
  observe(serverTime: string | undefined): void {
    const ms = Date.parse(serverTime ?? '');
    if (!Number.isFinite(ms)) return;
    const seen = ms - this.local();
    if (this.offset === null || seen > this.offset) this.offset = seen;
  }

  /** Learns from an HTTP Date header: fresh, to the second. So it also shows when this computer's clock was changed. */
  observeHeader(date: string | null): void {
    const ms = Date.parse(date ?? '');
    if (!Number.isFinite(ms)) return;
    const seen = ms - this.local();
    if (this.offset === null || seen > this.offset || this.offset - seen > 5000) this.offset = seen;
  }

  now(): number {
    return this.local() + (this.offset ?? 0);
  }
}

export const clock = new ServerClock();

// One ticker for every timer on the page: hundreds of rows share it.
const ticks = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

export function onTick(f: () => void): () => void {
  ticks.add(f);
  timer ??= setInterval(() => ticks.forEach((t) => t()), 1000);
  return () => {
    ticks.delete(f);
    if (ticks.size === 0 && timer) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}
