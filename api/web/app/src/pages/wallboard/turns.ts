// Which page a wallboard shows when: by the clock alone, so that all walls of a room turn together.
export const WALL_PAGES = ['agents', 'campaigns', 'supply', 'alerts'] as const;
export type WallPage = (typeof WALL_PAGES)[number];

/** The pages that were asked for, all when none makes sense; alerts only when there are some or nothing else was asked for. */
export function pagesOf(asked: string | null, alerts: boolean): WallPage[] {
  const some = WALL_PAGES.filter((p) => (asked ?? '').split(',').includes(p));
  const all = some.length ? some : [...WALL_PAGES];
  const shown = all.filter((p) => p !== 'alerts' || alerts);
  return shown.length ? shown : all;
}

export function turnOf(now: number, turn: number, pages: WallPage[]): { page: WallPage; round: number } {
  const n = Math.floor(now / turn);
  return { page: pages[n % pages.length]!, round: Math.floor(n / pages.length) };
}
