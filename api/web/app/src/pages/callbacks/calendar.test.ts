import { describe, expect, it } from 'vitest';
import type { AgreedCallback } from '../../api/callbacks';
import { cellKey, daysOf, hoursOf, placed, shift, spanOf } from './calendar';

const at = (due_at: string, zone: string): AgreedCallback => ({
  id: due_at + zone, campaign_id: '', campaign_name: '', agent_id: null, agent_name: '', contact_id: '', contact_name: '', phone: '', zone, due_at,
  next_at: null, calling: false, note: '', state: 'open', attempt_id: '',
});

describe('calendar', () => {
  it('has weeks from Monday, over months and years', () => {
    expect(daysOf('2026-03-01', 'week')).toEqual(['2026-02-23', '2026-02-24', '2026-02-25', '2026-02-26', '2026-02-27', '2026-02-28', '2026-03-01']);
    expect(daysOf('2026-03-02', 'week')[0]).toBe('2026-03-02');
    expect(daysOf('2026-03-02', 'day')).toEqual(['2026-03-02']);
    expect(shift('2025-12-31', 1)).toBe('2026-01-01');
    expect(spanOf(['2026-03-02'])).toEqual({ from: '2026-03-01T09:00:00.000Z', to: '2026-03-03T15:00:00.000Z' });
  });

  it('puts a callback at the wall clock that is asked for', () => {
    const k = at('2026-03-03T01:30:00Z', 'America/New_York');
    const days = daysOf('2026-03-02', 'week');
    expect([...placed([k], days, 'callee', 'Asia/Shanghai').keys()]).toEqual(['2026-03-02 20']);
    expect([...placed([k], days, 'mine', 'Asia/Shanghai').keys()]).toEqual(['2026-03-03 09']);
    expect([...placed([at(k.due_at, 'Nowhere/Town')], days, 'callee', 'Asia/Shanghai').keys()]).toEqual(['2026-03-03 09']);
    expect(placed([k], ['2026-03-05'], 'mine', 'Asia/Shanghai').size).toBe(0);
    const late = at('2026-03-03T01:50:00Z', 'UTC');
    expect(placed([late, at('2026-03-03T01:10:00Z', 'UTC')], days, 'mine', 'UTC').get(cellKey('2026-03-03', 1))!.map((x) => x.due_at.slice(14, 16))).toEqual(['10', '50']);
  });

  it('shows the working day and what lies outside of it', () => {
    expect(hoursOf(new Map())).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
    expect(hoursOf(new Map([['2026-03-02 06', 1], ['2026-03-02 22', 1]]))[0]).toBe(6);
    expect(hoursOf(new Map([['2026-03-02 22', 1]])).at(-1)).toBe(22);
  });
});
