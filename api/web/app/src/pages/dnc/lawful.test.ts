import i18next from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import { ApiError } from '../../api/http';
import type { Pack, Registry, Rule } from '../../api/law';
import type { Campaign } from '../../api/types';
import { resources } from '../../i18n';
import { numbersText } from './loadError';
import { areaOf, areasOf, needsOf } from './needs';
import { liftableRules, liftFor, overrideState, untilAllowed, untilDays } from './overrides';
import { rejectedCSV } from './rejected';

beforeAll(() => i18next.init({ resources, lng: 'en', interpolation: { escapeValue: false } }));

const DAY = 86_400_000;
const now = Date.parse('2026-11-22T12:00:00Z');
const rule = (id: string, more: Partial<Rule> = {}): Rule => ({ id, kind: 'registry', title: id, title_zh: '', source: '', mark: 'S', verified: '', region: 'US', max_age_seconds: 31 * 86_400, activities: ['sales'], ...more });
const pack = (id: string, rules: Rule[]): Pack => ({ id, version: '', covers: [], title: id, title_zh: '', rules });
const packs = [pack('us', [rule('us.registry', { override: ['consent', 'relationship'] }), rule('us.hours', { kind: 'hours', region: undefined, override: ['consent'] })]), pack('ca', [rule('ca.registry', { region: 'CA' })])];
const campaign = (id: string, settings: object, status = 'running') => ({ id, name: id, status, list_ids: [], settings }) as unknown as Campaign;
const registry = (region: string, days: number | null): Registry => ({ id: region, name: region, region, everyone: true, numbers: 1, as_of: days === null ? null : new Date(now - days * DAY).toISOString(), loaded_at: null, created_at: '', coverage: [] });

describe('what rules need', () => {
  it('names what is held up by a registry that is missing or too old, worst first', () => {
    const all = [campaign('a', { packs: ['us'] }), campaign('b', { packs: ['us'], activity: 'research' }), campaign('c', { packs: ['us'] }, 'paused'), campaign('d', { packs: [], registries: [{ region: 'GB', max_age_days: 7 }] })];
    const needs = needsOf(packs, all, [registry('US', 40), registry('US', 32), registry('GB', 3)], now);
    expect(needs.map((n) => [n.region, n.state, n.limit, n.heldUp.map((c) => c.id)])).toEqual([['US', 'tooOld', 31, ['a']], ['GB', 'fresh', 7, []], ['CA', 'missing', 31, []]]);
    expect(needs[0]!.askedBy.map((c) => c.id)).toEqual(['a', 'c']);
    expect(needs[0]!.registry!.as_of).toBe(registry('US', 32).as_of);
    expect(needs[1]!.goodUntil).toBe(now + 4 * DAY);
  });
  it('takes the strictest limit, also of a campaign that makes its own rule', () => {
    const own = campaign('o', { packs: ['us'], custom_rules: [rule('own.registry', { max_age_seconds: 10 * 86_400, activities: undefined })] });
    expect(needsOf(packs, [own], [registry('US', 11)], now)[0]).toMatchObject({ region: 'US', limit: 10, state: 'tooOld', heldUp: [own] });
    expect(needsOf(packs, [own], [registry('US', null)], now)[0]!.state).toBe('never');
    expect(needsOf([], [], [], now)).toEqual([]);
  });
  it('asks a rule on its days only', () => {
    const later = [pack('us', [rule('us.registry', { from: '2026-12-01' })])];
    expect(needsOf(later, [campaign('a', { packs: ['us'] })], [], now)[0]!.heldUp).toEqual([]);
  });
});

describe('area of a registry', () => {
  it('is a region within it, the beginning of numbers, or an area code', () => {
    expect(['us-fl', ' +1212 ', '212', 'US'].map((x) => areaOf(x, 'US'))).toEqual(['US-FL', '+1212', '+1212', 'US']);
    expect(['CA-ON', '21', '+0', 'Florida', ''].map((x) => areaOf(x, 'US'))).toEqual(['', '', '', '', '']);
    expect(areaOf('020', 'GB')).toBe('');
    expect(areasOf(['212, us-fl;', '+1212', 'Florida'], 'US')).toEqual(['+1212', 'US-FL', 'Florida']);
  });
});

describe('exceptions', () => {
  it('count until their end, or until somebody ends them', () => {
    const until = new Date(now + 1).toISOString();
    expect(overrideState({ until, ended_at: null }, now)).toBe('valid');
    expect(overrideState({ until, ended_at: null }, now + 1)).toBe('over');
    expect(overrideState({ until, ended_at: until }, now)).toBe('ended');
  });
  it('are for rules whose law knows a ground, and for a campaign\'s own', () => {
    const own = campaign('o', { packs: ['us'], custom_rules: [rule('own.cap', { kind: 'cap', override: ['consent'] }), rule('own.hours')] });
    expect(liftableRules(packs, own).map((g) => g.rules.map((r) => r.id))).toEqual([['us.registry', 'us.hours'], ['own.cap']]);
    expect(liftFor({ rule: 'registry', kind: 'registry' }, packs, own)).toBe('us.registry');
    expect(liftFor({ rule: 'us.hours', kind: 'hours' }, packs, own)).toBe('us.hours');
    expect(liftFor({ rule: 'dnc', kind: 'dnc' }, packs, own)).toBe('');
    expect(liftFor({ rule: 'us.hours', kind: 'hours' }, packs, campaign('x', { packs: ['ca'] }))).toBe('');
  });
  it('last a year at most', () => {
    const days = untilDays(now);
    expect([days.first, days.usual, days.last].map((d) => untilAllowed(d, now))).toEqual([true, true, true]);
    expect(['2026-11-20', '2027-11-30', '', 'soon'].map((d) => untilAllowed(d, now))).toEqual([false, false, false, false]);
  });
});

describe('rejected rows as a file', () => {
  it('has the columns as they were, says what is wrong, and runs nothing', () => {
    const text = rejectedCSV(['phone', 'note'], [
      { row_no: 2, field: 'phone', value: '12', reason: 'phone_invalid', record: ['12', '=A1', 'more'] }, { row_no: 3, field: '', value: '', reason: 'row_broken' },
    ], ['row', 'column', 'what'], (r) => `wrong, "${r.reason}"`);
    expect(text).toBe('\ufeffphone,note,,row,column,what\r\n12,\'=A1,more,2,phone,"wrong, ""phone_invalid"""\r\n,,,3,,"wrong, ""row_broken"""\r\n');
  });
});

describe('a file of numbers that is refused', () => {
  it('is told with the reason and what to do', async () => {
    const refused = (message: string) => numbersText(new ApiError(422, 'invalid_input', 'x', [{ path: 'file', message }]));
    expect(refused('holds no number')).toBe('Holds no number');
    expect(numbersText(new ApiError(413, 'too_large', ''))).toContain('512 MB');
    await i18next.changeLanguage('zh-CN');
    expect(refused('is not a text file in UTF-8 or ASCII: save it as plain text or CSV in UTF-8')).toContain('UTF-8');
    expect(refused('name the column of the number; the first line is "a,b"')).toContain('phone');
    await i18next.changeLanguage('en');
  });
});
