import { describe, expect, it } from 'vitest';
import { limited, type FilterField } from './api';
import { choicesOf, complete, formOf, nameInText, newRow, nodeOf, rowOfPath, spanOf, withOp, type FilterNode } from './form';

const age: FilterField = { name: 'age', type: 'number', custom: true, history: false, ops: ['=', '<', 'in', 'between', 'is empty'] };
const last: FilterField = { name: 'last_attempt', type: 'moment', custom: false, history: true, ops: ['=', '<', 'is empty'] };

const simple: FilterNode = {
  op: 'and', args: [
    { op: '>=', field: 'age', custom: true, values: [{ kind: 'number', text: '30' }] },
    { op: 'not', args: [{ op: 'tagged', field: 'tags', values: [{ kind: 'text', text: 'vip' }] }] },
  ],
};

describe('form of a filter', () => {
  it('comes back as it was', () => {
    expect(nodeOf(formOf(simple)!)).toEqual(simple);
    expect(nodeOf(formOf(simple.args![0])!)).toEqual(simple.args![0]);
    expect(formOf({ op: 'everyone' })).toEqual({ join: 'and', rows: [] });
    expect(nodeOf({ join: 'or', rows: [] })).toEqual({ op: 'everyone' });
  });
  it('leaves to the text what is more', () => {
    expect(formOf({ op: 'or', args: [simple, { op: 'everyone' }] })).toBeNull();
    expect(formOf({ op: 'not', args: [simple] })).toBeNull();
    expect(formOf(undefined)).toBeNull();
  });
  it('knows what is missing', () => {
    const row = newRow(age);
    expect(row).toEqual({ field: 'age', custom: true, op: '=', not: false, values: [{ kind: 'number', text: '' }] });
    expect(complete({ join: 'and', rows: [row] })).toBe(false);
    expect(complete({ join: 'and', rows: [{ ...row, values: [{ kind: 'number', text: '3' }] }] })).toBe(true);
    expect(complete({ join: 'and', rows: [newRow(last)] })).toBe(true);
    expect(complete({ join: 'and', rows: [withOp(row, 'in', false, 'number')] })).toBe(false);
    expect(complete({ join: 'and', rows: [withOp(row, 'is empty', true, 'number')] })).toBe(true);
  });
  it('keeps values over a change of the operator', () => {
    const row = { ...newRow(age), values: [{ kind: 'number' as const, text: '3' }] };
    expect(withOp(row, 'between', false, 'number').values.map((v) => v.text)).toEqual(['3', '']);
    expect(withOp(row, 'in', true, 'number')).toMatchObject({ op: 'in', not: true, values: [{ text: '3' }] });
  });
  it('offers opposites where they are of use', () => {
    expect(choicesOf(last).map((c) => (c.not ? 'not ' : '') + c.op)).toEqual(['=', 'not =', '<', 'is empty', 'not is empty']);
  });
});

describe('places of problems', () => {
  it('in a form', () => {
    expect(rowOfPath('args[1].values[0]', 3)).toBe(1);
    expect(rowOfPath('values[0]', 1)).toBe(0);
    expect(rowOfPath('', 3)).toBe(-1);
  });
  it('in a text, also behind characters outside of the basic plane', () => {
    const text = 'age > 3\nand 城市 = 😀 x';
    expect(spanOf(text, { line: 2, column: 5 })).toEqual([12, 14]);
    expect(text.slice(...spanOf(text, { line: 2, column: 12 })!)).toBe('x');
    expect(spanOf(text, { line: 9, column: 1 })).toEqual([text.length, text.length]);
    expect(spanOf(text, { line: 0, column: 0 })).toBeNull();
    expect('a = "b c" d'.slice(...spanOf('a = "b c" d', { line: 1, column: 5 })!)).toBe('"b c"');
  });
});

it('counts run a few at a time', async () => {
  const run = limited(2);
  let now = 0;
  let most = 0;
  const done = await Promise.all([1, 2, 3, 4, 5].map((n) => run(async () => {
    most = Math.max(most, ++now);
    await Promise.resolve();
    now--;
    return n;
  })));
  expect(done).toEqual([1, 2, 3, 4, 5]);
  expect(most).toBe(2);
  await expect(run(() => Promise.reject(new Error('x')))).rejects.toThrow('x');
});

it('writes names as texts have them', () => {
  expect(nameInText('age')).toBe('age');
  expect(nameInText('odd ] name')).toBe('[odd ]] name]');
  expect(nameInText('answer.happy', true)).toBe('answer.happy');
  expect(nameInText('answer.grid.price', true)).toBe('answer.grid.price');
  expect(nameInText('answer.grid.two "w. x', true)).toBe('answer.grid."two ""w. x"');
});
