import { describe, expect, it } from 'vitest';
import { homeOf, mayOpen } from '../../shell/shell';
import { changedOf } from './trunk';

describe('a trunk', () => {
  const before = { name: 'Carrier', endpoint: 'carrier', max_channels: 30, cps: 2, caller_ids: ['+12065550100'] };

  it('is changed in what was changed, and in nothing else', () => {
    expect(changedOf(before, { ...before })).toEqual({});
    expect(changedOf(before, { ...before, name: ' Carrier ' })).toEqual({});
    expect(changedOf(before, { ...before, cps: 0.5 })).toEqual({ cps: 0.5 });
    expect(changedOf(before, { ...before, name: 'Other', max_channels: 60 })).toEqual({ name: 'Other', max_channels: 60 });
  });

  it('shows other numbers when they are others', () => {
    expect(changedOf(before, { ...before, caller_ids: [] })).toEqual({ caller_ids: [] });
    expect(changedOf(before, { ...before, caller_ids: ['+12065550100'] })).toEqual({});
  });

  it('is an administrator\'s', () => {
    expect(mayOpen('admin', '/trunks')).toBe(true);
    for (const role of ['agent', 'supervisor', 'list_manager'] as const) {
      expect(mayOpen(role, '/trunks')).toBe(false);
      expect(mayOpen(role, homeOf(role))).toBe(true);
    }
  });
});
