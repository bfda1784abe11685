// Keyed tables fed by the stream. A value keeps its identity until the server changes it, so that a row that shows one key
// renders again only when that key changed.

type Listener = () => void;

export interface Position {
  epoch?: string | number;
  seq?: number;
}

export class TopicStore {
  position: Position = {};
  /** Whether a snapshot has arrived: before it, an empty table means "not known yet". */
  loaded = false;
  private items = new Map<string, unknown>();
  private byKey = new Map<string, Set<Listener>>();
  private whole = new Set<Listener>();
  private any = new Set<(keys: string[]) => void>();
  private version = 0;

  get(key: string): unknown {
    return this.items.get(key);
  }

  entries(): IterableIterator<[string, unknown]> {
    return this.items.entries();
  }

  getVersion = (): number => this.version;

  reset(items: Record<string, unknown>): void {
    const touched = new Set([...this.items.keys(), ...Object.keys(items)]);
    this.items = new Map(Object.entries(items));
    this.loaded = true;
    this.tell(touched);
    this.whole.forEach((f) => f());
  }

  change(set: Record<string, unknown>, del: string[]): void {
    for (const [k, v] of Object.entries(set)) this.items.set(k, v);
    for (const k of del) this.items.delete(k);
    this.tell([...Object.keys(set), ...del]);
  }

  onKey(key: string, f: Listener): () => void {
    const set = this.byKey.get(key) ?? new Set();
    this.byKey.set(key, set);
    set.add(f);
    return () => {
      set.delete(f);
      if (set.size === 0 && this.byKey.get(key) === set) this.byKey.delete(key);
    };
  }

  /** Calls f when a snapshot has put a whole new table in place. */
  onLoaded = (f: Listener): (() => void) => {
    this.whole.add(f);
    return () => this.whole.delete(f);
  };

  /** Calls f with the keys of each change, those of a snapshot among them. */
  onAny(f: (keys: string[]) => void): () => void {
    this.any.add(f);
    return () => this.any.delete(f);
  }

  private tell(touched: Iterable<string>): void {
    this.version++;
    const keys = [...touched];
    for (const k of keys) this.byKey.get(k)?.forEach((f) => f());
    this.any.forEach((f) => f(keys));
  }
}
