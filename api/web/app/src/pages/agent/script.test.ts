import { describe, expect, it } from 'vitest';
import type { Pop, ScriptAt, ScriptDoc } from '../../api/desk';
import { before, beginning, fill, isEmpty, objections, shownOf, steps, toggled } from './script';

const doc: ScriptDoc = {
  v: 2, start: 'hello', subs: [{ id: 'price', title: { en: 'Too dear' }, start: 'p1', objection: true }, { id: 'part', title: { en: 'Part' }, start: 'p2' }],
  steps: [{ id: 'hello', title: { en: 'Hello' }, text: { en: 'Hi' }, questions: [{ id: 'a', type: 'single' }, { id: 'b', type: 'text', when: "answers.a == 'x'" }] }],
};
const options = ['x', 'y', 'z'].map((value) => ({ value, label: value })).concat([{ value: 'none', label: 'none', alone: true } as never]);

describe('a script in the page', () => {
  it('begins on its first page with the questions that depend on nothing', () => {
    const at = beginning(doc);
    expect(at.step).toBe('hello');
    expect(shownOf(doc.steps[0]!, at).map((q) => q.id)).toEqual(['a']);
    expect(shownOf(doc.steps[0]!, { ...at, shown: ['b', 'a'] } as ScriptAt).map((q) => q.id)).toEqual(['a', 'b']);
    expect(before(at)).toBe('');
    expect(objections(doc).map((s) => s.id)).toEqual(['price']);
  });
  it('ticks several options in their order, and lets one stand alone', () => {
    expect(toggled(undefined, options[1]!, options)).toEqual(['y']);
    expect(toggled(['y'], options[0]!, options)).toEqual(['x', 'y']);
    expect(toggled(['x', 'y'], options[3]!, options)).toEqual(['none']);
    expect(toggled(['none'], options[2]!, options)).toEqual(['z']);
    expect(toggled(['z'], options[2]!, options)).toEqual([]);
  });
  it('knows an empty answer, and the steps of a rating', () => {
    expect([undefined, null, '', [], {}].every(isEmpty)).toBe(true);
    expect([0, false, 'a', ['a'], { r: 'c' }].some(isEmpty)).toBe(false);
    expect(steps({ id: 'r', type: 'rating' })).toEqual([1, 2, 3, 4, 5]);
    expect(steps({ id: 'r', type: 'rating', min: 0, max: 10 })).toHaveLength(11);
  });
  it('fills what is known once, and never reads it again', () => {
    const pop = { campaign: { name: 'C' }, contact: { name: '{{agent.name}}', phone: '+1', fields: { City: '北京' } } } as unknown as Pop;
    expect(fill('{{contact.name}} {{ contact.fields.City }} {{answers.n}} {{values.v}} {{nobody}}', pop, 'Lena', { n: [1, 2] }, { v: 9.5 })).toBe('{{agent.name}} 北京 1, 2 9.5 ');
  });
});
