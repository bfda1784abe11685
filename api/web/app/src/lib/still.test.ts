import { describe, expect, it } from 'vitest';
import { drawn } from '../ui/Windowed';
import { keepOrder } from './hand';
import { byText, byTime } from './order';
import { holdOrder } from './stable';

describe('what somebody looks at', () => {
  it('keeps its place: new ones come after, those that are gone stay as they were', () => {
    const first = holdOrder([], [['a', 1], ['b', 2]]);
    const then = holdOrder(first, [['c', 3], ['b', 20]]);
    expect(then).toEqual([{ key: 'a', value: 1, gone: true }, { key: 'b', value: 20, gone: false }, { key: 'c', value: 3, gone: false }]);
    expect(holdOrder(then, [['a', 4]])[0]).toEqual({ key: 'a', value: 4, gone: false });
    expect(keepOrder(['a', 'b'], ['c', 'b'])).toEqual(['a', 'b', 'c']);
  });
});

describe('a table of many rows', () => {
  it('draws a few all at once', () => expect(drawn(120, 4000, 400, 37)).toEqual([0, 120]));
  it('draws those in sight of many, and some beside them', () => {
    expect(drawn(500, 0, 400, 37)).toEqual([0, 32]);
    for (const top of [0, 100, 5000, 500 * 37 - 400]) {
      const [first, end] = drawn(500, top, 400, 37);
      expect(first * 37).toBeLessThanOrEqual(top);
      expect(end * 37).toBeGreaterThanOrEqual(Math.min(500 * 37, top + 400));
      expect(end - first).toBeLessThan(60);
    }
    expect(drawn(130, 99_999, 400, 37)[1]).toBe(130);
  });
});

describe('orders', () => {
  it('compares times as written', () => expect(['2026-05-04T10:00:01Z', '2026-05-04T09:00:00Z'].sort(byTime)[0]).toBe('2026-05-04T09:00:00Z'));
  it('compares names as people do', () => expect(['b', 'C', 'a'].sort(byText)).toEqual(['a', 'b', 'C']));
});
