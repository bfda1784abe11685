import { describe, expect, it } from 'vitest';
import type { ListProgress } from './api';
import { jobShare, missing, ranked, splitParts, standing } from './progress';

const p: ListProgress = {
  list_id: 'l', campaign_id: 'c', loaded: 100, dialable: 60, untouched: 50, in_flight: 3, finished: 30, finished_by: { sale: 30 },
  excluded: { dnc: 5, max_attempts: 2 }, waiting_for: { busy: 10 },
};

describe('progress of a list', () => {
  it('sums up to what was loaded, and tells when it does not', () => {
    expect(standing(p)).toEqual({ loaded: 100, dialable: 60, in_flight: 3, finished: 30, excluded: 7 });
    expect(missing(standing(p))).toBe(0);
    expect(missing(standing({ ...p, excluded: null }))).toBe(7);
  });
  it('ranks reasons', () => {
    expect(ranked({ b: 2, a: 2, c: 9, none: 0 })).toEqual([['c', 9], ['a', 2], ['b', 2]]);
    expect(ranked(null)).toEqual([]);
  });
  it('knows how far a job is', () => {
    expect(jobShare({ total: 0, seen: 0, state: 'waiting' })).toBe(0);
    expect(jobShare({ total: 0, seen: 0, state: 'done' })).toBe(1);
    expect(jobShare({ total: 200, seen: 50, state: 'running' })).toBe(0.25);
    expect(jobShare({ total: 200, seen: 250, state: 'running' })).toBe(1);
  });
});

describe('split', () => {
  it('takes weights, counts and filters, and finds the row that is not complete', () => {
    expect(splitParts('weight', [{ name: ' A ', value: '2' }, { name: 'B', value: '1' }])).toEqual({ parts: [{ name: 'A', weight: 2 }, { name: 'B', weight: 1 }], bad: -1 });
    expect(splitParts('count', [{ name: 'A', value: '100' }, { name: 'B', value: '-1' }]).bad).toBe(1);
    expect(splitParts('filter', [{ name: 'A', value: 'age > 3' }, { name: '', value: 'everyone' }]).bad).toBe(1);
    expect(splitParts('weight', [{ name: 'A', value: '1001' }]).bad).toBe(0);
  });
});
