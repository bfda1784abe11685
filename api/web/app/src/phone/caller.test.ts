import { describe, expect, it, vi } from 'vitest';
import { callerOf, Expected } from './caller';

const id = '0d6c1f1e-5d0f-4f6b-9f43-4d1f8a3e9c02';

describe('who calls the softphone', () => {
  it('knows the dialer\'s calls by their header only', () => {
    expect(callerOf('agent ' + id)).toEqual({ kind: 'agent', id });
    expect(callerOf('supervisor ' + id)).toEqual({ kind: 'supervisor', id });
    expect(callerOf(' test ' + id + ' ')).toEqual({ kind: 'test', id });
    for (const bad of [undefined, '', 'agent', id, 'customer ' + id, 'agent ' + id + '0', 'agent ' + id.toUpperCase()]) {
      expect(callerOf(bad), String(bad)).toBeNull();
    }
  });

  it('takes a call that comes a moment before its reason', async () => {
    const expected = new Expected();
    const early = expected.fits({ kind: 'agent', id });
    expected.set('test', id);
    expected.set('agent', id);
    expect(await early).toBe(true);
    expect(await expected.fits({ kind: 'agent', id })).toBe(true);
  });

  it('refuses a call for another session', async () => {
    vi.useFakeTimers();
    const expected = new Expected(3000);
    expected.set('agent', id.replace('0d', '1d'));
    const answer = expected.fits({ kind: 'agent', id });
    await vi.advanceTimersByTimeAsync(3000);
    expect(await answer).toBe(false);
    vi.useRealTimers();
  });
});
