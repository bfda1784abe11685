import type { Pop, Question, ScriptAt, ScriptDoc, ScriptOption, ScriptPage } from '../../api/desk';

export const pageOf = (doc: ScriptDoc, id: string): ScriptPage | undefined => doc.steps.find((s) => s.id === id);

/** Where a script stands before the server has said so: on its first page. */
export function beginning(doc: ScriptDoc): ScriptAt {
  const first = pageOf(doc, doc.start);
  return {
    step: doc.start, progress: 0, next: '', shown: (first?.questions ?? []).filter((q) => !q.when).map((q) => q.id), values: null, missing: null,
    say: !!first?.disclosure && !first.disclosure.when,
  };
}

/** The questions of a page that are to be shown now, in its order. */
export function shownOf(page: ScriptPage, at: ScriptAt): Question[] {
  const shown = new Set(at.shown ?? []);
  return (page.questions ?? []).filter((q) => shown.has(q.id));
}

export const optionsOf = (doc: ScriptDoc, q: Question): ScriptOption[] => q.options ?? doc.sets?.find((s) => s.id === q.set)?.options ?? [];

export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Ticks or unticks one option of several; one that stands alone drives out the others. */
export function toggled(chosen: unknown, option: ScriptOption, all: ScriptOption[]): string[] {
  const now = Array.isArray(chosen) ? (chosen as string[]) : [];
  if (now.includes(option.value)) return now.filter((v) => v !== option.value);
  if (option.alone) return [option.value];
  const alone = new Set(all.filter((o) => o.alone).map((o) => o.value));
  const kept = [...now.filter((v) => !alone.has(v)), option.value];
  return all.map((o) => o.value).filter((v) => kept.includes(v));
}

/** A rating's values, from its least to its most; 1 to 5 when it does not say. */
export function steps(q: Question): number[] {
  const from = q.min ?? 1;
  const to = q.max ?? 5;
  return Array.from({ length: Math.max(0, Math.min(21, Math.floor(to - from) + 1)) }, (_, i) => from + i);
}

/** The page before, "" when there is none. */
export const before = (at: ScriptAt): string => at.trail?.at(-1)?.step ?? '';

/** Objections that can be opened from anywhere. */
export const objections = (doc: ScriptDoc) => (doc.subs ?? []).filter((s) => s.objection);

/** Pages that can be jumped to. */
export const menu = (doc: ScriptDoc) => doc.steps.filter((s) => s.menu);

/** Fills {{contact.name}}, {{contact.fields.x}}, {{agent.name}}, {{answers.q}}, {{values.v}}; what is not known stays empty. */
export function fill(text: string, pop: Pop, agentName: string, answers: Record<string, unknown> = {}, values: Record<string, unknown> | null = null): string {
  return text.replace(/\{\{\s*([^{}]+?)\s*\}\}/g, (_, path: string) => {
    if (path === 'agent.name') return agentName;
    if (path === 'campaign.name') return pop.campaign.name;
    if (path === 'contact.name') return pop.contact.name;
    if (path === 'contact.phone') return pop.contact.phone;
    const [, kind, name] = /^(contact\.fields|answers|values)\.(.+)$/.exec(path) ?? [];
    const from: Record<string, unknown> = (kind === 'answers' ? answers : kind === 'values' ? values : pop.contact.fields) ?? {};
    const value = name && Object.hasOwn(from, name) ? from[name] : '';
    return Array.isArray(value) ? value.join(', ') : typeof value === 'object' ? '' : String(value ?? '');
  });
}
