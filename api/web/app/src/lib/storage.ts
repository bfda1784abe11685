// localStorage may be full, forbidden or absent; then the page works on without memory.

export function load<T>(key: string): T | null {
  try {
    const text = localStorage.getItem(key);
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

export function save(key: string, value: unknown): void {
  try {
    if (value === null || value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Nothing to do: it is a convenience.
  }
}

/** The keys that begin with prefix. */
export function keys(prefix: string): string[] {
  try {
    return Object.keys(localStorage).filter((k) => k.startsWith(prefix));
  } catch {
    return [];
  }
}

/** Removes the keys with a prefix whose value's `at` (milliseconds) is older than maxAge. */
export function sweep(prefix: string, maxAge: number, now = Date.now()): void {
  for (const key of keys(prefix)) {
    if (now - (load<{ at?: number }>(key)?.at ?? 0) > maxAge) save(key, null);
  }
}
