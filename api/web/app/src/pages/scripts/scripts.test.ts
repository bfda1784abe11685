import { describe, expect, it } from 'vitest';
import type { ScriptDoc } from '../../api/desk';
import { addPage, addQuestion, addSub, changePage, deletePage, deleteSub, duplicatePage, freeID, moved, patch, renamePage, renameQuestion, retyped, sound, withText } from './edit';
import { around, countByPage, faultsAt, pageIndex } from './faults';
import { began, did, redone, undone } from './history';
import { layersOf, layout, neighbour } from './layout';
import { fieldsOf } from './Preview';
import { bars, significant, worstStep } from './report';

const doc: ScriptDoc = {
  v: 2, start: 'hello',
  subs: [{ id: 'price', title: { en: 'Too dear' }, start: 'price_1', objection: true }],
  steps: [
    { id: 'hello', title: { en: 'Opening' }, text: { en: 'Hi' }, questions: [{ id: 'may', type: 'single', options: [{ value: 'yes', label: {} }] }], next: [{ when: "answers.may == 'yes'", to: 'offer' }, { to: 'bye' }] },
    { id: 'offer', title: { en: 'Offer' }, text: { en: 'You said {{answers.may}}' }, questions: [{ id: 'may_not', type: 'text', when: "answers.may_not == '' and answers.may == 'yes'" }], next: [{ to: 'bye' }] },
    { id: 'bye', title: {}, text: { en: 'Bye' } },
    { id: 'price_1', sub: 'price', title: {}, text: { en: 'It pays' } },
  ],
};
const targets = (d: ScriptDoc, id: string) => d.steps.find((s) => s.id === id)!.next?.map((w) => w.to);

describe('changes of a document', () => {
  it('keep pages that did not change as they are', () => {
    const next = changePage(doc, 1, { suggest: 'sale' });
    expect(next.steps[0]).toBe(doc.steps[0]);
    expect(next.steps[1]!.suggest).toBe('sale');
    expect('suggest' in changePage(next, 1, { suggest: '' }).steps[1]!).toBe(false);
    expect(patch({ a: 1, b: [1] }, { b: [] })).toEqual({ a: 1 });
  });

  it('set one language of a text', () => {
    expect(withText({ en: 'a' }, 'zh-CN', '甲')).toEqual({ en: 'a', 'zh-CN': '甲' });
    expect(withText({ en: 'a' }, 'en', '')).toBeUndefined();
    expect(withText('a', 'zh-CN', '甲')).toEqual({ en: 'a', 'zh-CN': '甲' });
  });

  it('find free ids, never those that mean an end', () => {
    expect(freeID(['page', 'page2'], 'page')).toBe('page3');
    expect(freeID([], 'end')).toBe('end2');
    expect(freeID([], '开')).toBe('_');
  });

  it('add a page into the way', () => {
    const { doc: d, id } = addPage(doc, 1, true);
    expect([targets(d, 'offer'), targets(d, id)]).toEqual([[id], ['bye']]);
    expect(d.steps[2]!.id).toBe(id);
    const branch = addPage(doc, 0, true);
    expect(targets(branch.doc, 'hello')).toEqual(['offer', 'bye', branch.id]);
    expect(addPage(doc, 3, true).doc.steps.at(-1)!.sub).toBe('price');
    expect(addPage({ v: 2, start: '', steps: [] }, -1, false).doc.start).toBe('page');
  });

  it('delete a page, and ways to it lead on', () => {
    const d = deletePage(doc, 1);
    expect(targets(d, 'hello')).toEqual(['bye', 'bye']);
    expect(deletePage(doc, 2).steps[1]!.next).toEqual([{ to: 'end' }]);
    expect(deletePage(doc, 0).start).toBe('offer');
  });

  it('copy a page with questions of its own', () => {
    const { doc: d, id } = duplicatePage(doc, 1);
    const copy = d.steps[2]!;
    expect([copy.id, id]).toEqual(['offer2', 'offer2']);
    expect(copy.questions![0]!.id).toBe('may_not2');
    expect(copy.questions![0]!.when).toBe("answers.may_not2 == '' and answers.may == 'yes'");
    expect(doc.steps[1]!.questions![0]!.id).toBe('may_not');
  });

  it('rename pages and questions everywhere, and nothing that is only alike', () => {
    const d = renamePage(doc, 0, 'start');
    expect(d.start).toBe('start');
    expect(targets(renamePage(doc, 2, 'end_page'), 'hello')).toEqual(['offer', 'end_page']);
    expect(renamePage(doc, 3, 'p').subs![0]!.start).toBe('p');
    const q = renameQuestion(doc, 0, 0, 'ok');
    expect(q.steps[0]!.next![0]!.when).toBe("answers.ok == 'yes'");
    expect(q.steps[1]!.text).toEqual({ en: 'You said {{answers.ok}}' });
    expect(q.steps[1]!.questions![0]!.when).toBe("answers.may_not == '' and answers.ok == 'yes'");
  });

  it('give a question what its kind needs', () => {
    expect(retyped({ id: 'q', type: 'text', max: 5, pattern: 'a' }, 'rating')).toEqual({ id: 'q', type: 'rating', min: 1, max: 5 });
    expect(retyped({ id: 'q', type: 'single', set: 's' }, 'multiple')).toEqual({ id: 'q', type: 'multiple', set: 's' });
    expect(retyped({ id: 'q', type: 'number' }, 'matrix').rows).toHaveLength(1);
    expect(addQuestion(doc, 2).steps[2]!.questions![0]!.id).toBe('q1');
  });

  it('add and delete sub-scripts', () => {
    const { doc: d, id } = addSub(doc, true);
    expect(d.subs!.at(-1)).toEqual({ id: 'objection', title: {}, start: id, objection: true });
    const called = changePage(doc, 1, { next: [{ call: 'price', to: 'bye' }] });
    const gone = deleteSub(called, 'price');
    expect([gone.subs, gone.steps.length, gone.steps[1]!.next]).toEqual([undefined, 3, [{ to: 'bye' }]]);
  });

  it('move within a list', () => {
    expect(moved([1, 2, 3], 2, -1)).toEqual([1, 3, 2]);
    expect(moved([1], 0, 1)).toEqual([1]);
  });

  it('take in whatever was stored', () => {
    expect(sound(null)).toEqual({ v: 2, start: '', steps: [] });
    expect(sound({ steps: [{ id: 'a' }] })).toEqual({ v: 2, start: 'a', steps: [{ id: 'a', title: {}, text: {} }] });
  });
});

describe('history', () => {
  it('goes back and forth, typing in one field as one step', () => {
    let h = began('a');
    h = did(h, 'b', 'title', 1000);
    h = did(h, 'bc', 'title', 1400);
    h = did(h, 'd', '', 1500);
    expect([h.past, h.now]).toEqual([['a', 'bc'], 'd']);
    h = undone(undone(h));
    expect([h.now, h.future]).toEqual(['a', ['bc', 'd']]);
    expect(undone(h)).toBe(h);
    expect(redone(h).now).toBe('bc');
    expect(did(h, 'x', '', 9000).future).toEqual([]);
  });
});

describe('faults', () => {
  const at = (path: string) => ({ path, code: 'x', reason: 'r', text: 'r' });
  it('are found by page and by field', () => {
    const faults = [at('steps[1].next[0].to'), at('steps[1]'), at('steps[12].text.en'), at('subs[0].start')];
    expect(faults.map((f) => pageIndex(f.path))).toEqual([1, 1, 12, -1]);
    expect(countByPage(faults).get(1)).toHaveLength(2);
    expect(faultsAt(faults, 'steps[1]')).toHaveLength(2);
    expect(faultsAt(faults, 'steps[1]', true)).toHaveLength(1);
    expect(faultsAt(faults, 'steps[12].text')).toHaveLength(1);
    expect(around('steps[1].next[0].to')).toEqual(['steps[1].next[0].to', 'steps[1].next[0]', 'steps[1].next', 'steps[1]', 'steps']);
  });
});

describe('layout', () => {
  const drawing = layout(doc);
  const box = (k: string) => drawing.boxes.find((b) => b.key === k)!;

  it('puts pages in layers below those that lead to them', () => {
    expect(box('hello').y).toBeLessThan(box('offer').y);
    expect(box('offer').y).toBeLessThan(box('bye').y);
    expect(box('end:bye').y).toBeGreaterThan(box('bye').y);
    expect(drawing.arrows.find((a) => a.from === 'hello' && a.to === 'offer')!.label).toBe("answers.may == 'yes'");
  });

  it('frames an objection with its pages', () => {
    const f = drawing.frames[0]!;
    const p = box('price_1');
    expect(f.objection).toBe(true);
    expect(p.x >= f.x && p.y >= f.y && p.x + p.w <= f.x + f.w && p.y + p.h <= f.y + f.h).toBe(true);
    expect(box('return:price_1').kind).toBe('return');
  });

  it('does not let boxes overlap, on random graphs with circles and strays', () => {
    let seed = 7;
    const rnd = (n: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
    for (let run = 0; run < 60; run++) {
      const n = 1 + rnd(40);
      const steps = Array.from({ length: n }, (_, i) => ({ id: `p${i}`, title: {}, text: {}, next: Array.from({ length: rnd(4) }, () => ({ when: 'x', to: rnd(9) ? `p${rnd(n + 2)}` : 'end' })) }));
      const d = layout({ v: 2, start: 'p0', steps });
      expect(d.boxes.filter((b) => b.kind === 'page')).toHaveLength(n);
      for (const a of d.boxes) {
        expect(a.x >= 0 && a.y >= 0 && a.x + a.w <= d.width && a.y + a.h <= d.height).toBe(true);
        const over = d.boxes.filter((b) => a !== b && !(a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y));
        expect(over.map((b) => b.key), `${run} ${a.key}`).toEqual([]);
      }
      expect(d.arrows.every((a) => !/NaN|undefined/.test(a.path))).toBe(true);
    }
  }, 60_000);

  it('keeps pages where they were put', () => {
    const d = layout(changePage(doc, 1, { place: { x: 700, y: 40 } }));
    const b = d.boxes.find((x) => x.key === 'offer')!;
    expect([b.x, b.y]).toEqual([716, 56]);
  });

  it('draws a survey of many pages in a moment', () => {
    const steps = Array.from({ length: 400 }, (_, i) => ({ id: `p${i}`, title: {}, text: {}, next: [{ when: 'x', to: `p${Math.min(399, i + 3)}` }, { to: i < 399 ? `p${i + 1}` : 'end' }] }));
    const began = performance.now();
    expect(layout({ v: 2, start: 'p0', steps }).boxes.length).toBeGreaterThan(399);
    expect(performance.now() - began).toBeLessThan(1500);
  });

  it('survives what is no script yet', () => {
    expect(layout({ v: 2, start: 'x', steps: [] }).boxes).toEqual([]);
    const twice = layout({ v: 2, start: 'a', steps: [{ id: 'a', title: {}, text: {}, next: [{ to: 'a' }, { to: 'nowhere' }] }, { id: 'a', title: {}, text: {} }] });
    expect(twice.boxes.filter((b) => b.kind === 'page')).toHaveLength(1);
    expect(layersOf(['a', 'b'], [{ from: 'a', to: 'b' }, { from: 'b', to: 'a' }], 'a')).toEqual(new Map([['a', 0], ['b', 1]]));
  });

  it('goes to the neighbour by arrow keys', () => {
    expect(neighbour(drawing.boxes, 'hello', 0, 1)?.key).toBe('offer');
    expect(neighbour(drawing.boxes, 'hello', 0, -1)).toBeUndefined();
  });
});

describe('report', () => {
  const step = (reached: number, exits: number, refusals: number) => ({ step: 's', title: {}, reached, exits, refusals, early: 0, answered: 0, median_ms: 0, p90_ms: 0 });
  it('draws shares of those who came first', () => {
    const [a, b] = bars([step(200, 50, 30), step(150, 15, 0)]);
    expect(a).toMatchObject({ reached: 1, exits: 0.1, refusals: 0.15, lost: 0.25 });
    expect(b!.reached).toBe(0.75);
    expect(bars([step(0, 0, 0)])[0]!.lost).toBe(0);
  });
  it('names the worst step only when it stands out', () => {
    expect(worstStep([step(200, 50, 30), step(150, 15, 0)])?.reached).toBe(200);
    expect(worstStep([step(20, 5, 3)])).toBeUndefined();
    expect(worstStep([])).toBeUndefined();
    expect([significant({ diff: 0.1, low: 0.01, high: 0.2 }), significant({ diff: 0.1, low: -0.01, high: 0.2 })]).toEqual([true, false]);
  });
  it('reads fields of a made-up contact', () => {
    expect(fieldsOf('plan=A=B\n\nnothing\n city = 上海 ')).toEqual({ plan: 'A=B', city: '上海' });
  });
});
