import { describe, expect, it } from 'vitest';
import type { Mark } from '../../api/room';
import type { Campaign } from '../../api/types';
import { groupMarks } from '../board/marks';
import { draftOf, steering } from '../board/steering';
import { pagesOf, turnOf } from './turns';

describe('wallboard', () => {
  it('turns by the clock, all pages alike', () => {
    const pages = pagesOf(null, false);
    expect(pages).toEqual(['agents', 'campaigns', 'supply']);
    expect([0, 1, 2, 3].map((n) => turnOf(n * 15_000, 15_000, pages).page)).toEqual(['agents', 'campaigns', 'supply', 'agents']);
    expect(turnOf(45_000, 15_000, pages).round).toBe(1);
    expect(pagesOf('alerts', false)).toEqual(['alerts']);
    expect(pagesOf('nonsense', true)).toHaveLength(4);
  });
});

describe('marks', () => {
  it('are one for what one person changed at once', () => {
    const m = (at: string, actor: string, field: string) => ({ id: 1, at, actor, field, from: null, to: null }) as Mark;
    const out = groupMarks([m('2026-05-04T10:00:00Z', 'Ann', 'settings.ratio'), m('2026-05-04T10:00:00Z', 'Ann', 'settings.mode'), m('2026-05-04T10:00:01Z', 'Bob', 'status'), m('2026-05-04T10:05:00Z', 'Ann', 'status')]);
    expect(out.map((x) => [x.actor, x.fields.length])).toEqual([['Ann', 2], ['Bob', 1], ['Ann', 1]]);
  });
});

describe('steering', () => {
  const c = { revision: 4, list_ids: ['a', 'b'], settings: { mode: 'power', ratio: 2, abandon_target: 0.03, caller_id: '+12025550100', order: { lists: 'mix', mix: [{ list_id: 'a', weight: 3 }] } } } as unknown as Campaign;
  it('asks for what differs only', () => {
    const d = draftOf(c);
    expect(steering(c, d)).toBeNull();
    expect(steering(c, { ...d, percent: 2.5, caller_id: ' +12025550100 ' })).toEqual({ revision: 4, abandon_target: 0.025 });
    expect(steering(c, { ...d, weights: { a: 3, b: 2 } })).toEqual({ revision: 4, mix: [{ list_id: 'a', weight: 3 }, { list_id: 'b', weight: 2 }] });
    expect(steering(c, { ...d, caller_ids: ['+12025550101'], caller_choice: 'area' })).toEqual({ revision: 4, caller_ids: ['+12025550101'], caller_choice: 'area' });
    expect(steering(c, { ...d, list_ids: ['b'], lists: '' })).toEqual({ revision: 4, list_ids: ['b'], lists: '' });
  });
});
