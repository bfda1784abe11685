import { describe, expect, it } from 'vitest';
import { addsUp, barsOf, tone } from './histogram';

const row = (state: 'untouched' | 'waiting' | 'in_flight' | 'finished' | 'excluded', reason: string, contacts: number) => ({ state, reason, contacts });

describe('histogram of reasons', () => {
  it('goes by where contacts stand, then by how many', () => {
    const bars = barsOf([row('excluded', 'dnc', 5), row('untouched', 'hours', 10), row('waiting', 'busy', 0), row('untouched', '', 40), row('finished', 'sale', 45)]);
    expect(bars.map((b) => `${b.state} ${b.reason}`)).toEqual(['untouched ', 'untouched hours', 'finished sale', 'excluded dnc']);
    expect(bars.map((b) => b.share)).toEqual([0.4, 0.1, 0.45, 0.05]);
    expect(bars[2]!.length).toBe(1);
    expect(barsOf([])).toEqual([]);
  });
  it('is coloured by what can still come of them', () => {
    expect([row('untouched', '', 1), row('untouched', 'hours', 1), row('in_flight', '', 1), row('excluded', 'dnc', 1)].map(tone)).toEqual(['good', 'warn', 'info', 'bad']);
  });
  it('says that it adds up only where it does', () => {
    expect(addsUp({ loaded: 100, estimated: false, reasons: [row('untouched', '', 60), row('finished', 'sale', 40)] })).toBe(true);
    expect(addsUp({ loaded: 100, estimated: false, reasons: [row('untouched', '', 60)] })).toBe(false);
    expect(addsUp({ loaded: 1_000_000, estimated: true, reasons: [row('untouched', '', 980_000)] })).toBe(true);
  });
});
