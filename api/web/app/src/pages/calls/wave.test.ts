import { describe, expect, it } from 'vitest';
import { addressOf, asked, wantedOf, type PlayMark } from './api';
import { firstStart, pauses, stretches } from './wave';

const mark = (ms: number, kind: PlayMark['kind']): PlayMark => ({ ms, kind, text: '' });

describe('the waveform', () => {
  it('keeps the loudest of each stretch', () => {
    expect(stretches(btoa(String.fromCharCode(255, 0, 51, 102, 0, 0, 0, 255)), 2)).toEqual([[1, 0.4], [0, 1]]);
    expect(stretches(null, 5)).toEqual([]);
  });
  it('knows what was kept out', () => {
    expect(pauses([mark(10, 'announced'), mark(100, 'paused'), mark(300, 'resumed'), mark(900, 'paused')], 1000)).toEqual([[100, 300], [900, 1000]]);
    expect(firstStart([mark(500, 'started')])).toBe(500);
    expect(firstStart([mark(500, 'paused')])).toBe(0);
  });
});

describe('the search in the address', () => {
  it('comes back as it was', () => {
    const w = wantedOf('?campaign=c&phone=138&least=30&question=may&answer=a%26b&from=2026-11-01');
    expect(wantedOf(addressOf(w).split('?')[1]!)).toEqual(w);
    expect(asked(w)).toMatchObject({ campaign_id: 'c', phone: '+138', least_ms: 30_000, question: 'may', answer: 'a&b' });
    expect(asked(wantedOf('?score=60&scoreTo=80'))).toMatchObject({ scored: 'true', least_score: 60, most_score: 80 });
    expect(asked(wantedOf('?score=90&scoreTo=80'))).toMatchObject({ least_score: 90, most_score: 90 });
    expect(asked(wantedOf('?score=101'))).not.toHaveProperty('scored');
    expect(asked(wantedOf('?answer=x&from=nonsense&least=-1'))).toMatchObject({ answer: '', from: '', least_ms: undefined });
  });
});
