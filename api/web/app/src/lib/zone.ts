// Wall-clock times in a named zone, with nothing but Intl.

function offsetAt(utc: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric',
    hour: 'numeric', minute: 'numeric', second: 'numeric',
  }).formatToParts(utc);
  const n = (type: string) => Number(parts.find((p) => p.type === type)?.value);
  const wall = Date.UTC(n('year'), n('month') - 1, n('day'), n('hour'), n('minute'), n('second'));
  return wall - Math.floor(utc / 1000) * 1000;
}

/** Whether this browser knows the zone. */
export function knownZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return zone !== '';
  } catch {
    return false;
  }
}

/** "2026-03-08T14:30" read as a wall clock in zone; null when it is no time. In a skipped hour the later time counts. */
export function fromWall(wall: string, zone: string): Date | null {
  const naive = Date.parse(wall + 'Z');
  if (!Number.isFinite(naive)) return null;
  let utc = naive - offsetAt(naive, zone);
  utc = naive - offsetAt(utc, zone);
  return new Date(utc);
}

/** The wall clock of zone at a moment, as a datetime-local input wants it: "2026-03-08T14:30". */
export function toWall(at: number, zone: string): string {
  return new Date(at + offsetAt(at, zone)).toISOString().slice(0, 16);
}

/** The moment, or the next one that a field of minutes can hold: what is lawful from a second on is not so in the minute before. */
export function wholeMinute(iso: string): Date {
  return new Date(Math.ceil(Date.parse(iso) / 60_000) * 60_000);
}
