// Changes of a script's document. Each returns a new document; what did not change stays the same object.
import type { Question, ScriptDoc, ScriptPage } from '../../api/desk';
import type { Language, Text } from '../../api/types';

export type Branch = NonNullable<ScriptPage['next']>[number];
export type Sub = NonNullable<ScriptDoc['subs']>[number];

export const textIn = (text: Text | undefined, language: Language): string => (typeof text === 'string' ? text : (text?.[language] ?? ''));

/** The text with one language changed; undefined when nothing is left of it. */
export function withText(text: Text | undefined, language: Language, value: string): Text | undefined {
  const now = typeof text === 'string' ? { en: text } : { ...text };
  if (value === '') delete now[language];
  else now[language] = value;
  return Object.keys(now).length ? now : undefined;
}

/** A document that the pages can show, whatever was stored. */
export function sound(body: unknown): ScriptDoc {
  const b = (typeof body === 'object' && body !== null ? body : {}) as Partial<ScriptDoc>;
  const steps = (Array.isArray(b.steps) ? b.steps : []).map((s) => ({ ...s, id: String(s.id ?? ''), title: s.title ?? {}, text: s.text ?? {} }));
  return { ...b, v: 2, start: String(b.start ?? steps[0]?.id ?? ''), steps };
}

export const emptyDoc = (title: Text, text: Text): ScriptDoc => ({ v: 2, start: 'opening', steps: [{ id: 'opening', title, text }] });

/** An id that is not taken: base, else base2, base3... */
export function freeID(taken: Iterable<string>, base: string): string {
  const used = new Set(taken);
  const stem = base.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 54) || 'page';
  if (!used.has(stem) && stem !== 'end' && stem !== 'return') return stem;
  const root = stem.replace(/\d+$/, '') || stem;
  for (let n = 2; ; n++) if (!used.has(root + n)) return root + n;
}

const pageIDs = (doc: ScriptDoc) => [...doc.steps.map((s) => s.id), ...(doc.subs ?? []).map((s) => s.id)];
const questionIDs = (doc: ScriptDoc) => doc.steps.flatMap((s) => (s.questions ?? []).map((q) => q.id));

/** Sets or clears members; what is empty, false or undefined is left out of the document. */
export function patch<T extends object>(value: T, change: Partial<T>): T {
  const out: Record<string, unknown> = { ...value, ...change };
  for (const key of Object.keys(change)) {
    const v = out[key];
    if (v === undefined || v === '' || v === false || (Array.isArray(v) && v.length === 0)) delete out[key];
  }
  return out as T;
}

export const changePage = (doc: ScriptDoc, index: number, change: Partial<ScriptPage>): ScriptDoc => ({
  ...doc,
  steps: doc.steps.map((s, i) => {
    if (i !== index) return s;
    const next = patch(s, change);
    return { ...next, title: next.title ?? {}, text: next.text ?? {} };
  }),
});

/** Adds an empty page behind the given one, in the same sub-script; with link the page leads to it. */
export function addPage(doc: ScriptDoc, after: number, link: boolean): { doc: ScriptDoc; id: string } {
  const before = doc.steps[after];
  const id = freeID(pageIDs(doc), 'page');
  const page: ScriptPage = { id, title: {}, text: {}, ...(before?.sub ? { sub: before.sub } : {}) };
  // What the page before led to follows the new page, when there was one way only.
  const only = before?.next?.length === 1 && !before.next[0]!.when ? before.next : undefined;
  if (link && only) page.next = only;
  const steps = [...doc.steps];
  steps.splice(after + 1, 0, page);
  if (link && before) {
    const way: Branch = { to: id };
    const ways = only ? [way] : [...(before.next ?? []), way];
    steps[after] = { ...before, next: ways };
  }
  return { doc: { ...doc, start: doc.start || id, steps }, id };
}

/** A copy of a page behind it, with ids of its own. */
export function duplicatePage(doc: ScriptDoc, index: number): { doc: ScriptDoc; id: string } {
  const page = doc.steps[index]!;
  const id = freeID(pageIDs(doc), page.id);
  const taken = questionIDs(doc);
  const names = new Map<string, string>();
  for (const q of page.questions ?? []) {
    const own = freeID(taken, q.id);
    taken.push(own);
    names.set(q.id, own);
  }
  let copy: ScriptPage = structuredClone(page);
  copy.id = id;
  delete copy.place;
  copy.questions?.forEach((q) => (q.id = names.get(q.id)!));
  for (const [from, to] of names) copy = renamedIn(copy, from, to);
  const steps = [...doc.steps];
  steps.splice(index + 1, 0, copy);
  return { doc: { ...doc, steps }, id };
}

/** Takes a page away. Ways to it lead on to where it led, when that is one place; else they go. */
export function deletePage(doc: ScriptDoc, index: number): ScriptDoc {
  const gone = doc.steps[index]!;
  const onward = gone.next?.length === 1 ? gone.next[0]!.to : gone.next?.length ? undefined : gone.sub ? 'return' : 'end';
  const ways = (s: ScriptPage): ScriptPage => {
    if (!s.next?.some((w) => w.to === gone.id)) return s;
    const next = s.next.flatMap((w) => (w.to !== gone.id ? [w] : onward && onward !== gone.id ? [{ ...w, to: onward }] : []));
    return patch(s, { next });
  };
  const steps = doc.steps.filter((_, i) => i !== index).map(ways);
  const first = (sub?: string) => steps.find((s) => (s.sub ?? '') === (sub ?? ''))?.id;
  const isPage = (id: string | undefined) => (id && id !== 'end' && id !== 'return' ? id : undefined);
  const heir = (sub?: string) => isPage(onward) ?? first(sub) ?? '';
  const subs = doc.subs?.map((s) => (s.start === gone.id ? { ...s, start: heir(s.id) } : s));
  return { ...doc, start: doc.start === gone.id ? heir() : doc.start, steps, ...(subs ? { subs } : {}) };
}

/** Gives a page another id; all that led to it still does. */
export function renamePage(doc: ScriptDoc, index: number, id: string): ScriptDoc {
  const old = doc.steps[index]!.id;
  const steps = doc.steps.map((s, i) => {
    const next = s.next?.some((w) => w.to === old) ? s.next.map((w) => (w.to === old ? { ...w, to: id } : w)) : s.next;
    return i === index || next !== s.next ? { ...s, ...(next ? { next } : {}), id: i === index ? id : s.id } : s;
  });
  const subs = doc.subs?.map((s) => (s.start === old ? { ...s, start: id } : s));
  return { ...doc, start: doc.start === old ? id : doc.start, steps, ...(subs ? { subs } : {}) };
}

const escaped = (s: string) => s.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

// Every string of a value in which answers.OLD stands, in conditions and placeholders alike.
function renamedIn<T>(value: T, from: string, to: string): T {
  const pattern = new RegExp(`\\banswers\\.${escaped(from)}(?![A-Za-z0-9_-])`, 'g');
  const walk = (v: unknown): unknown => {
    if (typeof v === 'string') return v.replace(pattern, `answers.${to}`);
    if (Array.isArray(v)) return v.map(walk);
    if (typeof v === 'object' && v !== null) return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, walk(x)]));
    return v;
  };
  return walk(value) as T;
}

/** Gives a question another id; conditions, computed values and placeholders that name it follow. */
export function renameQuestion(doc: ScriptDoc, page: number, question: number, id: string): ScriptDoc {
  const old = doc.steps[page]!.questions![question]!.id;
  const changed = changeQuestion(doc, page, question, { id });
  return old && id ? renamedIn(changed, old, id) : changed;
}

export const changeQuestion = (doc: ScriptDoc, page: number, question: number, change: Partial<Question>): ScriptDoc =>
  changePage(doc, page, { questions: doc.steps[page]!.questions!.map((q, i) => (i === question ? { ...patch(q, change), id: change.id ?? q.id } : q)) });

const chosen = new Set<Question['type']>(['single', 'multiple', 'matrix']);

/** A question of another type keeps what fits it, and loses what does not. */
export function retyped(q: Question, type: Question['type']): Question {
  const { id, text, hint, when, required } = q;
  const base: Question = { id, type, ...(text && { text }), ...(hint && { hint }), ...(when && { when }), ...(required && { required }) };
  if (chosen.has(type)) {
    if (q.set) base.set = q.set;
    else base.options = q.options ?? [{ value: 'yes', label: { en: 'Yes', 'zh-CN': '是' } }, { value: 'no', label: { en: 'No', 'zh-CN': '否' } }];
  }
  if (type === 'matrix') base.rows = q.rows ?? [{ value: 'row1', label: {} }];
  if (type === 'rating') Object.assign(base, { min: 1, max: 5 });
  if (type === 'money') base.currency = q.currency ?? 'CNY';
  return base;
}

export function addQuestion(doc: ScriptDoc, page: number): ScriptDoc {
  const id = freeID(questionIDs(doc), 'q1');
  return changePage(doc, page, { questions: [...(doc.steps[page]!.questions ?? []), retyped({ id, type: 'single', required: true }, 'single')] });
}

/** Moves one of a list up (-1) or down (+1). */
export function moved<T>(list: T[], index: number, by: -1 | 1): T[] {
  const to = index + by;
  if (to < 0 || to >= list.length) return list;
  const out = [...list];
  [out[index], out[to]] = [out[to]!, out[index]!];
  return out;
}

/** A new sub-script or objection with its first page. */
export function addSub(doc: ScriptDoc, objection: boolean): { doc: ScriptDoc; id: string } {
  const id = freeID(pageIDs(doc), objection ? 'objection' : 'sub');
  const start = freeID([...pageIDs(doc), id], `${id}_1`);
  return { doc: { ...doc, subs: [...(doc.subs ?? []), { id, title: {}, start, ...(objection && { objection }) }], steps: [...doc.steps, { id: start, sub: id, title: {}, text: {} }] }, id: start };
}

/** Takes a sub-script away with its pages and the calls of it. */
export function deleteSub(doc: ScriptDoc, id: string): ScriptDoc {
  const steps = doc.steps.filter((s) => s.sub !== id).map((s) => {
    if (!s.next?.some((w) => w.call === id)) return s;
    return { ...s, next: s.next.map((w) => (w.call === id ? patch(w, { call: undefined }) : w)) };
  });
  return patch({ ...doc, steps }, { subs: doc.subs?.filter((s) => s.id !== id) });
}
