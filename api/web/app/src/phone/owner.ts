/**
 * One tab has the phone. The browser's own lock decides, so that a tab that crashes gives it back; whoever waits gets it when
 * the owner closes, and may take it at once.
 */
export class Owner {
  private release: (() => void) | null = null;
  private stopped = false;
  private generation = 0;

  constructor(
    private readonly name: string,
    private readonly onChange: (mine: boolean) => void,
    private readonly locks: Pick<LockManager, 'request'> | undefined = navigator.locks,
  ) {}

  /** Asks for the phone; onChange(false) is called at once when another tab has it, onChange(true) when it is ours. */
  start(): void {
    this.stopped = false;
    this.ask(false);
  }

  /** Takes the phone from the tab that has it. */
  take(): void {
    if (!this.release) this.ask(true);
  }

  stop(): void {
    this.stopped = true;
    this.generation++;
    this.release?.();
    this.release = null;
  }

  private ask(steal: boolean): void {
    if (!this.locks) return this.onChange(true); // no locks, no other tabs that would heed them
    const mine = ++this.generation;
    const held = (lock: Lock | null) => {
      if (this.stopped || mine !== this.generation) return undefined;
      if (!lock) {
        this.onChange(false);
        this.queue(mine);
        return undefined;
      }
      return this.hold();
    };
    this.locks.request(this.name, steal ? { steal: true } : { ifAvailable: true }, held).catch(() => this.lost(mine));
  }

  private queue(mine: number): void {
    this.locks!.request(this.name, () => (this.stopped || mine !== this.generation ? undefined : this.hold())).catch(() => this.lost(mine));
  }

  private hold(): Promise<void> {
    return new Promise((resolve) => {
      this.release = resolve;
      this.onChange(true);
    });
  }

  // Another tab took it: wait until that one closes.
  private lost(mine: number): void {
    if (this.stopped || mine !== this.generation) return;
    this.release = null;
    this.onChange(false);
    this.queue(mine);
  }
}
