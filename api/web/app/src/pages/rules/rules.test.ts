import i18next from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Pack, Rule } from '../../api/law';
import { resources } from '../../i18n';
import { freeID, newRule, oneSpan, packsFor, retype, weekFrom } from './custom';
import { ageLimit, ageState, daysSince, paramsOf, pick, spanText, weekText } from './words';

beforeAll(() => i18next.init({ resources, lng: 'en', interpolation: { escapeValue: false } }));

const rule = (more: Partial<Rule>): Rule => ({ id: 'x.y', kind: 'conduct', title: 'Title', title_zh: '标题', source: '', mark: 'S', verified: '2026-11-21', ...more });
const percent = (s: number) => `${s * 100} %`;
const says = (more: Partial<Rule>) => paramsOf(i18next.t, rule(more), percent).join('; ');
const DAY = 86_400;

describe('words of rules', () => {
  it('take the largest unit', () => {
    expect([1827 * DAY, 7 * DAY, 7200, 90].map((s) => spanText(i18next.t, s))).toEqual(['5 years', '7 days', '2 h', '2 min']);
  });
  it('put days with the same hours together', () => {
    expect(weekText(i18next.t, { mon: [['09:00', '12:00'], ['13:00', '18:00']], tue: [['09:00', '12:00'], ['13:00', '18:00']], sat: [['10:00', '16:00']] }))
      .toBe('Mon–Tue 09:00–12:00 13:00–18:00, Wed–Fri closed, Sat 10:00–16:00, Sun closed');
  });
  it('say what each kind demands', () => {
    expect(says({ kind: 'cap', max: 7, window_seconds: 7 * DAY, scope: 'person' })).toBe('At most 7 attempts to a person in 7 days');
    expect(says({ kind: 'pause', after: 'refusal', ever: true })).toBe('Never again after a refusal');
    expect(says({ kind: 'pause', after: 'abandoned', window_seconds: 72 * 3600, unless: 'agent' })).toBe('No call for 3 days after an abandoned call; unless an agent is there before dialling');
    expect(says({ kind: 'registry', region: 'US', max_age_seconds: 31 * DAY })).toBe('Registry US, at most 31 days old');
    expect(says({ kind: 'abandonment', share: 0.03, block: '30d', within_seconds: 2 })).toContain('3 % abandoned, per 30 days');
  });
  it('are found in both languages, by kind and by what the call is for', () => {
    const all = [rule({ id: 'us.debt', kind: 'cap', activities: ['debt'], title: 'Debt calls' }), rule({ id: 'us.hours', kind: 'hours', title_zh: '夜间不得呼叫', where: ['US-FL'] })];
    const ids = (text: string, kind = '', activity = '') => pick(all, { text, kind, activity }).map((r) => r.id);
    expect(ids('夜间')).toEqual(['us.hours']);
    expect(ids('us-fl')).toEqual(['us.hours']);
    expect(ids('', '', 'sales')).toEqual(['us.hours']);
    expect(ids('debt calls', 'cap')).toEqual(['us.debt']);
    expect(ids('debt', 'hours')).toEqual([]);
  });
});

describe('age of registries', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  const packs = [{ rules: [rule({ kind: 'registry', region: 'US', max_age_seconds: 31 * DAY })] }] as Pack[];
  it('is limited by the strictest rule or campaign', () => {
    expect(ageLimit('US', packs, [])).toBe(31);
    expect(ageLimit('US', packs, [{ region: 'US', max_age_days: 10 }, { region: 'GB', max_age_days: 1 }])).toBe(10);
    expect(ageLimit('US-FL', packs, [])).toBeNull();
  });
  it('is told on both sides of its edge', () => {
    const at = (iso: string | null, limit: number | null = 31) => ageState({ as_of: iso }, limit, now);
    expect(at('2026-10-22T12:00:00Z')).toBe('soon');
    expect(at('2026-10-22T11:59:59Z')).toBe('tooOld');
    expect(at('2026-11-20T00:00:00Z')).toBe('fresh');
    expect(at('2020-01-01T00:00:00Z', null)).toBe('noLimit');
    expect(at(null)).toBe('never');
    expect(daysSince('2026-11-21T11:00:00Z', now)).toBe(1);
    expect(daysSince('2026-11-23T00:00:00Z', now)).toBe(0);
  });
});

describe('own rules', () => {
  it('have names that no other has, and only parameters of their kind', () => {
    expect(freeID('cap', ['own.cap', 'own.cap.2'])).toBe('own.cap.3');
    const cap = newRule('cap', 'Frequency', []);
    const pause = retype({ ...cap, where: ['US-FL'] }, 'pause', 'Rest', [cap]);
    expect(pause).toMatchObject({ id: 'own.pause', kind: 'pause', where: ['US-FL'], days: 7 });
    expect(pause.max).toBeUndefined();
    expect(pause.window_seconds).toBeUndefined();
  });
  it('keep a week that is more than one span', () => {
    expect(oneSpan(weekFrom(['mon', 'fri'], '09:00', '18:00'))).toEqual({ days: ['mon', 'fri'], from: '09:00', to: '18:00' });
    expect(oneSpan({ mon: [['09:00', '12:00'], ['13:00', '18:00']] })).toBeNull();
    expect(oneSpan({ mon: [['09:00', '12:00']], tue: [['10:00', '12:00']] })).toBeNull();
    expect(oneSpan(undefined)).toBeNull();
  });
  it('begin with the packs of the lists\' countries', () => {
    const packs = [{ id: 'cn', covers: ['CN'] }, { id: 'us', covers: ['US', 'PR'] }] as Pack[];
    expect(packsFor(['US'], packs)).toEqual(['us']);
    expect(packsFor([], packs)).toEqual(['cn', 'us']);
  });
});
