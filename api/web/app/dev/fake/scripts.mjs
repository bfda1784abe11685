// Scripts of the fake server: a library, a draft with and without faults, a played preview, reports and a test.
import * as d from './data.mjs';

const both = (en, zh) => ({ en, 'zh-CN': zh });
const yesno = [{ value: 'yes', label: both('Yes', '是') }, { value: 'no', label: both('No', '否') }];
const doc = {
  v: 2, start: 'opening',
  values: [{ id: 'adult', is: 'years(answers.born, time.callee.date) >= 18' }],
  subs: [{ id: 'price', title: both('Too expensive', '太贵了'), start: 'price_1', objection: true }, { id: 'verify', title: both('Verify identity', '核实身份'), start: 'verify_1' }],
  steps: [
    { id: 'opening', title: both('Opening', '开场'), text: both('Good day, is this {{contact.name}}? My name is {{agent.name}}.\nDo you have two minutes?', '您好，请问是{{contact.name}}吗？我是{{agent.name}}。\n请问您有两分钟时间吗？'), disclosure: { text: both('This call is recorded.', '本次通话将被录音。') }, questions: [{ id: 'may', type: 'single', required: true, text: both('May I go on?', '可以继续吗？'), options: yesno }], next: [{ when: "answers.may == 'yes'", call: 'verify', to: 'offer' }, { to: 'later' }] },
    { id: 'offer', title: both('The offer', '介绍优惠'), text: both('If you renew {{contact.fields.plan}} this week, the price stays for two years.', '本周续费{{contact.fields.plan}}可享受两年价格不变。'), questions: [{ id: 'deal', type: 'single', options: [{ value: 'yes', label: both('Renews', '续费') }, { value: 'think', label: both('Thinks it over', '考虑') }, { value: 'no', label: both('No', '拒绝') }] }, { id: 'nps', type: 'rating', min: 0, max: 10, text: both('How likely are you to recommend us?', '您有多大可能推荐我们？'), when: "answers.deal != 'no'" }], next: [{ when: "answers.deal == 'yes'", to: 'email' }, { when: "answers.deal == 'think'", to: 'later' }, { to: 'bye' }] },
    { id: 'email', title: both('E-mail', '邮箱'), text: both('Where may we send it?', '发送到哪个邮箱？'), questions: [{ id: 'mail', type: 'text', required: true }], next: [{ to: 'thanks' }], suggest: 'sale' },
    { id: 'thanks', title: both('Thanks', '致谢'), text: both('Thank you.', '谢谢您。'), suggest: 'sale' },
    { id: 'later', title: both('Call back', '约定回电'), text: both('When may I call again?', '什么时候方便再打？'), questions: [{ id: 'when', type: 'date', from: 'today' }], next: [{ when: 'false', to: 'opening' }, { to: 'end', suggest: 'callback' }] },
    { id: 'bye', title: both('Goodbye', '结束语'), text: both('Thank you for your time.', '感谢您的时间。'), suggest: 'not_interested' },
    { id: 'lost', title: both('Old survey', '旧调查'), text: both('This page is left over.', '这是遗留页面。') },
    { id: 'price_1', sub: 'price', title: both('It pays for itself', '物有所值'), text: both('It pays for itself within a year.', '一年内即可收回成本。'), next: [{ to: 'price_2' }] },
    { id: 'price_2', sub: 'price', title: both('Discount', '折扣'), text: both('May I offer ten percent?', '给您九折可以吗？') },
    { id: 'verify_1', sub: 'verify', title: both('Date of birth', '出生日期'), text: both('Please tell me your date of birth.', '请告诉我您的出生日期。'), questions: [{ id: 'born', type: 'date' }] },
  ],
};
const id = d.uuid(5, 1);
const fault = (path, code, en, zh) => ({ path, code, reason: en, text: both(en, zh) });
const faults = (b) => b.steps.flatMap((s, i) => (b.steps.some((x) => x.next?.some((w) => w.to === s.id)) || s.id === b.start || s.sub ? [] : [fault(`steps[${i}]`, 'unreachable', 'no way leads to this page', '没有路径通向此页面')]));
let draft = { script_id: id, name: 'Renewal', body: doc, revision: 3, base: 2, updated_at: d.ago(240), updated_by: 'Kim Lee', problems: [] };
const use = d.campaigns.slice(0, 2).map(({ id, name }) => ({ id, name }));
const versions = [2, 1].map((version) => ({ version, name: 'Renewal', note: version === 2 ? 'Shorter opening' : '', created_at: d.ago(90000 * (3 - version)), created_by: 'Kim Lee', campaigns: version === 2 ? use : [] }));
const share = (n, of) => { const p = of ? n / of : 0; const h = of ? 1.96 * Math.sqrt(p * (1 - p) / of) : 0; return { n, of, share: p, low: Math.max(0, p - h), high: Math.min(1, p + h) }; };
const group = (key, label, version, calls, early, verdict) => {
  let left = calls;
  const steps = doc.steps.filter((s) => !s.sub && s.id !== 'lost').map((s, i) => { const exits = Math.round(left * [early, 0.2, 0.06, 0.02, 0.3, 0.9][i]); const out = { step: s.id, title: s.title, reached: left, exits, refusals: Math.round(exits * 0.7), early: i ? 0 : exits, answered: left - exits, median_ms: 9000 + i * 4300, p90_ms: 30000 + i * 7000 }; left -= exits; return out; });
  const stay = calls - steps[0].exits;
  const won = Math.round(stay * 0.21);
  return { key, label, version, calls, ended: left, conversion: share(won, calls), refusal: share(Math.round(calls * (early + 0.1)), calls), early: share(steps[0].exits, calls), after_opening: share(won, stay), verdict, steps,
    ways: [['opening', 'offer', 0.6], ['opening', 'later', 0.12], ['offer', 'email', 0.22], ['offer', 'bye', 0.2], ['email', 'thanks', 0.2], ['thanks', '', 0.19]].map(([from, to, p]) => ({ from, to, calls: Math.round(calls * p), conversion: share(Math.round(calls * p * 0.3), Math.round(calls * p)), refusals: Math.round(calls * p * 0.1) })) };
};
const results = { calls: 2210, questions: [{ id: 'deal', step: 'offer', type: 'single', text: both('The offer', '介绍优惠'), answered: 1402, mean: null, median: null, options: doc.steps[1].questions[0].options.map((o, i) => ({ ...o, count: [440, 512, 450][i], ...share([440, 512, 450][i], 1402) })) }, { id: 'nps', step: 'offer', type: 'rating', text: both('How likely are you to recommend us?', '您有多大可能推荐我们？'), answered: 900, mean: 7.62, median: 8, options: [6, 7, 8, 9, 10].map((v, i) => ({ value: String(v), label: String(v), count: 100 + i * 40, ...share(100 + i * 40, 900) })) }] };
const test = { id: d.uuid(5, 9), campaign_id: d.campaigns[0].id, name: 'Shorter opening', state: 'running', started_at: d.ago(200000), ended_at: null, winner: null,
  arms: [1, 2].map((version) => ({ script_id: id, version, weight: 50, name: 'Renewal', calls: 1100, contacts: 900, conversion: share(version === 1 ? 110 : 171, 1100), refusal: share(version === 1 ? 420 : 330, 1100), early: share(version === 1 ? 360 : 210, 1100) })),
  differences: [{ arm: 1, conversion: { diff: 0.055, low: 0.027, high: 0.083 }, refusal: { diff: -0.082, low: -0.121, high: -0.042 }, early: { diff: -0.136, low: -0.172, high: -0.1 } }] };
const language = (t, l) => t?.[l] ?? t?.en ?? '';
function played(b) {
  const begin = !b.position;
  const at = b.position ?? { step: b.body.start, trail: [], read: [] };
  const page = () => b.body.steps.find((s) => s.id === at.step);
  if (b.act === 'read') at.read = [...(at.read ?? []), at.step];
  if (b.act === 'next' && page()) { at.trail = [...(at.trail ?? []), { step: at.step }]; const to = page().next?.at(b.answers.may === 'yes' ? 0 : -1)?.to ?? 'end'; at.step = to === 'end' ? '' : to; at.over = to === 'end'; }
  if (b.act === 'back') { at.step = at.trail.at(-1).step; at.trail = at.trail.slice(0, -1); at.over = false; }
  const p = page();
  const fill = (t) => language(t, b.language).replaceAll('{{contact.name}}', b.contact.name).replaceAll('{{agent.name}}', b.agent).replaceAll('{{contact.fields.plan}}', b.contact.fields.plan ?? '');
  return { at: { ...at, progress: begin ? 0 : 0.3, next: p?.next?.[0]?.to === 'end' ? '' : (p?.next?.[0]?.to ?? ''), shown: (p?.questions ?? []).map((q) => q.id), values: null, missing: [], say: !!p?.disclosure }, refused: '', problems: [],
    view: p ? { id: p.id, title: fill(p.title), text: fill(p.text), disclosure: p.disclosure && fill(p.disclosure.text), suggest: p.suggest, questions: (p.questions ?? []).map((q) => ({ ...q, text: fill(q.text), required: !!q.required, options: q.options?.map((o) => ({ ...o, label: language(o.label, b.language) })) })) } : null };
}
const asText = (b) => ['script 2', `start ${b.start}`, ...b.steps.flatMap((s) => [`page ${s.id}`, `  title: ${language(s.title, 'en')}`, `  say: ${language(s.text, 'en').split('\n').join('\n  say: ')}`, ...(s.next ?? []).map((w) => `  go ${w.to}${w.when ? ' if ' + w.when : ''}`)])].join('\n');

export const routes = {
  'GET /script-library': () => ({ items: [{ id, name: 'Renewal', version: 2, published_at: d.ago(90000), draft: draft && { revision: draft.revision, updated_at: draft.updated_at, updated_by: draft.updated_by }, campaigns: use.map((c) => ({ ...c, version: 2 })) }, { id: d.uuid(5, 2), name: 'Satisfaction survey 满意度调查', version: 0, published_at: null, draft: { revision: 1, updated_at: d.ago(9000), updated_by: 'Ana Ruiz' }, campaigns: [] }] }),
  'POST /script-drafts': (u, b) => { draft = { ...draft, ...b, revision: 1 }; return { status: 201, body: draft }; },
  'GET /scripts/{}': () => ({ id, name: 'Renewal', draft, versions }),
  'PUT /scripts/{}/draft': (u, b) => { draft = { ...draft, ...b, revision: draft.revision + 1, updated_at: d.ago(0), updated_by: u.name }; return draft; },
  'DELETE /scripts/{}/draft': () => ({ status: 204 }),
  'POST /scripts/{}/publish': () => ({ version: 3, campaigns: use }), 'POST /scripts/{}/rollback': (u, b) => ({ version: b.version, campaigns: use }),
  'GET /scripts/{}/log': () => ({ items: [{ at: d.ago(90000), by: 'Kim Lee', act: 'publish', version: 2, note: 'Shorter opening', campaigns: use.map((c) => c.id) }] }),
  'POST /scripts/check': (u, b) => { const body = b.body ?? draft.body; return { problems: faults(body), document: body, text: b.text ?? asText(body), pages: body.steps.length, questions: body.steps.flatMap((s) => s.questions ?? []).length }; },
  'POST /scripts/play': (u, b) => played(b),
  'GET /scripts/{}/results': () => results,
  'GET /scripts/{}/dropoff': (u, b, i, q) => ({ by: q.get('by'), as_of: d.ago(30), groups: [group('2', 'v2', 2, 1210, 0.19, ''), group('1', 'v1', 1, 1000, 0.34, 'opening')] }),
  'GET /campaigns/{}/script-tests': () => ({ items: [test] }), 'POST /campaigns/{}/script-tests': (u, b) => ({ status: 201, body: Object.assign(test, { name: b.name, state: 'running', ended_at: null, winner: null }) }), 'POST /campaigns/{}/script-tests/{}/end': (u, b) => Object.assign(test, { state: 'ended', ended_at: d.ago(0), winner: b.winner ?? null }),
};
