import { describe, expect, it } from 'vitest';
import { refKey, refOf, reorder, spanOf, swapped, weigh, weights, withSpan } from './steer';

describe('order', () => {
  it('leaves out what does not go with it', () => {
    expect(reorder({ by: 'field', field: 'city', descending: true }, { by: 'newest' })).toEqual({ by: 'newest' });
    expect(reorder({ by: 'random', seed: 7 }, { lists: 'together' })).toEqual({ by: 'random', seed: 7, lists: 'together' });
    expect(reorder({ by: 'field', field: 'age', type: 'number' }, { type: 'text' })).toEqual({ by: 'field', field: 'age' });
    expect(reorder({ lists: 'mix', mix: [{ list_id: 'a', weight: 3 }] }, { lists: '' })).toBeUndefined();
    expect(reorder(undefined, { by: 'list' })).toBeUndefined();
  });
  it('weighs lists, of which one without a weight has 1', () => {
    const order = weigh({ lists: 'mix', mix: [{ list_id: 'gone', weight: 9 }] }, ['a', 'b'], 'a', 3);
    expect(order).toEqual({ lists: 'mix', mix: [{ list_id: 'a', weight: 3 }] });
    expect(weights(order, ['a', 'b'])).toEqual([{ id: 'a', weight: 3, share: 0.75 }, { id: 'b', weight: 1, share: 0.25 }]);
    expect(weigh(order, ['a', 'b'], 'a', 1)).toEqual({ lists: 'mix' });
  });
  it('moves a list one place', () => {
    expect(swapped(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b']);
  });
});

describe('limits', () => {
  it('count over the day, over days, or over hours', () => {
    expect(spanOf({ per: 'number', max: 1 })).toEqual({ span: 'day', n: 1 });
    expect(spanOf({ per: 'number', max: 1, window_seconds: 604_800 })).toEqual({ span: 'days', n: 7 });
    expect(spanOf({ per: 'number', max: 1, window_seconds: 5400 })).toEqual({ span: 'hours', n: 1.5 });
    expect(withSpan({ per: 'contact', max: 2, window_seconds: 60 }, 'day', 4)).toEqual({ per: 'contact', max: 2 });
    expect(withSpan({ per: 'contact', max: 2 }, 'hours', 0.5)).toEqual({ per: 'contact', max: 2, window_seconds: 1800 });
  });
});

describe('segments of a campaign', () => {
  it('are values of a choice', () => {
    for (const r of [{ segment_id: 's' }, { segmentation_id: 'p' }, { segment_id: 's', segmentation_id: 'p' }]) expect(refOf(refKey(r))).toEqual(r);
  });
});
