import { describe, expect, it } from 'vitest';
import { problemOf } from '../api/http';
import { arrange } from '../pages/board/AgentsTable';
import { PLAIN } from '../pages/board/views';
import { Traffic } from '../pages/board/traffic';
import { check, newCampaign, tidyTime } from '../pages/campaigns/draft';
import type { BoardAgent } from '../api/types';
import { ServerClock } from './clock';
import { clockText, makeFormats, phoneText } from './format';
import { isCharacter, keyName } from './keys';
import { tidyNumbers } from './numbers';
import { fromWall, toWall } from './zone';

describe('server clock', () => {
  it('believes the latest time that a message proves, and a header when this computer was set', () => {
    let local = 1_000_000;
    const c = new ServerClock(() => local);
    c.observe(new Date(1_060_000).toISOString());
    c.observe(new Date(1_010_000).toISOString()); // an old message proves nothing
    expect(c.now()).toBe(1_060_000);
    local += 3_600_000; // the computer's clock was put forward
    c.observeHeader(new Date(1_061_000).toUTCString());
    expect(c.now()).toBe(1_061_000);
  });
});

describe('zones', () => {
  it('reads wall clocks at the callee', () => {
    expect(fromWall('2026-03-08T14:30', 'Asia/Shanghai')?.toISOString()).toBe('2026-03-08T06:30:00.000Z');
    expect(fromWall('2026-07-01T09:00', 'America/New_York')?.toISOString()).toBe('2026-07-01T13:00:00.000Z');
    expect(fromWall('2026-12-01T09:00', 'America/New_York')?.toISOString()).toBe('2026-12-01T14:00:00.000Z');
    expect(fromWall('soon', 'Asia/Shanghai')).toBeNull();
  });
  it('comes back to the same wall clock, also where the hour changes', () => {
    for (const wall of ['2026-03-08T01:30', '2026-03-08T03:30', '2026-11-01T03:00', '2026-02-28T23:59']) {
      expect(toWall(fromWall(wall, 'America/New_York')!.getTime(), 'America/New_York')).toBe(wall);
    }
  });
});

describe('formats', () => {
  it('shows times and numbers as they are read', () => {
    expect([0, 65, 3725, -4].map(clockText)).toEqual(['0:00', '1:05', '1:02:05', '0:00']);
    expect(phoneText('+8613800138000')).toBe('+86 138 0013 8000');
    expect(phoneText('+14155550123')).toBe('+1 415 555 0123');
    expect(phoneText('+861066668888')).toBe('+86 10 6666 8888');
    expect(makeFormats('zh-CN').relative('2026-01-01T00:00:00Z', Date.parse('2026-01-04T01:00:00Z'))).toBe('3天前');
  });
  it('names keys as the help does', () => {
    const key = (k: string, m = {}) => keyName({ key: k, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...m });
    expect(key('R')).toBe('r');
    expect(key('H', { shiftKey: true })).toBe('shift+h');
    expect(key('Enter', { ctrlKey: true })).toBe('ctrl+enter');
    expect(key('!', { shiftKey: true })).toBe('!');
  });
  it('tells keys that type a character, which may be switched off', () => {
    const types = (k: string, m = {}) => isCharacter({ key: k, ctrlKey: false, metaKey: false, altKey: false, ...m });
    expect(['r', 'H', '7', '?', '好'].filter((k) => !types(k))).toEqual([]);
    expect(['Enter', 'Escape', 'Backspace', 'ArrowUp'].filter((k) => types(k))).toEqual([]);
    expect(types('r', { ctrlKey: true }) || types('r', { altKey: true })).toBe(false);
  });
});

describe('problems', () => {
  it('name the field of the form', () => {
    const p = problemOf(422, { code: 'invalid_input', detail: 'x', errors: [{ location: 'body.settings.dispositions[2].code', message: 'is there twice' }] });
    expect(p.fields).toEqual([{ path: 'settings.dispositions.2.code', message: 'is there twice' }]);
  });
});

describe('campaign draft', () => {
  it('finds what is missing and what cannot be', () => {
    const d = newCampaign();
    expect(Object.keys(check(d)).sort()).toEqual(['name', 'settings.caller_id', 'trunk_id']);
    d.settings.hours.mon = [['25:00', '26:00']];
    d.settings.dispositions[1]!.code = d.settings.dispositions[0]!.code;
    expect(check(d)).toMatchObject({ 'settings.hours.mon': 'time', 'settings.dispositions.1.code': 'duplicate' });
  });
  it('looks at further caller IDs', () => {
    const d = newCampaign();
    d.settings.caller_id = '+12065550100';
    d.settings.caller_ids = tidyNumbers(['+1 (206) 555-0101', '+12065550101; +44 20 7946 0000', ' ']);
    expect(d.settings.caller_ids).toEqual(['+12065550101', '+442079460000']);
    expect(check(d)['settings.caller_ids']).toBeUndefined();
    d.settings.caller_ids = ['+12065550101', '5550102'];
    expect(check(d)['settings.caller_ids']).toBe('phone');
    d.settings.caller_ids = ['+12065550100'];
    expect(check(d)['settings.caller_ids']).toBe('duplicate');
  });
  it('tidies times', () => {
    expect(['9', '9:30', '0930', '24:00', 'x'].map(tidyTime)).toEqual(['09:00', '09:30', '09:30', '24:00', 'x']);
  });
});

describe('board', () => {
  const agent = (id: string, state: string, name: string, since = '') => [`agent/${id}`, { id, state, name, since } as unknown as BoardAgent] as [string, BoardAgent];
  it('orders agents by what they do, and finds them', () => {
    const all = [agent('1', 'Ready', 'B'), agent('2', 'Talking', 'C'), agent('3', 'Ready', 'A'), agent('4', 'Offline', 'D')];
    expect(arrange(all, '', PLAIN, 0)).toEqual(['agent/2', 'agent/3', 'agent/1']);
    expect(arrange(all, 'b', { ...PLAIN, order: 'name' }, 0)).toEqual(['agent/1']);
    expect(arrange(all, '', { ...PLAIN, state: 'Ready', order: 'name' }, 0)).toEqual(['agent/3', 'agent/1']);
  });
  it('charts what happened in between, never less than nothing', () => {
    const t = new Traffic();
    t.add({ at: 0, dialled: 10, live: 5, abandoned: 0 });
    expect(t.add({ at: 1000, dialled: 11, live: 5, abandoned: 0 })).toBe(false);
    t.add({ at: 5000, dialled: 14, live: 6, abandoned: 1 });
    t.add({ at: 10_000, dialled: 2, live: 6, abandoned: 1 }); // the dialer began anew
    expect(t.columns()).toEqual([[5, 10], [4, 0], [1, 0], [1, 0]]);
  });
});
