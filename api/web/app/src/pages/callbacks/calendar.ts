// Where callbacks stand in a calendar of wall clocks; dates are texts like "2026-03-08", so that no zone moves them.
import type { AgreedCallback } from '../../api/callbacks';
import { knownZone, toWall } from '../../lib/zone';

export type View = 'day' | 'week';
/** Whose wall clock the calendar shows: each callee's own, or the reader's. */
export type Clock = 'mine' | 'callee';

const DAY = 86_400_000;

export function shift(date: string, days: number): string {
  return new Date(Date.parse(date + 'T00:00Z') + days * DAY).toISOString().slice(0, 10);
}

/** The days of a view: one, or Monday to Sunday. */
export function daysOf(date: string, view: View): string[] {
  if (view === 'day') return [date];
  const weekday = (new Date(date + 'T00:00Z').getUTCDay() + 6) % 7;
  return Array.from({ length: 7 }, (_, i) => shift(date, i - weekday));
}

/** The moments between which all callbacks of these days lie, whatever the zone. */
export function spanOf(days: string[]): { from: string; to: string } {
  return {
    from: new Date(Date.parse(days[0] + 'T00:00Z') - 15 * 3_600_000).toISOString(),
    to: new Date(Date.parse(days[days.length - 1] + 'T00:00Z') + DAY + 15 * 3_600_000).toISOString(),
  };
}

export function zoneOf(k: AgreedCallback, which: Clock, own: string): string {
  return which === 'callee' && knownZone(k.zone) ? k.zone : own;
}

/** Callbacks by "date hour" of the wall clock that is shown, earliest first. */
export function placed(all: AgreedCallback[], days: string[], which: Clock, own: string): Map<string, AgreedCallback[]> {
  const out = new Map<string, AgreedCallback[]>();
  for (const k of all) {
    const wall = toWall(Date.parse(k.due_at), zoneOf(k, which, own));
    if (!days.includes(wall.slice(0, 10))) continue;
    const key = wall.slice(0, 13).replace('T', ' ');
    out.set(key, [...(out.get(key) ?? []), k]);
  }
  for (const list of out.values()) list.sort((a, b) => Date.parse(a.due_at) - Date.parse(b.due_at));
  return out;
}

export const cellKey = (day: string, hour: number) => `${day} ${String(hour).padStart(2, '0')}`;

/** The hours of the working day, and those before and after it that hold something. */
export function hoursOf(cells: Map<string, unknown>): number[] {
  const used = [...cells.keys()].map((k) => Number(k.slice(11)));
  const first = Math.min(8, ...used);
  const last = Math.max(20, ...used);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
