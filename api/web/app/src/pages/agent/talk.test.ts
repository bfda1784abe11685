import { describe, expect, it } from 'vitest';
import type { CallView, Screen } from '../../api/desk';
import { able } from './talk';

const call: CallView = { attempt_id: 'a', status: 'talking', bridged_at: null, ended_at: null, outcome: '', hung_up_by: '' };
const on = (c: Partial<CallView>, state = 'Talking') => able({ state, call: { ...call, ...c } } as Screen);
const outside = { to: { kind: 'outside' as const, number: '100' }, label: 'x', since: '' };

describe('what fits a call', () => {
  it('is nothing before the talk and after it', () => {
    expect(Object.values(on({ status: 'ringing' })).some(Boolean)).toBe(false);
    expect(Object.values(on({ status: 'ended' }, 'WrapUp')).some(Boolean)).toBe(false);
  });
  it('is to retrieve alone while the call is parked', () => {
    const a = on({ parked: true });
    expect(a.retrieve).toBe(true);
    expect(a.hold || a.transfer || a.park).toBe(false);
  });
  it('follows a consultation: ring, talk, three, leave', () => {
    expect(on({ consult: { ...outside, status: 'ringing' } })).toMatchObject({ cancel: true, complete: false, three: false, transfer: false });
    expect(on({ consult: { ...outside, status: 'talking' }, parties: [{ kind: 'outside', label: 'x' }] })).toMatchObject({ complete: true, three: true, leave: false });
    const all = on({ consult: { ...outside, status: 'talking' }, parties: [{ kind: 'contact', label: 'c' }, { kind: 'outside', label: 'x' }] });
    expect(all).toMatchObject({ leave: true, three: false, complete: false });
  });
  it('leaves an agent who was asked in his microphone only', () => {
    expect(on({ role: 'consulted' })).toMatchObject({ mute: true, hold: false, transfer: false });
  });
});
