// Made-up scorecards, evaluations, a queue, calibrations and trends for the fake server.
import { ago, attempts, campaigns, users, uuid } from './data.mjs';

const agents = users.filter((u) => u.role === 'agent');
const name = (i) => [agents[i % agents.length]?.name ?? 'Agent', '欧阳宁静致远', 'Maximiliana Featherstonehaugh-Cholmondeley'][i % 3];
const card = {
  appeal_days: 7,
  sections: [
    { title: 'Opening', questions: [
      { id: 'name', text: 'Says his name and the company', hint: 'Within the first ten seconds, slowly enough to be understood.', kind: 'yesno', want: 'yes', weight: 10 },
      { id: 'may', text: 'Asks whether it is a good moment', kind: 'yesno', want: 'yes', weight: 10, na: true },
      { id: 'rude', text: 'Is rude, or talks over the customer', kind: 'yesno', want: 'no', weight: 0, fatal: true },
    ] },
    { title: '需求与报价 / Needs and offer', questions: [
      { id: 'needs', text: 'Asks for needs before he offers anything, and comes back to what the customer said', kind: 'points', best: 5, weight: 40 },
      { id: 'price', text: 'Explains price, duration and cancellation', kind: 'points', best: 10, weight: 30, na: true },
      { id: 'promise', text: 'Promises what the product does not hold', kind: 'yesno', want: 'no', weight: 10, fatal: true, na: true },
    ] },
  ],
};
const version = (n) => ({ card_id: uuid(20, 1), version: n, name: 'Outbound sales', body: card, note: n === 1 ? '' : 'Price explained: ten points instead of five', published_at: ago(90000 * (4 - n)), published_by: 'Alice Moreau' });
const heads = [
  { id: uuid(20, 1), name: 'Outbound sales', version: 3, revision: 7, drafted: false, retired: false, questions: 6, used: 1284, updated_at: ago(90000), updated_by: 'Alice Moreau', published_at: ago(90000) },
  { id: uuid(20, 2), name: '客户回访评分表（二零二六年秋季第二次修订稿）', version: 1, revision: 3, drafted: true, retired: false, questions: 14, used: 92, updated_at: ago(40000), updated_by: '王主管', published_at: ago(400000) },
  { id: uuid(20, 3), name: 'Old card', version: 2, revision: 9, drafted: false, retired: true, questions: 9, used: 311, updated_at: ago(4e6), updated_by: 'Alice Moreau', published_at: ago(9e6) },
];
const sheet = (i) => ({ answers: [
  { question: 'name', points: 1, at: [4.2] }, { question: 'may', points: i % 3 ? null : 1 }, { question: 'rude', points: i % 17 === 5 ? 1 : 0 },
  { question: 'needs', points: i % 6, comment: 'He offers in the third sentence.\nThe customer says twice that she has one already.', at: [31.5, 62] }, { question: 'price', points: (i * 3) % 11 }, { question: 'promise', points: 0 }],
comment: 'Friendly, clear, too fast.' });
const evaluation = (i) => {
  const fatal = i % 17 === 5;
  const score = fatal ? 0 : [96, 88.5, 71.25, 62, 54.4, 91][i % 6];
  return { id: uuid(21, i + 1), attempt_id: attempts[0].id, agent_id: agents[i % agents.length].id, agent: name(i), campaign_id: campaigns[i % 4].id, campaign: campaigns[i % 4].name, called_at: ago(9000 + i * 7000), card_id: uuid(20, 1), card_version: 3, card: i % 4 === 3 ? heads[1].name : 'Outbound sales',
    evaluator_id: uuid(1, i % 2 ? 2 : 77), evaluator: i % 2 ? 'Alice Moreau' : '王主管', submitted_at: ago(600 + i * 6000), score, submitted_score: i % 5 === 2 ? 44.1 : score, fatal, changes: i % 5 === 2 ? 1 : 0, appeal_until: ago(-500000 + i * 60000), acknowledged_at: i % 3 === 1 ? ago(300 + i * 6000) : null,
    appeal: i === 0 ? 'none' : ['none', 'open', 'changed', 'none', 'none', 'upheld'][i % 6], recorded: true };
};
const all = Array.from({ length: 100 }, (_, i) => evaluation(i));
const whole = (u, id) => {
  const i = Math.max(0, all.findIndex((e) => e.id === id));
  const e = all[i];
  return { ...e, body: card, sheet: sheet(i), result: { score: e.score, fatal: e.fatal, lines: [] }, submitted_sheet: sheet(i + 1), seconds: 91.5,
    history: e.changes ? [{ at: ago(5000), by: '王主管', kind: e.appeal === 'changed' ? 'appeal' : 'correction', reason: 'On listening again the price was explained in full.', was: e.submitted_score, score: e.score, sheet: sheet(i) }] : [],
    appeal_text: e.appeal === 'none' ? null : { text: 'I asked for needs at the beginning, before the recording was paused.\nPlease listen from 0:31.', at: ago(8000), decided_at: e.appeal === 'open' ? null : ago(5000), decided_by: e.appeal === 'open' ? '' : 'Alice Moreau', verdict: e.appeal === 'open' ? '' : e.appeal, answer: e.appeal === 'open' ? '' : 'I have heard it: two of five is right.' } };
};
const rules = [
  { id: uuid(22, 1), name: 'Two of everybody', card_id: uuid(20, 1), card: 'Outbound sales', enabled: true, campaign_id: null, team_id: null, agent_id: null, mode: 'weekly', share: 0, per_week: 2, dispositions: [], least_ms: 30000, most_ms: 0, early: false, due_days: 7, revision: 1, drawn_until: ago(0), created_by: 'Alice Moreau', drawn: 912, open: 41 },
  { id: uuid(22, 2), name: '早期流失', card_id: uuid(20, 2), card: heads[1].name, enabled: true, campaign_id: campaigns[0].id, team_id: null, agent_id: null, mode: 'share', share: 0.025, per_week: 0, dispositions: ['no_interest', 'do_not_call'], least_ms: 0, most_ms: 45000, early: true, due_days: 3, revision: 2, drawn_until: ago(0), created_by: '王主管', drawn: 77, open: 9 },
  { id: uuid(22, 3), name: 'New hires', card_id: uuid(20, 1), card: 'Outbound sales', enabled: false, campaign_id: null, team_id: null, agent_id: agents[0].id, mode: 'share', share: 1, per_week: 0, dispositions: [], least_ms: 0, most_ms: 0, early: false, due_days: 2, revision: 4, drawn_until: ago(0), created_by: 'Alice Moreau', drawn: 30, open: 0 },
];
const queue = Array.from({ length: 500 }, (_, i) => ({ attempt_id: uuid(23, i + 1), agent_id: agents[i % agents.length].id, agent: name(i), campaign_id: campaigns[i % 4].id, campaign: campaigns[i % 4].name, card_id: uuid(20, 1), card: i % 4 === 3 ? heads[1].name : 'Outbound sales', called_at: ago(200000 - i * 300), duration_ms: 20000 + (i * 7919) % 500000, disposition: ['sale', 'no_interest', ''][i % 3], due_at: ago(90000 - i * 3000), rules: i % 7 ? ['Two of everybody'] : ['Two of everybody', '早期流失'], gone: i % 40 === 11 }));
const calibrations = [0, 1, 2].map((i) => ({ id: uuid(24, i + 1), title: ['November round', '报价环节校准', 'Hard case: he hangs up'][i], attempt_id: attempts[0].id, agent: name(i), campaign: campaigns[0].name, called_at: ago(90000), card_id: uuid(20, 1), card_version: 3, card: 'Outbound sales', reference_id: i === 1 ? uuid(1, 2) : null, created_by: 'Alice Moreau', created_at: ago(50000), closed_at: i === 0 ? null : ago(4000), asked: 4, submitted: i === 0 ? 2 : 4, mine: i !== 2, done: i !== 0 }));
const judges = (closed, reference) => ['Alice Moreau', '王主管', 'Maximiliana Featherstonehaugh-Cholmondeley', 'Ben Okafor'].map((n, i) => ({ user_id: uuid(1, [2, 77, 78, 79][i]), name: n, submitted: closed || i < 2, reference: !!reference && i === 0, ...(closed ? { sheet: sheet(i) } : {}), score: closed ? [71, 64.5, 88, 70.2][i] : 0, distance: closed ? [0, -6.5, 17, -0.8][i] : 0, by_line: closed ? [0, 11.2, 24.5, 3][i] : 0 }));
const spreads = ['name', 'may', 'rude', 'needs', 'price', 'promise'].map((question, i) => ({ question, n: i === 1 ? 2 : 4, na: i === 1 ? 2 : 0, mean: [100, 50, 100, 55, 62, 100][i], sd: [0, 70.7, 0, 24, 15.5, 0][i], least: [100, 0, 100, 20, 40, 100][i], most: [100, 100, 100, 80, 80, 100][i], right: [100, 100, 100, 60, 70, 100][i], distance: [0, 50, 0, 21, 13, 0][i], agree: [1, 0.33, 1, 0.33, 0.66, 1][i] }));
const weak = (i, own) => ({ agent_id: own ? agents[i % agents.length].id : '00000000-0000-0000-0000-000000000000', agent: own ? name(i) : '', card_id: uuid(20, 1), card: 'Outbound sales', question: ['needs', 'price', 'may', 'promise'][i % 4], text: card.sections.flatMap((s) => s.questions).find((q) => q.id === ['needs', 'price', 'may', 'promise'][i % 4]).text, n: 20 - i % 7, missed: 14 - i % 6, fatal: i % 4 === 3 ? 2 : 0, lost: 27.4 / (1 + i / 3), open: i % 5 === 0 ? 1 : 0, last: uuid(21, i + 1) });
const tasks = Array.from({ length: 6 }, (_, i) => ({ id: uuid(25, i + 1), agent_id: agents[i % agents.length].id, agent: name(i), card_id: uuid(20, 1), question: i % 2 ? 'needs' : '', question_text: i % 2 ? 'Asks for needs before he offers anything' : '', evaluation_id: uuid(21, 1), text: ['Listen to the call of Tuesday together and find three places for a question.', '报价前先确认客户需求，至少提出两个开放式问题。'][i % 2], due_on: i === 1 ? ago(200000) : i === 2 ? ago(-200000) : null, created_by: 'Alice Moreau', created_at: ago(30000 * i), done_at: i > 3 ? ago(1000) : null, done_by: i > 3 ? 'Alice Moreau' : '', outcome: i > 3 ? 'He asks now; look again in two weeks.' : '' }));
const monday = () => { const d = new Date(); d.setUTCHours(0, 0, 0, 0); d.setUTCDate(d.getUTCDate() - ((d.getUTCDay() + 6) % 7)); return d.getTime(); };
const trend = (q) => { const n = Number(q.get('weeks') ?? 12); const agent = q.get('agent_id') ?? ''; return { agent_id: agent || '00000000-0000-0000-0000-000000000000', against: 'team', n: n * 4, mean: 78.2, weeks: Array.from({ length: n }, (_, i) => ({ week: new Date(monday() - (n - 1 - i) * 7 * 86400e3).toISOString(), n: i % 5 === 3 ? 0 : 1 + (i % 4), mean: i % 5 === 3 ? null : 66 + i * 1.6 + Math.sin(i) * 7, half: i % 5 === 3 || i % 4 === 0 ? null : 6 + (i % 3) * 5, team_n: 31, team_mean: agent ? 79 + Math.cos(i / 2) * 2 : null, team_half: agent ? 2.4 : null })) }; };

export const routes = {
  'GET /quality/scorecards': () => ({ items: heads }), 'POST /quality/scorecards': (u, b) => ({ status: 201, body: { ...heads[0], name: b.name, draft: b.body, problems: [], versions: [] } }),
  'GET /quality/scorecards/{}': (u, b, id) => ({ ...(heads.find((h) => h.id === id) ?? heads[0]), draft: id === heads[1].id ? { ...card, sections: [{ ...card.sections[0], title: '' }, card.sections[1]] } : null, problems: id === heads[1].id ? [{ path: 'sections[0].title', reason: 'must have 1 to 120 characters' }] : [], versions: [3, 2, 1].map(version) }),
  'PUT /quality/scorecards/{}/draft': (u, b, id) => ({ ...heads[0], id, draft: b.body, problems: [], versions: [3, 2, 1].map(version) }), 'POST /quality/scorecards/{}/publish': () => ({}), 'POST /quality/scorecards/{}/retire': () => ({}),
  'GET /quality/rules': () => ({ items: rules }), 'POST /quality/rules': (u, b) => ({ status: 201, body: { ...rules[0], ...b } }), 'PUT /quality/rules/{}': (u, b) => ({ ...rules[0], ...b }), 'DELETE /quality/rules/{}': () => ({ status: 422, body: { status: 422, code: 'invalid_input', title: 'x', detail: 'calls that it drew are still to be scored: switch it off instead' } }),
  'GET /quality/queue': () => ({ items: queue }), 'POST /quality/queue/{}/skip': () => ({}),
  'GET /quality/calls/{}': (u, b, id) => ({ attempt_id: id, agent_id: agents[0].id, agent: name(2), campaign_id: campaigns[0].id, campaign: campaigns[0].name, contact_id: uuid(3, 1), contact: '欧阳宁静致远', called_at: ago(9000), disposition: 'sale', seconds: 91.5, evaluation_id: null, card_id: uuid(20, 1) }),
  'GET /quality/evaluations': (u, b, q) => ({ items: all.filter((e) => (!q.get('before')) && (!q.get('state') || (q.get('state') === 'appealed' ? e.appeal === 'open' : q.get('state') === 'fatal' ? e.fatal : true))).slice(0, u.role === 'agent' ? 8 : 100) }),
  'POST /quality/evaluations': (u, b) => ({ status: 201, body: { id: uuid(21, 1), score: 71.25, fatal: false } }),
  'GET /quality/evaluations/{}': (u, b, id) => whole(u, id), 'GET /quality/evaluations/{}/wave': () => ({ peaks: '', marks: [], holds: [] }), 'POST /quality/evaluations/{}/corrections': (u, b, id) => whole(u, id), 'POST /quality/evaluations/{}/decision': (u, b, id) => whole(u, id),
  'POST /quality/evaluations/{}/acknowledge': (u, b, id) => { all.find((e) => e.id === id).acknowledged_at = ago(0); return whole(u, id); }, 'POST /quality/evaluations/{}/appeal': (u, b, id) => { all.find((e) => e.id === id).appeal = 'open'; return whole(u, id); },
  'GET /quality/calibrations': () => ({ items: calibrations }), 'POST /quality/calibrations': () => ({ status: 201, body: calibrations[0] }),
  'GET /quality/calibrations/{}': (u, b, id) => { const x = calibrations.find((c) => c.id === id) ?? calibrations[0]; return { ...x, body: card, judges: judges(!!x.closed_at, x.reference_id), spreads: x.closed_at ? spreads : [], mean: 73.4, sd: 10.1 }; },
  'POST /quality/calibrations/{}/close': () => ({}),
  'GET /quality/coaching': () => ({ agents: Array.from({ length: 40 }, (_, i) => ({ agent_id: agents[i % agents.length].id, agent: name(i), n: 4 + i % 5, score: 48 + i * 1.2, fatal: i % 9 === 2 ? 1 : 0, open: i % 4 === 0 ? 1 : 0 })), pairs: Array.from({ length: 100 }, (_, i) => weak(i, true)), questions: [0, 1, 2, 3].map((i) => weak(i, false)) }),
  'GET /quality/tasks': (u, b, q) => ({ items: tasks.filter((x) => !q.get('open') || !x.done_at) }), 'POST /quality/tasks': (u, b) => ({ status: 201, body: { ...tasks[0], ...b } }), 'POST /quality/tasks/{}/done': () => tasks[5],
  'GET /quality/trend': (u, b, q) => trend(q),
};
