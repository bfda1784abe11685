import { describe, expect, it } from 'vitest';
import { fieldsOf, fits, problemOf, readAs, samplesOf, templateOf, withTemplate, type Column, type Plan } from './plan';

const columns: Column[] = [
  { header: '手机', as: 'phone', kind: 'mobile' }, { header: '姓名', as: 'name' }, { header: '城市', as: 'field', type: 'text' },
];

describe('plan of an import', () => {
  it('says what is missing', () => {
    expect(problemOf(columns, undefined)).toBeNull();
    expect(problemOf(columns.slice(1), undefined)).toEqual({ problem: 'noPhone' });
    expect(problemOf([...columns, { header: '名字', as: 'name' }], undefined)).toEqual({ problem: 'twice', column: 3 });
    expect(problemOf([...columns, { header: 'City', as: 'field', field: '城市' }], undefined)).toEqual({ problem: 'sameField', column: 3 });
    expect(problemOf(Array.from({ length: 21 }, (_, i) => ({ header: `p${i}`, as: 'phone' as const })), undefined)).toEqual({ problem: 'manyPhones' });
    expect(problemOf(columns, { by: 'key' })).toEqual({ problem: 'noKey' });
  });
  it('forgets what belonged to another reading', () => {
    expect(readAs({ header: 'x', as: 'phone', kind: 'fixed', label: 'home' }, 'field')).toEqual({ header: 'x', as: 'field', type: 'text' });
    expect(readAs({ header: 'x', as: 'field', type: 'date', format: 'dmy', field: 'y' }, 'ignore')).toEqual({ header: 'x', as: 'ignore' });
  });
});

describe('templates', () => {
  const template: Plan = { columns: [...columns, { header: 'old', as: 'ignore' }], duplicates: { in_list: 'merge' }, encoding: 'GB18030' };
  it('fit a file that has their columns, in any order and case', () => {
    expect(fits(template, [' 姓名', '城市', '手机', 'more'])).toBe(true);
    expect(fits(template, ['姓名', '手机'])).toBe(false);
    expect(fits({}, ['手机'])).toBe(false);
  });
  it('are laid on the columns by name; others stay out', () => {
    const file: Column[] = [{ header: '城市', as: 'field' }, { header: '备注', as: 'field' }, { header: '手机', as: 'field' }];
    expect(withTemplate(template, file).map((c) => c.as)).toEqual(['field', 'ignore', 'phone']);
  });
  it('keep nothing that each file shows by itself', () => {
    expect(templateOf(template)).toEqual({ columns: template.columns, duplicates: template.duplicates, on_dnc: undefined });
  });
});

it('columns are known by some of their values', () => {
  const rows = [{ record: ['a', ''] }, { record: ['a', ' '] }, { record: ['b', 'x'] }, { record: [] }];
  expect(samplesOf(rows, 0)).toEqual(['a', 'b']);
  expect(samplesOf(rows, 1)).toEqual(['x']);
  expect(samplesOf(rows, 7)).toEqual([]);
  expect(fieldsOf([{ fields: { b: '1' } }, { fields: null }, { fields: { a: '2', b: '3' } }])).toEqual(['b', 'a']);
});
