import type { Pop, ScriptDocument, ScriptStep } from '../../api/types';

/** Where the agent is in the script: the steps gone through, the last one is shown. "" stands for the end. */
export interface Progress {
  path: string[];
  answers: Record<string, unknown>;
}

export function begin(doc: ScriptDocument, answers: Record<string, unknown> | null): Progress {
  return { path: [doc.start], answers: answers ?? {} };
}

export function stepOf(doc: ScriptDocument, id: string): ScriptStep | undefined {
  return doc.steps.find((s) => s.id === id);
}

/** A step that leads nowhere: its text is the last thing to say. */
export function isLast(step: ScriptStep): boolean {
  return !step.next?.length;
}

// The target that leaves the script; no step can have this id.
const END = 'end';

function target(to: string): string {
  return to === END ? '' : to;
}

/** The only way on, when no condition decides; undefined when the server has to say. */
export function plainNext(step: ScriptStep): string | undefined {
  const [first] = step.next ?? [];
  if (!first) return '';
  return first.when ? undefined : target(first.to);
}

/** The way on from a server's acknowledgement; without its word, the branch that has no condition. */
export function nextFrom(step: ScriptStep, data: unknown): string {
  const said = (data as { next?: unknown } | null | undefined)?.next;
  if (typeof said === 'string') return target(said);
  return target(step.next?.find((n) => !n.when)?.to ?? END);
}

export function advance(p: Progress, step: string, value: unknown, next: string): Progress {
  const answers = value === undefined ? p.answers : { ...p.answers, [step]: value };
  return { path: [...p.path, next], answers };
}

export function goBack(p: Progress): Progress {
  return p.path.length > 1 ? { ...p, path: p.path.slice(0, -1) } : p;
}

/** Whether an answer may be left as it is. */
export function answered(step: ScriptStep, value: unknown): boolean {
  const ask = step.ask;
  if (!ask || ask.type === 'none' || !ask.required) return true;
  return value !== undefined && value !== null && value !== '';
}

/** Fills {{contact.name}}, {{contact.fields.x}}, {{agent.name}}, {{answers.step}}; what is not known stays empty. */
export function fill(text: string, pop: Pop, agentName: string, answers: Record<string, unknown> = {}): string {
  return text.replace(/\{\{\s*([^{}]+?)\s*\}\}/g, (_, path: string) => {
    if (path === 'agent.name') return agentName;
    if (path === 'campaign.name') return pop.campaign.name;
    if (path === 'contact.name') return pop.contact.name;
    if (path === 'contact.phone') return pop.contact.phone;
    const [, kind, name] = /^(contact\.fields|answers)\.(.+)$/.exec(path) ?? [];
    const from: Record<string, unknown> = (kind === 'answers' ? answers : pop.contact.fields) ?? {};
    return name && Object.hasOwn(from, name) ? String(from[name] ?? '') : '';
  });
}
