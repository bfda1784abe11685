import { describe, expect, it } from 'vitest';
import type { Pop, ScriptDocument, ScriptStep } from '../../api/types';
import { advance, answered, begin, fill, goBack, isLast, nextFrom, plainNext } from './script';

const doc: ScriptDocument = {
  start: 'intro',
  steps: [
    { id: 'intro', ask: { type: 'single', required: true, options: [{ value: 'yes' }] }, next: [{ when: "answer == 'yes'", to: 'offer' }, { to: 'end' }] },
    { id: 'offer', next: [{ to: 'bye' }] },
    { id: 'bye' },
  ],
};
const [intro, offer, bye] = doc.steps as [ScriptStep, ScriptStep, ScriptStep];

describe('script', () => {
  it('goes on by itself only where no condition decides', () => {
    expect(plainNext(intro)).toBeUndefined();
    expect(plainNext(offer)).toBe('bye');
    expect(plainNext(bye)).toBe('');
    expect(isLast(bye)).toBe(true);
    expect(plainNext({ id: 'x', next: [{ to: 'end' }] })).toBe('');
  });

  it('goes where the server says', () => {
    expect(nextFrom(intro, { next: 'offer' })).toBe('offer');
    expect(nextFrom(intro, { next: '' })).toBe('');
    expect(nextFrom(intro, undefined)).toBe('');
  });

  it('remembers the way and the answers, back and forth', () => {
    let p = begin(doc, { earlier: 1 });
    p = advance(p, 'intro', 'yes', 'offer');
    expect(p).toEqual({ path: ['intro', 'offer'], answers: { earlier: 1, intro: 'yes' } });
    p = goBack(p);
    expect(p.path).toEqual(['intro']);
    expect(p.answers.intro).toBe('yes');
    expect(goBack(p)).toBe(p);
  });

  it('asks for an answer only where it must be given', () => {
    expect(answered(intro, undefined)).toBe(false);
    expect(answered(intro, 'yes')).toBe(true);
    expect(answered(offer, undefined)).toBe(true);
  });

  it('fills placeholders and nothing else', () => {
    const pop = { campaign: { id: '', name: 'C' }, contact: { name: '<b>Li</b>', phone: '+1', fields: { plan: 'Plus' } } } as unknown as Pop;
    expect(fill('{{contact.name}} {{ contact.fields.plan }} {{agent.name}} {{answers.intro}}|{{contact.fields.constructor}}{{x}}', pop, 'Ann', { intro: 3 }))
      .toBe('<b>Li</b> Plus Ann 3|');
  });
});
