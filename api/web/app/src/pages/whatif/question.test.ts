import { describe, expect, it } from 'vitest';
import type { Campaign, SimulatedCase, StaffingHour } from '../../api/types';
import { newCampaign } from '../campaigns/draft';
import { check, compared, depth, draftOf, firstDraft, questionOf, tried } from './question';

const campaign: Campaign = { ...newCampaign(), id: 'c', status: 'paused', revision: 1 };

describe('questions', () => {
  it('leave out what is as now', () => {
    expect(questionOf(firstDraft(campaign), 'Asia/Shanghai')).toEqual({ mode: 'predictive', zone: 'Asia/Shanghai' });
    const d = { ...firstDraft(campaign), agents: 12, from: '9', until: '17', target: 2.5, mode: 'power' as const, ratio: 2, most: 20 };
    const q = questionOf(d, '');
    expect(q).toEqual({ agents: 12, from: 9, until: 17, target: 0.025, mode: 'power', ratio: 2, most: 20 });
    expect(draftOf(q, campaign)).toEqual(d);
  });

  it('are checked', () => {
    const d = firstDraft(campaign);
    expect(check(d)).toEqual({});
    expect(check({ ...d, from: '9' })).toEqual({ until: 'required' });
    expect(check({ ...d, until: '9' })).toEqual({ from: 'required' });
    expect(check({ ...d, from: '9', until: '9' })).toEqual({ until: 'range' });
    expect(check({ ...d, agents: 0, most: 501, target: 11 })).toEqual({ agents: 'range', most: 'range', target: 'range' });
    expect(check({ ...d, mode: 'power', ratio: '' })).toEqual({ ratio: 'range' });
    expect(tried('preview')).toBe('predictive');
  });
});

describe('answers', () => {
  it('are compared in an order', () => {
    const names = ['power', 'asked', 'as_now', 'progressive'] as const;
    expect(compared(names.map((name) => ({ name }) as SimulatedCase)).map((c) => c.name)).toEqual(['as_now', 'asked', 'power', 'progressive']);
  });

  it('colour cells between nothing and full', () => {
    const cell = (n: number, connects: number) => ({ agents: n, connects: { mean: connects, half: 1 }, utilisation: { mean: 0.9, half: 0 }, abandonment: { mean: 0.02, half: 0 } });
    const rows: StaffingHour[] = [{ hour: 9, usual: 2, answer: 0.2, cells: [cell(1, 20), cell(2, 40)] }];
    expect(depth(rows, 'connects', 20, 0.03)).toBe(0.5);
    expect(depth(rows, 'abandonment', 0.03, 0.03)).toBe(0.5);
    expect(depth(rows, 'abandonment', 0.3, 0)).toBe(1);
    expect(depth(rows, 'utilisation', 0.1, 0)).toBe(0);
    expect(depth([], 'connects', 1, 0)).toBe(1);
  });
});
