/** Whose call it is: the dialer names the agent's session, the supervisor's watch or the test in a header of its INVITE. */
export interface Caller {
  kind: 'agent' | 'supervisor' | 'test';
  id: string;
}

/** Reads the header X-Dialtide-Leg; null for a call that is none of the dialer's. */
export function callerOf(header: string | undefined): Caller | null {
  const m = /^(agent|supervisor|test) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(header?.trim() ?? '');
  return m ? { kind: m[1] as Caller['kind'], id: m[2]! } : null;
}

/**
 * What this page expects to be called for. A call may arrive before the page has heard why, for they come by different
 * sockets; it is then held for a moment.
 */
export class Expected {
  private want: Record<Caller['kind'], string | null> = { agent: null, supervisor: null, test: null };
  private waiting = new Set<() => void>();

  constructor(private readonly patience = 3000) {}

  set(kind: Caller['kind'], id: string | null): void {
    this.want[kind] = id;
    [...this.waiting].forEach((look) => look());
  }

  /** True as soon as the call fits, false when it does not in time. */
  fits(caller: Caller): Promise<boolean> {
    if (this.want[caller.kind] === caller.id) return Promise.resolve(true);
    return new Promise((resolve) => {
      const done = (yes: boolean) => {
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve(yes);
      };
      const look = () => this.want[caller.kind] === caller.id && done(true);
      const timer = setTimeout(() => done(false), this.patience);
      this.waiting.add(look);
    });
  }
}
