// The fake server's side of a script: form 2, and a position that follows the plain conditions of the demo script.
export const form2 = (body) => ({
  v: 2, start: body.start,
  subs: [{ id: 'dear', title: { en: 'Too expensive', 'zh-CN': '太贵了' }, start: 'dear1', objection: true }, { id: 'trust', title: { en: 'Where is my number from?', 'zh-CN': '你怎么有我的电话？' }, start: 'dear1', objection: true }],
  steps: [...body.steps.map(({ ask, ...s }) => ({ ...s, questions: ask && ask.type !== 'none' ? [{ id: s.id, text: s.id === 'email' ? { en: 'Address', 'zh-CN': '地址' } : undefined, ...ask }] : [] })),
    { id: 'dear1', sub: 'dear', title: { en: 'Price', 'zh-CN': '价格' }, text: { en: 'I understand. May I ask what you pay today?', 'zh-CN': '理解。请问您目前每月多少费用？' }, questions: [{ id: 'pays', type: 'money', currency: 'CNY', text: { en: 'Pays today', 'zh-CN': '目前费用' }, min: 0 }, { id: 'mood', type: 'rating', text: { en: 'How sure is the customer?', 'zh-CN': '客户意向' } }, { id: 'parts', type: 'matrix', text: { en: 'How content with', 'zh-CN': '满意度' }, rows: [{ value: 'net', label: { en: 'Network', 'zh-CN': '网络' } }, { value: 'help', label: { en: 'Help line', 'zh-CN': '客服' } }], options: ['1', '2', '3', '4', '5'].map((v) => ({ value: v, label: v })) }, { id: 'uses', type: 'multiple', text: { en: 'Uses', 'zh-CN': '用途' }, options: [{ value: 'home', label: { en: 'Home', 'zh-CN': '家庭' } }, { value: 'work', label: { en: 'Work', 'zh-CN': '工作' } }, { value: 'none', alone: true, label: { en: 'None', 'zh-CN': '都不' } }] }], disclosure: { text: { en: 'This call is recorded. Prices include tax.', 'zh-CN': '本次通话将被录音。价格含税。' } }, next: [{ to: 'return' }] }],
});

export function standing(doc, at, answers) {
  const page = doc.steps.find((s) => s.id === at.step);
  const value = answers[at.step];
  const to = page?.next?.find((n) => !n.when || n.when === `answer == '${value}'`)?.to ?? 'end';
  const next = to === 'end' ? '' : to === 'return' ? at.stack?.at(-1)?.return ?? '' : to;
  return { ...at, progress: at.over ? 1 : Math.min(0.9, (at.trail?.length ?? 0) / 4), next, shown: (page?.questions ?? []).map((q) => q.id), values: {}, missing: [], say: !!page?.disclosure, suggest: page?.suggest ?? at.suggest };
}

export function go(doc, at, step) {
  const trail = at.trail ?? [];
  const last = trail.at(-1);
  if (last?.step === step && step) return { ...at, step, over: false, trail: trail.slice(0, -1), stack: last.stack };
  const sub = doc.subs.find((s) => s.id === step);
  const on = [...trail, { step: at.step, stack: at.stack }];
  if (sub) return { ...at, step: sub.start, trail: on, stack: [...(at.stack ?? []), { sub: sub.id, return: at.step, objection: true }] };
  const back = at.stack?.at(-1)?.return === step;
  return { ...at, step, over: step === '', trail: on, stack: back ? at.stack.slice(0, -1) : at.stack };
}
